"""How a case ends, and what that does to money and order: the one place where a case is closed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    PARTIES,
    EventType,
    OfferStatus,
    OfferType,
    OutcomeCode,
    Role,
    Status,
)
from buyer_protection.domain.errors import ConflictError
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.ledger import settlement_by, unsettled_by
from buyer_protection.domain.money import Money
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.refunds import refund_id_of
from buyer_protection.domain.timeline import Actor


def agreed_code(offer: OfferType, refund: Money, highest: Money) -> OutcomeCode:
    """What an accepted proposal amounts to: the code speaks of the money, measured by all that is left (R39)."""
    if offer is OfferType.REFUND_WITH_RETURN:
        return OutcomeCode.AGREED_REFUND_WITH_RETURN
    if refund.is_zero():
        return OutcomeCode.AGREED_NO_REFUND
    return OutcomeCode.AGREED_FULL_REFUND if refund == highest else OutcomeCode.AGREED_PARTIAL_REFUND


def check_left(case: Dispute, refund: Money, *, rule: str) -> Money:
    """Itself; 409 `MORE_THAN_IS_LEFT` above what is left now (R39)."""
    if refund.amount_minor > case.grantable.amount_minor:
        raise ConflictError(
            f"Only {case.grantable.amount_minor} minor units are left to refund.",
            code="MORE_THAN_IS_LEFT",
            rule=rule,
            max_refundable=case.grantable,
        )
    return refund


def within_left(case: Dispute, settlement: Outcome) -> tuple[Outcome, dict[str, Any]]:
    """R39: what is paid of what was agreed or decided: what is left, where that is less; and what to say of it."""
    agreed = settlement.refund
    if agreed.amount_minor <= case.grantable.amount_minor:
        return settlement, {}
    return replace(settlement, refund=case.grantable), {"agreed_minor": agreed.amount_minor}


def lapsing(case: Dispute, accepted: str | None = None) -> dict[str, OfferStatus]:
    """What becomes of the standing proposals when the talking ends (R15)."""
    of_team = case.proposal.offer if case.proposal else None
    standing = (of_team, *(case.side(role).offer for role in PARTIES))
    closed = {offer.offer_id: OfferStatus.LAPSED for offer in standing if offer is not None}
    if accepted is not None:
        closed[accepted] = OfferStatus.ACCEPTED
    return closed


def close(
    case: Dispute,
    now: datetime,
    actor: Actor,
    kind: EventType,
    status: Status,
    outcome: Outcome,
    data: Mapping[str, Any] | None = None,
    *,
    accepted: str | None = None,
    guard: Guard | None = None,
) -> Change:
    """The case in a terminal status: windows stop, proposals lapse, a refund is requested where one is due.

    What was agreed or decided cannot be disputed anew (R25): the order is finished, unless the dispute left some of
    its items out, which stay disputable. Like after a cancellation, such an order gets its clock back (R13, R28).
    """
    details = {
        "order_id": case.order_id,
        "outcome": outcome.code,
        "refund_minor": outcome.refund.amount_minor,
        "currency": outcome.refund.currency,
        **(data or {}),
    }
    refund = None
    if not outcome.refund.is_zero():
        refund = Refund(refund_id_of(case.dispute_id), case.dispute_id, case.order_id, outcome.refund, now)
    after = replace(
        case.without_offers(),
        status=status,
        closed_at=now,
        outcome=outcome,
        refund_status=None if refund is None else refund.status,
    )
    change = case.record(now, actor, kind, details, after, guard)
    settles_nothing = status is Status.CANCELLED
    settles = unsettled_by(case) if settles_nothing else settlement_by(case, outcome.refund)
    finishes = not settles_nothing and not case.undisputed
    return replace(
        change,
        settles=settles,
        closed_offers=lapsing(case, accepted),
        refund=refund,
        finishes_order=finishes,
        releases_order=not finishes,
    )


def await_return(
    case: Dispute,
    now: datetime,
    actor: Actor,
    kind: EventType,
    settlement: Outcome,
    data: Mapping[str, Any],
    *,
    accepted: str | None = None,
) -> Change:
    """R36: the refund is agreed or decided, and is paid once the goods are back."""
    details = {
        "outcome": settlement.code,
        "refund_minor": settlement.refund.amount_minor,
        "currency": settlement.refund.currency,
        "return_required": True,
        **data,
    }
    after = replace(
        case.without_offers(),
        status=Status.AWAITING_RETURN,
        settlement=settlement,
        return_shipment_due_at=now + case.policy.days(case.policy.return_shipment_days),
    )
    change = case.record(now, actor, kind, details, after)
    return replace(change, closed_offers=lapsing(case, accepted))


def under_review(case: Dispute, due: datetime) -> Dispute:
    """The case before the team, which is to decide by then (R24, R36)."""
    return replace(
        case,
        status=Status.UNDER_REVIEW,
        decision_due_at=due,
        missed_noted=False,
        evidence_asked_of=None,
        evidence_answered=False,
        evidence_replied=(),
        evidence_window_until=None,
        uploads_awaited=False,
        buyer_reply_until=None,
        seller_reply_until=None,
    )


def terminal_status_of(outcome: Outcome) -> Status:
    """RESOLVED where the parties agreed, DECIDED where the team ruled."""
    return Status.DECIDED if outcome.decided_by is Role.CASE_MANAGER else Status.RESOLVED


def grants_request(case: Dispute) -> bool:
    """Whether the opening request can be granted: whole, or what money given back elsewhere left of it (R51)."""
    left, elsewhere = case.grantable.amount_minor, max(0, sum(case.given_back.values()))
    return left > 0 and case.requested_refund.amount_minor <= left + elsewhere


def exceeds_left(change: Change) -> bool:
    """Whether it gives back more than its case could grant: no store takes that (R39)."""
    refund, left = change.refund, change.before.grantable
    return refund is not None and refund.amount.amount_minor > left.amount_minor
