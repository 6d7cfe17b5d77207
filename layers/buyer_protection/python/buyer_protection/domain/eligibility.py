"""When a dispute about an order may be opened, and when its buyer may complete it (R1 to R9, R12, R13)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from buyer_protection.domain.errors import (
    ConflictError,
    FieldError,
    InvalidRequestError,
    LimitReachedError,
    Place,
    WindowNotOpenError,
)
from buyer_protection.domain.ledger import disputable_items, refundable, settled_before
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import DisputedItem, Order, OrderLedger
from buyer_protection.domain.policy import Policy

# How an order ends by its buyer's word.
RECEIPT_CONFIRMED = "RECEIPT_CONFIRMED"


class Eligibility(NamedTuple):
    """Whether the buyer may open a dispute now. An answer, never an error: `code` and `rule` say why not.

    `about` names the lines that the answer is about: an opening that names these, and no others, is what it promises.
    `items` is the same of each line by itself, for those of its units that can still be disputed.
    """

    eligible: bool
    code: str | None
    rule: str | None
    opens_at: datetime | None
    closes_at: datetime | None
    max_refundable: Money
    about: tuple[str, ...] = ()
    items: "Mapping[str, Eligibility]" = MappingProxyType({})


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


def eligibility(
    order: Order, ledger: OrderLedger, policy: Policy, now: datetime, item_ids: Sequence[str] = ()
) -> Eligibility:
    """R2, R7 to R9, R12 as an answer for the order page: of each line, and of all that are asked about together.

    Where nothing is asked about and not all of the order can be disputed yet, it is about those lines that can; where
    none can, about the one that can be disputed first. 400 for what is not on the order.
    """
    lines = [item.item_id for item in order.items]
    for item_id in item_ids:
        if item_id not in lines:
            wrong = [FieldError("/item_id", "NOT_ON_ORDER")]
            raise InvalidRequestError(
                "There is no such item on the order.", rule="R1", fields=wrong, fields_in=Place.QUERY
            )
    units = {item.item_id: item for item in disputable_items(order, ledger)}

    def of(names: Sequence[str]) -> Eligibility:
        return _answered(order, ledger, [units.get(it, DisputedItem(it, 0)) for it in names], policy, now)

    items = {item_id: of([item_id]) for item_id in lines if not item_ids or item_id in item_ids}
    if item_ids:
        return of(list(items))._replace(items=items)
    return _of_whole(of, list(units), items)._replace(items=items)


def _of_whole(
    of: Callable[[Sequence[str]], Eligibility], names: Sequence[str], items: Mapping[str, Eligibility]
) -> Eligibility:
    whole = of(names)
    if whole.eligible:
        return whole
    possible = [name for name in names if items[name].eligible]
    if possible:
        return of(possible)
    opening = [(opens_at, name) for name in names if (opens_at := items[name].opens_at) is not None]
    if not opening or whole.opens_at is not None:
        return whole
    _, first = min(opening)
    return items[first]._replace(max_refundable=whole.max_refundable)


def _answered(
    order: Order, ledger: OrderLedger, disputed: Sequence[DisputedItem], policy: Policy, now: datetime
) -> Eligibility:
    """As an opening about exactly these would be."""
    code = rule = None
    open_units = [item for item in disputed if item.quantity]
    try:
        if ledger.finished_at is None and len(open_units) < len(disputed):
            raise settled_before()
        check_may_open(order, ledger, disputed, policy, now)
    except ConflictError as refusal:
        code, rule = refusal.code, refusal.rule
    return Eligibility(
        eligible=code is None,
        code=code,
        rule=rule,
        opens_at=order.dispute_opens_at(policy, [item.item_id for item in disputed]),
        closes_at=order.completion_at(policy),
        max_refundable=refundable(order, ledger, open_units),
        about=tuple(item.item_id for item in disputed),
    )
