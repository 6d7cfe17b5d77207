"""What a mail may advise its reader: what would be taken when it leaves (R50)."""

from datetime import datetime

from buyer_protection.domain.available_actions import available_actions
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import PARTIES, Action, Role

_SETTLING = frozenset({Action.ACCEPT_OFFER, Action.ACCEPT_REQUEST, Action.MAKE_OFFER})


def steps_of(case: Dispute, reader: Role, now: datetime) -> frozenset[str]:
    """The reader's actions that are open now. No offer where nothing is left to be offered."""
    offered = {one.action for one in available_actions(case, reader, now) if one.available_from <= now}
    return frozenset(offered - {Action.MAKE_OFFER} if case.grantable.is_zero() else offered)


def can_agree(case: Dispute, now: datetime) -> bool:
    """Whether an agreement can still be reached: an offer can be made, or be accepted, by either side."""
    return any(not _SETTLING.isdisjoint(steps_of(case, role, now)) for role in PARTIES)
