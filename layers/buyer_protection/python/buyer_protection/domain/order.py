"""The order as the dispute system sees it, and when a dispute about it may be opened (R1 to R9, R12, R13, R31)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.enums import DeliveryMethod, TrackingStatus
from buyer_protection.domain.errors import (
    ConflictError,
    FieldError,
    InvalidRequestError,
    LimitReachedError,
    WindowNotOpenError,
)
from buyer_protection.domain.money import Money
from buyer_protection.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Contact:
    """How a party is written to. Never part of an answer to the other side."""

    email: str
    name: str
    locale: str = "en"
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One line of an order; `amount_minor` is what was paid for all its units together."""

    item_id: str
    title: str
    quantity: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """One parcel. No `item_ids` means that it carries the whole order."""

    shipment_id: str
    carrier: str
    tracking_number: str
    shipped_at: datetime
    delivery_method: DeliveryMethod = DeliveryMethod.DRIVER_RELEASE
    item_ids: tuple[str, ...] = ()

    def carries(self, item_id: str) -> bool:
        """Whether the item travels in this parcel."""
        return not self.item_ids or item_id in self.item_ids


@dataclass(frozen=True, slots=True)
class DisputedItem:
    """What a dispute is about: so many units of one line."""

    item_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Order:
    """The shop's projection of an order. Replaced whole by each upsert."""

    order_id: str
    buyer_id: str
    seller_id: str
    buyer: Contact
    seller: Contact
    currency: str
    items: tuple[OrderItem, ...]
    placed_at: datetime
    shipments: tuple[Shipment, ...]
    guaranteed_delivery_days: int
    explicit_completion_at: datetime | None = None
    address_lines: tuple[str, ...] = ()
    postal_code: str = ""
    country: str = ""

    def shipments_of(self, item_ids: Sequence[str]) -> tuple[Shipment, ...]:
        """The parcels that carry any of these items."""
        return tuple(s for s in self.shipments if any(s.carries(item_id) for item_id in item_ids))

    def shipped_at(self, item_ids: Sequence[str] = ()) -> datetime | None:
        """When the last parcel of these items (of all, by default) left; None while one has not (R7, R9)."""
        wanted = tuple(item_ids) or tuple(item.item_id for item in self.items)
        last: datetime | None = None
        for item_id in wanted:
            parcels = [s.shipped_at for s in self.shipments if s.carries(item_id)]
            if not parcels:
                return None
            last = max(parcels if last is None else [last, *parcels])
        return last

    def completion_at(self, policy: Policy) -> datetime | None:
        """R3: the feed's own instant wins; otherwise the guaranteed delivery time after the last shipment."""
        if self.explicit_completion_at is not None:
            return self.explicit_completion_at
        shipped = self.shipped_at()
        return None if shipped is None else shipped + policy.days(self.guaranteed_delivery_days)

    def dispute_opens_at(self, policy: Policy, item_ids: Sequence[str] = ()) -> datetime | None:
        """R6 to R8: five days after the shipment, or at once where the promise is five days or less.

        Later where the policy wants the seller contacted for longer before.
        """
        shipped = self.shipped_at(item_ids)
        return None if shipped is None else shipped + policy.opens_after(self.guaranteed_delivery_days)

    def paid_for(self, disputed: Sequence[DisputedItem]) -> Money:
        """R11: what was paid for these units; a part of a line counts pro rata, rounded down."""
        lines = {item.item_id: item for item in self.items}
        total = sum(lines[d.item_id].amount_minor * d.quantity // lines[d.item_id].quantity for d in disputed)
        return Money(total, self.currency)

    def paid(self) -> Money:
        """What was paid for the whole order."""
        return Money(sum(item.amount_minor for item in self.items), self.currency)

    def all_items(self) -> tuple[DisputedItem, ...]:
        """Every unit of every line."""
        return tuple(DisputedItem(item.item_id, item.quantity) for item in self.items)

    def named_items(self, chosen: Sequence[DisputedItem]) -> tuple[DisputedItem, ...]:
        """R1: what is named must be on the order, each line once, with no more units than were ordered."""
        lines = {item.item_id: item for item in self.items}
        seen: set[str] = set()
        for index, item in enumerate(chosen):
            line = lines.get(item.item_id)
            if line is None or item.item_id in seen or not 1 <= item.quantity <= line.quantity:
                raise InvalidRequestError(
                    "Each disputed item must be on the order, once, with a quantity of 1 up to the ordered one.",
                    rule="R1",
                    fields=[
                        _field(
                            index, "quantity" if line is not None and item.item_id not in seen else "item_id"
                        )
                    ],
                )
            seen.add(item.item_id)
        return tuple(chosen)


def _field(index: int, name: str) -> FieldError:
    return FieldError(f"/items/{index}/{name}", "NOT_ON_ORDER" if name == "item_id" else "OUT_OF_RANGE")


@dataclass(frozen=True, slots=True)
class ParcelTracking:
    """What the carrier last said of one parcel, and when it first said "delivered"."""

    status: TrackingStatus
    occurred_at: datetime
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderLedger:
    """What disputes, tracking and receipts have made of an order. Survives every upsert of the projection.

    `undisputed`: the units that no agreement or decision was about, once there was one; empty: there was none yet.
    """

    order_id: str
    active_dispute_id: str | None = None
    disputes_opened: int = 0
    refunded_minor: int = 0
    finished_at: datetime | None = None
    finished_by: str | None = None
    undisputed: tuple[DisputedItem, ...] = ()
    tracking: Mapping[str, ParcelTracking] = field(default_factory=dict)

    def delivered_at(self, shipments: Sequence[Shipment]) -> datetime | None:
        """When the first of these parcels was registered as delivered (R27, R30)."""
        seen = [
            t.delivered_at for s in shipments if (t := self.tracking.get(s.shipment_id)) and t.delivered_at
        ]
        return min(seen) if seen else None


class Eligibility(NamedTuple):
    """Whether the buyer may open a dispute now. An answer, never an error: `code` and `rule` say why not."""

    eligible: bool
    code: str | None
    rule: str | None
    opens_at: datetime | None
    closes_at: datetime | None
    max_refundable: Money


def disputable_items(order: Order, ledger: OrderLedger) -> tuple[DisputedItem, ...]:
    """What a dispute can still be about: all that was not agreed on or decided before (R25)."""
    return ledger.undisputed or order.all_items()


def disputed_items(
    order: Order, ledger: OrderLedger, chosen: Sequence[DisputedItem]
) -> tuple[DisputedItem, ...]:
    """R1: all that can be disputed where nothing is named; else the named items.

    400 for what is not on the order, 409 `ITEM_SETTLED` for units that an earlier dispute was about (R25).
    """
    left = disputable_items(order, ledger)
    if not chosen:
        return left
    named = order.named_items(chosen)
    if any(item.quantity < 0 for item in _without(left, named)):
        raise ConflictError(
            "An earlier dispute has ended with an agreement or a decision about these items.",
            code="ITEM_SETTLED",
            rule="R25",
        )
    return named


def undisputed_items(
    order: Order, ledger: OrderLedger, disputed: Sequence[DisputedItem]
) -> tuple[DisputedItem, ...]:
    """What stays disputable once a dispute about `disputed` has ended with an agreement or a decision."""
    return tuple(item for item in _without(disputable_items(order, ledger), disputed) if item.quantity > 0)


def _without(items: Sequence[DisputedItem], taken: Sequence[DisputedItem]) -> list[DisputedItem]:
    """Each line less the units taken of it; below zero where more are taken than there are."""
    left = {item.item_id: item.quantity for item in items}
    for item in taken:
        left[item.item_id] = left.get(item.item_id, 0) - item.quantity
    return [DisputedItem(item_id, quantity) for item_id, quantity in left.items()]


def refundable(order: Order, ledger: OrderLedger, disputed: Sequence[DisputedItem]) -> Money:
    """R11: what was paid for the items, never more than the order has left after earlier refunds."""
    left = order.paid().amount_minor - ledger.refunded_minor
    return Money(max(0, min(order.paid_for(disputed).amount_minor, left)), order.currency)


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
    """R3, R13: the buyer's receipt completes the order at once, unless a dispute holds it or it is completed."""
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
    return replace(ledger, finished_at=now, finished_by="RECEIPT_CONFIRMED")


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


# Compiled where an order is taken, not in every function that knows orders.
_PO_BOX = r"\b(p\W{0,2}o\W{0,2}box|post\s*office\s*box|postbox|apartado|caixa\s+postal)(?![a-z])"


def warnings(order: Order) -> tuple[str, ...]:
    """R34: what the order page should point out, without blocking anything."""
    address = " ".join(order.address_lines)
    return ("PO_BOX_ADDRESS",) if re.search(_PO_BOX, address, re.IGNORECASE) else ()
