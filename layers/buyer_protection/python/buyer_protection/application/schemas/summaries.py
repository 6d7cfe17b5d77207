"""What a list says of each dispute: enough for a row of a page, in less than a kilobyte."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from buyer_protection.application.schemas.amounts import MoneyDocument, money
from buyer_protection.application.schemas.instants import At, at
from buyer_protection.domain.available_actions import must_act, party_state
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import OfferType, OutcomeCode, PartyState, Reason, Role, Stage, Status
from buyer_protection.domain.order import CaseItem, OrderItem
from buyer_protection.domain.timeline import instant

_TITLES, _LONGEST_TITLE = 3, 40


class DeadlineSummary(Struct, frozen=True):
    """The instant at which the present window ends.

    name: the window: `NEGOTIATION`, `EVIDENCE`, `DECISION`, `RETURN_SHIPMENT` or `RETURN_RECEIPT`.
    due_at: its end; a decision that is late keeps the instant that was promised.
    """

    name: str
    due_at: At


class OfferSummary(Struct, frozen=True):
    """The newest standing proposal, in short.

    made_by: the side that made it. type: with or without a return, or no refund. refund: the amount.
    """

    made_by: Role
    type: OfferType
    refund: MoneyDocument


class OutcomeSummary(Struct, frozen=True):
    """How a closed dispute ended.

    code: which end. refund: what it gives back.
    """

    code: OutcomeCode
    refund: MoneyDocument


class DisputeSummary(Struct, frozen=True, omit_defaults=True):
    """A dispute as one reader's list shows it; `GET /disputes/{dispute_id}` says the rest.

    titles: of the first three disputed lines, each cut after 40 characters; items: how many lines are disputed.
    party_state: what the dispute asks of the reader. requested_refund: what the buyer asked for last.
    max_refundable: what is left to grant.
    next_deadline: absent once it is closed. current_offer: absent where none stands. outcome, closed_at: once closed.
    has_unread_messages: whether the reader was informed of a message and has not read it; for parties.
    assigned_to: who of the team has the claim; for the team alone, absent where nobody has.
    updated_at: when the last thing that is reported happened.
    """

    dispute_id: str
    order_id: str
    buyer_id: str
    seller_id: str
    titles: Sequence[str]
    items: int
    reason: Reason
    stage: Stage
    status: Status
    party_state: PartyState
    action_required: bool
    requested_refund: MoneyDocument
    max_refundable: MoneyDocument
    opened_at: At
    updated_at: At
    next_deadline: DeadlineSummary | UnsetType = UNSET
    current_offer: OfferSummary | UnsetType = UNSET
    outcome: OutcomeSummary | UnsetType = UNSET
    closed_at: At | UnsetType = UNSET
    has_unread_messages: bool | UnsetType = UNSET
    assigned_to: str | UnsetType = UNSET


class UnreadableDispute(Struct, frozen=True):
    """In place of a dispute that this version of the service cannot read; the rest of the list is whole.

    dispute_id: which one. unreadable: always true.
    """

    dispute_id: str
    unreadable: Literal[True] = True


def dispute_summary(case: Dispute, reader: Role, now: datetime) -> DisputeSummary:
    """The case in short, as this reader sees it at this instant."""
    return DisputeSummary(
        dispute_id=case.dispute_id,
        order_id=case.order_id,
        buyer_id=case.buyer_id,
        seller_id=case.seller_id,
        titles=titles_of(case.items),
        items=len(case.items),
        reason=case.reason,
        stage=case.stage,
        status=case.status,
        party_state=party_state(case, reader, now),
        action_required=reader in must_act(case, now),
        requested_refund=money(case.asked),
        max_refundable=money(case.grantable),
        opened_at=instant(case.opened_at),
        updated_at=instant(case.updated_at or case.opened_at),
        next_deadline=_next_deadline(case),
        current_offer=_current_offer(case),
        outcome=OutcomeSummary(case.outcome.code, money(case.outcome.refund)) if case.outcome else UNSET,
        closed_at=at(case.closed_at) or UNSET,
        has_unread_messages=case.side(reader).has_unread if reader in (Role.BUYER, Role.SELLER) else UNSET,
        # R45: who of the team has the claim is for the team alone.
        assigned_to=case.assigned_to or UNSET if reader is Role.CASE_MANAGER else UNSET,
    )


def titles_of(items: Sequence[CaseItem] | Sequence[OrderItem]) -> list[str]:
    """The first titles, cut."""
    return [item.title[:_LONGEST_TITLE] for item in items[:_TITLES]]


def _next_deadline(case: Dispute) -> DeadlineSummary | UnsetType:
    window = case.window
    due = window.due(case) if window is not None else None
    return UNSET if window is None or due is None else DeadlineSummary(window.name, instant(due))


def _current_offer(case: Dispute) -> OfferSummary | UnsetType:
    offer = case.current_offer
    if offer is None:
        return UNSET
    maker = Role.BUYER if offer == case.side(Role.BUYER).offer else Role.SELLER
    return OfferSummary(maker, offer.type, money(offer.refund))
