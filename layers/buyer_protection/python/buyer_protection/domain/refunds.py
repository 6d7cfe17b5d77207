"""What the shop's payment system says of a refund, held against the case that asked for it.

An answer never changes money, status or outcome: it is noted on the closed case, and ends the asking or prolongs it.
"""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.dispute import Change, Dispute, Guard
from buyer_protection.domain.enums import EventType, RefundStatus
from buyer_protection.domain.errors import ConflictError, NotFoundError
from buyer_protection.domain.ledger import left_of, refundable
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import DisputedItem, Order, OrderItem, OrderLedger
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.timeline import CLOCK, PAYMENT, instant

# How often a refund that failed is asked for in all, before a person must look at it.
MAX_ATTEMPTS = 5

_PREFIX = "rf-"


def refund_id_of(dispute_id: str) -> str:
    """The id of a case's one refund: the payment system's own key against paying twice."""
    return f"{_PREFIX}{dispute_id}"


def dispute_id_of(refund_id: str) -> str:
    """The case behind a refund's id; NotFoundError where the text is no refund id of ours."""
    if not refund_id.startswith(_PREFIX):
        raise NotFoundError
    return refund_id.removeprefix(_PREFIX)


def needs_operator(refund: Refund) -> bool:
    """Whether it has failed so often that it is not asked for any more."""
    return refund.attempt > MAX_ATTEMPTS


class RefundAnswer(NamedTuple):
    """SUCCEEDED or FAILED, of exactly this amount; `note` is the payment's reference, or why it failed."""

    status: RefundStatus
    amount: Money
    occurred_at: datetime
    note: str = ""


def fits(case: Dispute, refund: Refund, order: Order, ledger: OrderLedger) -> bool:
    """R39: whether what the case ended with is still left, by what its ledger says was given back since.

    Amounts are taken as they were when the case was opened: what the shop says of them since bears on later grants.
    """
    if case.ledger_version is None:
        # Opened before units were counted.
        return ledger.refunded_minor + ledger.elsewhere_minor <= case.order_paid.amount_minor
    settled = tuple(one for one in ledger.settlements if one.dispute_id != case.dispute_id)
    if len(settled) == len(ledger.settlements):
        return False
    before = ledger.refunded_minor - refund.amount.amount_minor
    without = replace(ledger, settlements=settled, refunded_minor=before)
    then = _as_opened(case, order)
    units = [DisputedItem(item.item_id, item.quantity) for item in case.items]
    left = min(left_of(case, then, without).amount_minor, refundable(then, without, units).amount_minor)
    return refund.amount.amount_minor <= left


def is_of(case: Dispute, refund: Refund) -> bool:
    """Whether the case ended with exactly this refund: what no case ended with is never paid."""
    ended = case.outcome is not None and case.is_closed and case.outcome.refund == refund.amount
    ours = refund.refund_id == refund_id_of(case.dispute_id), refund.order_id == case.order_id
    return ended and not refund.amount.is_zero() and all(ours)


def _as_opened(case: Dispute, order: Order) -> Order:
    """The order with at least those amounts for the disputed units that the case was opened with."""
    lines = {line.item_id: line for line in order.items}
    for item in case.items:
        line = lines.get(item.item_id)
        least = item.amount_minor or 0
        if line is None:
            lines[item.item_id] = OrderItem(item.item_id, item.title, item.quantity, least)
        elif line.amount_minor < least:
            lines[item.item_id] = replace(line, amount_minor=least)
    shipping = max(order.shipping_amount_minor, case.shipping_minor)
    return replace(order, items=tuple(lines.values()), shipping_amount_minor=shipping)


def hold(case: Dispute, now: datetime) -> Change:
    """R39: the refund does not leave, because it no longer fits into what the order has left."""
    return _noted(case, EventType.REFUND_HELD, RefundStatus.HELD, now)


def release(case: Dispute, now: datetime) -> Change:
    """R39: it fits again, and is asked for."""
    return _noted(case, EventType.REFUND_RELEASED, RefundStatus.REQUESTED, now)


def _noted(case: Dispute, kind: EventType, status: RefundStatus, now: datetime) -> Change:
    if case.outcome is None:
        raise AssertionError("a refund is of a case that has ended")
    refund = case.outcome.refund
    data = {
        "refund_id": refund_id_of(case.dispute_id),
        "refund_minor": refund.amount_minor,
        "currency": refund.currency,
    }
    return case.record(now, CLOCK, kind, data, replace(case, refund_status=status), Guard.NONE)


def note_answer(case: Dispute, answer: RefundAnswer, now: datetime) -> Change | None:
    """The answer as an entry of the timeline; None where it is known already.

    409 `REFUND_UNKNOWN` where the case asked for none, `REFUND_AMOUNT_DIFFERS` for another amount or currency,
    `REFUND_SUCCEEDED` for a failure after the success, `REFUND_PAID_TWICE` for a success under another reference than
    the known one. A success after a failure is taken.
    """
    if case.outcome is None or case.outcome.refund.is_zero():
        raise ConflictError("This case asked for no refund.", code="REFUND_UNKNOWN")
    if answer.amount != case.outcome.refund:
        raise ConflictError("The amount is not the one that was asked for.", code="REFUND_AMOUNT_DIFFERS")
    if answer.status is case.refund_status:
        other = case.refund_reference and answer.note and answer.note != case.refund_reference
        if answer.status is RefundStatus.SUCCEEDED and other:
            raise ConflictError("It was paid under another reference already.", code="REFUND_PAID_TWICE")
        return None
    if case.refund_status is RefundStatus.SUCCEEDED:
        raise ConflictError("The refund has succeeded already.", code="REFUND_SUCCEEDED")
    succeeded = answer.status is RefundStatus.SUCCEEDED
    data = {
        "refund_id": refund_id_of(case.dispute_id),
        "refund_minor": answer.amount.amount_minor,
        "currency": answer.amount.currency,
        "occurred_at": instant(answer.occurred_at),
        "reference" if succeeded else "reason": answer.note or None,
    }
    kind = EventType.REFUND_SUCCEEDED if succeeded else EventType.REFUND_FAILED
    reference = answer.note if succeeded else ""
    after = replace(case, refund_status=answer.status, refund_reference=reference)
    return case.record(now, PAYMENT, kind, data, after, Guard.NONE)
