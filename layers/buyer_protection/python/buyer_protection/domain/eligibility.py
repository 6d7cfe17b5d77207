"""When a dispute about an order may be opened, and when its buyer may complete it (R1 to R9, R12, R13)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.errors import ConflictError, LimitReachedError, WindowNotOpenError
from buyer_protection.domain.ledger import disputable_items, refundable
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import DisputedItem, Order, OrderLedger
from buyer_protection.domain.policy import Policy

# How an order ends by its buyer's word.
RECEIPT_CONFIRMED = "RECEIPT_CONFIRMED"


class Eligibility(NamedTuple):
    """Whether the buyer may open a dispute now. An answer, never an error: `code` and `rule` say why not."""

    eligible: bool
    code: str | None
    rule: str | None
    opens_at: datetime | None
    closes_at: datetime | None
    max_refundable: Money


def check_may_open(
    order: Order, ledger: OrderLedger, disputed: Sequence[DisputedItem], policy: Policy, now: datetime
) -> None:
    """Raise the first rule that forbids opening a dispute now: R2, R12, R2, R9, R7 (R6), R28, R11, in this order.

    Everything here is checked again by the write's own conditions; this gives the good explanation.
    """
    if ledger.finished_at is not None:
        raise ConflictError(
            "The order is completed.", code="ORDER_COMPLETED", rule="R2", deadline=ledger.finished_at
        )
    if ledger.active_dispute_id is not None:
        raise ConflictError(
            "This order already has an open dispute.",
            code="DISPUTE_EXISTS",
            rule="R12",
            dispute_id=ledger.active_dispute_id,
        )
    opens_at = order.dispute_opens_at(policy, [item.item_id for item in disputed])
    completion_at = order.completion_at(policy)
    if completion_at is not None and now >= completion_at:
        raise ConflictError(
            "The order is completed.", code="ORDER_COMPLETED", rule="R2", deadline=completion_at
        )
    if opens_at is None:
        raise ConflictError("Not everything in dispute has been shipped yet.", code="NOT_SHIPPED", rule="R9")
    if now < opens_at:
        is_for_contact = policy.contact_time > policy.promise_time(order.guaranteed_delivery_days)
        raise WindowNotOpenError(
            "A dispute about this order cannot be opened yet.",
            rule="R6" if is_for_contact else "R7",
            available_at=opens_at,
        )
    if ledger.disputes_opened >= policy.max_disputes_per_order:
        raise LimitReachedError(
            f"An order can have at most {policy.max_disputes_per_order} disputes.", rule="R28"
        )
    if refundable(order, ledger, disputed).is_zero():
        raise ConflictError("Nothing that was paid is left to refund.", code="NOTHING_TO_REFUND", rule="R11")


def finish_by_receipt(order: Order, ledger: OrderLedger, policy: Policy, now: datetime) -> OrderLedger:
    """R3, R13: the buyer's receipt completes the order at once, unless a dispute holds it or it is completed.

    What has not been shipped as a whole cannot have been received (409 `NOT_SHIPPED`).
    """
    if ledger.active_dispute_id is not None:
        raise ConflictError(
            "A dispute about this order is open; it ends before the order completes.",
            code="DISPUTE_OPEN",
            rule="R13",
            dispute_id=ledger.active_dispute_id,
        )
    completion_at = order.completion_at(policy)
    if ledger.finished_at is not None or (completion_at is not None and now >= completion_at):
        done = ledger.finished_at or completion_at
        raise ConflictError("The order is completed.", code="ORDER_COMPLETED", rule="R2", deadline=done)
    if order.shipped_at() is None:
        raise ConflictError(
            "Not everything in the order has been shipped yet.", code="NOT_SHIPPED", rule="R9"
        )
    return replace(ledger, version=ledger.version + 1, finished_at=now, finished_by=RECEIPT_CONFIRMED)


def eligibility(order: Order, ledger: OrderLedger, policy: Policy, now: datetime) -> Eligibility:
    """R2, R7 to R9, R12 as an answer for the order page."""
    disputed = disputable_items(order, ledger)
    code = rule = None
    try:
        check_may_open(order, ledger, disputed, policy, now)
    except (ConflictError, LimitReachedError) as refusal:
        code, rule = refusal.code, refusal.rule
    return Eligibility(
        eligible=code is None,
        code=code,
        rule=rule,
        opens_at=order.dispute_opens_at(policy),
        closes_at=order.completion_at(policy),
        max_refundable=refundable(order, ledger, disputed),
    )
