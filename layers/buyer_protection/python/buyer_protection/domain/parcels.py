"""What the parcel's journey means for a case: changing the reason, cancelling, being delivered (R27 to R31)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from buyer_protection.domain.dispute import Change, Dispute, Guard, Outcome
from buyer_protection.domain.enums import (
    Action,
    EventType,
    OutcomeCode,
    Reason,
    Role,
    Status,
    SubReason,
    TrackingStatus,
)
from buyer_protection.domain.errors import ConflictError, FieldError, InvalidRequestError
from buyer_protection.domain.evidence_window import answerable, opened, rescheduled
from buyer_protection.domain.money import zero
from buyer_protection.domain.opening import check_sub_reason
from buyer_protection.domain.order import Order, OrderLedger, ParcelTracking
from buyer_protection.domain.permissions import check
from buyer_protection.domain.settlement import close
from buyer_protection.domain.timeline import CARRIER, Actor, instant


def change_reason(
    case: Dispute,
    actor: Actor,
    reason: Reason,
    sub_reason: SubReason | None,
    description: str | None,
    now: datetime,
) -> Change:
    """R27: NOT_RECEIVED becomes NOT_AS_DESCRIBED within five days of the delivery; never the other way.

    In the same time the sub-reason can be corrected within either reason.
    """
    check(case, actor.role, Action.CHANGE_REASON, now)
    check_sub_reason(reason, sub_reason)
    is_correction = reason is case.reason and sub_reason not in (None, case.sub_reason)
    is_change = case.reason is Reason.NOT_RECEIVED and reason is Reason.NOT_AS_DESCRIBED
    if not (is_change or is_correction):
        raise ConflictError(
            "Only NOT_RECEIVED can become NOT_AS_DESCRIBED; within a reason, the sub-reason can be corrected.",
            code="REASON_CHANGE_CLOSED",
            rule="R27",
        )
    due = case.reason_closes_at
    if due is not None and now >= due:
        raise ConflictError(
            "The reason can no longer be changed.", code="REASON_CHANGE_CLOSED", rule="R27", deadline=due
        )
    if is_correction:
        return _corrected(case, actor, sub_reason, description, now)
    received_at = case.delivered_at or now
    data: dict[str, object] = {
        "reason": reason,
        "sub_reason": sub_reason,
        "previous_reason": case.reason,
        "received_at": instant(received_at),
    }
    after = replace(
        case,
        reason=reason,
        sub_reason=sub_reason,
        description=case.description if description is None else description,
        buyer_received_at=None if case.delivered_at else now,
    )
    after = _to_be_answered(after, now)
    is_other = (after.status, after.evidence_due_at) != (case.status, case.evidence_due_at)
    if is_other and after.evidence_due_at is not None:
        data["evidence_due_at"] = instant(after.evidence_due_at)
    return case.record(now, actor, EventType.REASON_CHANGED, data, after)


def _corrected(
    case: Dispute, actor: Actor, sub_reason: SubReason | None, description: str | None, now: datetime
) -> Change:
    """The reason said more precisely: it opens no window, as it can be done again and again."""
    data = {
        "reason": case.reason,
        "sub_reason": sub_reason,
        "previous_reason": case.reason,
        "previous_sub_reason": case.sub_reason,
    }
    words = case.description if description is None else description
    after = replace(case, sub_reason=sub_reason, description=words)
    return case.record(now, actor, EventType.REASON_CHANGED, data, after)


def _to_be_answered(case: Dispute, now: datetime) -> Dispute:
    """R43: a changed reason during a review gives the seller a policy day; during the window for evidence it can be
    answered like a late item."""
    if case.status is Status.UNDER_REVIEW:
        return opened(case, now + case.policy.days(1), Role.SELLER)
    return rescheduled(answerable(case, Role.BUYER, now), now)


def cancel(case: Dispute, actor: Actor, *, acknowledge_consequences: bool, now: datetime) -> Change:
    """R28: the buyer ends the dispute; the order gets its clock back (R13)."""
    check(case, actor.role, Action.CANCEL, now)
    if not acknowledge_consequences:
        raise InvalidRequestError(
            "Cancelling stops the dispute and lets the order complete: acknowledge it.",
            rule="R28",
            fields=[FieldError("/acknowledge_consequences", "MUST_BE_TRUE")],
        )
    outcome = Outcome(OutcomeCode.CANCELLED_BY_BUYER, zero(case.max_refundable.currency), False, Role.BUYER)
    return close(case, now, actor, EventType.CANCELLED, Status.CANCELLED, outcome)


def register_delivery(case: Dispute, delivered_at: datetime, now: datetime) -> Change | None:
    """R30: the carrier's first DELIVERED during an open case. Closes nothing; None where it is known already."""
    if case.is_closed or case.delivered_at is not None:
        return None
    data = {"delivered_at": instant(delivered_at), "reason": case.reason}
    after = replace(case, delivered_at=delivered_at)
    return case.record(now, CARRIER, EventType.DELIVERED, data, after, Guard.NONE)


def can_reopen_until(case: Dispute, now: datetime) -> datetime | None:
    """R28: until when a new dispute about the order could be opened; None where none can.

    What the order said at the opening: where the shop has changed it since, eligibility knows better.
    """
    until = case.reopen_until
    return until if case.status is Status.CANCELLED and until is not None and now < until else None


def merged(known: ParcelTracking | None, status: TrackingStatus, occurred_at: datetime) -> ParcelTracking:
    """The newest status by `occurred_at`, and the first delivery; whatever order the events arrive in (R29)."""
    delivered = [known.delivered_at] if known and known.delivered_at else []
    if is_delivery(status):
        delivered.append(occurred_at)
    delivered_at = min(delivered, default=None)
    if known is not None and known.occurred_at >= occurred_at:
        return ParcelTracking(known.status, known.occurred_at, delivered_at)
    return ParcelTracking(status, occurred_at, delivered_at)


def is_delivery(status: TrackingStatus) -> bool:
    """Whether the carrier says that the parcel has arrived."""
    return status is TrackingStatus.DELIVERED


def finishes_order(order: Order, ledger: OrderLedger, tracking: Mapping[str, ParcelTracking]) -> str | None:
    """R31: an order whose parcels have all ended, one uncollected, is finished, unless a dispute is open.

    `tracking` is what all events add up to, this one included: a parcel that was delivered after all, or another one
    that is still on its way, finishes nothing (R29). The cause, or None.
    """
    if ledger.active_dispute_id is not None or ledger.finished_at is not None:
        return None
    parcels = [tracking.get(shipment.shipment_id) for shipment in order.shipments]
    ended = all(parcel is not None and (_uncollected(parcel) or parcel.delivered_at) for parcel in parcels)
    return (
        "COLLECTION_EXPIRED" if ended and any(parcel and _uncollected(parcel) for parcel in parcels) else None
    )


def _uncollected(parcel: ParcelTracking) -> bool:
    return parcel.status is TrackingStatus.COLLECTION_EXPIRED and parcel.delivered_at is None
