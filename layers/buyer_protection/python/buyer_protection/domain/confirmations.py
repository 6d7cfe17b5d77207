"""The second confirmation of a ruling above an amount at stake (R47): made by one member, confirmed by another."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.claim import take_effect
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import Action
from buyer_protection.domain.errors import ConflictError, ForbiddenError, NotFoundError
from buyer_protection.domain.permissions import check
from buyer_protection.domain.rulings import KeptRuling, RulingStatus, WaitingRuling
from buyer_protection.domain.timeline import Actor


def needs_confirmation(case: Dispute, above: Mapping[str, int]) -> bool:
    """Whether what the buyer asked for, whoever wins, is more than the stage lets one member decide alone.

    `above`: minor units by currency; one that is not named needs no confirmation.
    """
    limit = above.get(case.asked.currency)
    return limit is not None and case.asked.amount_minor > limit


def wait(case: Dispute, actor: Actor, outcome: Outcome, decision_id: str, now: datetime) -> KeptRuling:
    """The ruling as it waits; the case itself does not change (R45)."""
    return KeptRuling(decision_id, actor.actor_id, now, outcome, case.asked)


def waiting(case: Dispute, kept: KeptRuling) -> Dispute:
    """The case with this ruling beside it."""
    return replace(case, waiting_ruling=WaitingRuling(kept.decision_id, kept.made_by))


def status_of(case: Dispute, kept: KeptRuling) -> RulingStatus:
    """Where the ruling stands: VOID once a step has changed the case since."""
    is_waiting = case.waiting_ruling is not None and case.waiting_ruling.decision_id == kept.decision_id
    return RulingStatus.VOID if kept.status is RulingStatus.WAITING and not is_waiting else kept.status


def confirm(case: Dispute, actor: Actor, kept: KeptRuling | None, now: datetime) -> Change:
    """A second member lets the ruling take effect, as its maker gave it."""
    found = _of_another(case, actor, kept, Action.CONFIRM_DECISION, now)
    change = take_effect(case, actor, found.outcome, now)
    return replace(change, ruling=_settled(found, RulingStatus.CONFIRMED, actor, now))


def refuse(case: Dispute, actor: Actor, kept: KeptRuling | None, now: datetime) -> KeptRuling:
    """A second member refuses the ruling: the claim is to be decided anew."""
    found = _of_another(case, actor, kept, Action.REFUSE_DECISION, now)
    return _settled(found, RulingStatus.REFUSED, actor, now)


def withdraw(case: Dispute, actor: Actor, kept: KeptRuling | None, now: datetime) -> KeptRuling:
    """Its maker takes the ruling back before anybody has confirmed it."""
    found = _found(case, actor, kept, Action.WITHDRAW_DECISION, now)
    if found.made_by != actor.actor_id:
        raise ForbiddenError("Only its maker withdraws a ruling.", rule="R47")
    return _settled(_current(case, found), RulingStatus.WITHDRAWN, actor, now)


def _of_another(
    case: Dispute, actor: Actor, kept: KeptRuling | None, action: Action, now: datetime
) -> KeptRuling:
    found = _found(case, actor, kept, action, now)
    if found.made_by == actor.actor_id:
        raise ForbiddenError("A second member of the team confirms or refuses a ruling.", rule="R47")
    return _current(case, found)


def _found(case: Dispute, actor: Actor, kept: KeptRuling | None, action: Action, now: datetime) -> KeptRuling:
    check(case, actor.role, action, now)
    if kept is None:
        raise NotFoundError(rule="R47")
    return kept


def _current(case: Dispute, kept: KeptRuling) -> KeptRuling:
    if status_of(case, kept) is not RulingStatus.WAITING:
        raise ConflictError(
            "This ruling no longer waits for a confirmation.", code="DECISION_NOT_CURRENT", rule="R47"
        )
    return kept


def _settled(kept: KeptRuling, status: RulingStatus, actor: Actor, now: datetime) -> KeptRuling:
    return replace(kept, status=status, settled_by=actor.actor_id, settled_at=now)
