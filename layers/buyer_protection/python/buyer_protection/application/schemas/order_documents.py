"""What readers see of an order: never the other side's contact data."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from buyer_protection.application.ports.orders import TrackingReport
from buyer_protection.application.schemas.amounts import MoneyDocument, money
from buyer_protection.application.schemas.documents import ItemDocument
from buyer_protection.application.schemas.instants import At, at
from buyer_protection.application.schemas.reading import ViewerDocument
from buyer_protection.domain.doubts import warnings
from buyer_protection.domain.eligibility import Eligibility
from buyer_protection.domain.enums import DeliveryMethod, Role, TrackingStatus
from buyer_protection.domain.ledger import disputable_items
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import Order, OrderLedger, Shipment
from buyer_protection.domain.policy import Policy
from buyer_protection.domain.timeline import instant

# R41: what a carrier says of a parcel cannot be, and is taken as of the shipment.
DELIVERED_BEFORE_SHIPMENT = "DELIVERED_BEFORE_SHIPMENT"
_LONGEST_HISTORY = 50


class OrderItemDocument(Struct, frozen=True):
    """One line; `amount_minor` is what was paid for all its units together."""

    item_id: str
    title: str
    quantity: int
    amount_minor: int


class ScanDocument(Struct, frozen=True):
    """One event of a carrier, as it was said; `tracking_number` is that of the journey which it was taken for."""

    status: TrackingStatus
    occurred_at: At
    registered_at: At
    tracking_number: str | None


class ShipmentDocument(Struct, frozen=True):
    """One parcel and what its carrier last said of its present journey (R29, R32).

    `history`, where the order is read: the newest events, earlier journeys included, oldest first.
    """

    shipment_id: str
    carrier: str
    tracking_number: str
    shipped_at: At
    delivery_method: DeliveryMethod
    item_ids: Sequence[str]
    tracking_status: TrackingStatus | None
    delivered_at: At | None
    registered_at: At | None
    corrected_at: At | None
    history: Sequence[ScanDocument] | UnsetType = UNSET


class AddressDocument(Struct, frozen=True):
    """Where the order goes. For the buyer and the team only."""

    lines: Sequence[str]
    postal_code: str
    country: str


class RefundedDocument(Struct, frozen=True):
    """R39: what was given back. `asked` for by disputes (which `amount_minor` says too), `paid` of that as far as the
    payment system has said so, `elsewhere` by the shop itself."""

    amount_minor: int
    currency: str
    asked: MoneyDocument
    paid: MoneyDocument
    elsewhere: MoneyDocument


class OrderDocument(Struct, frozen=True):
    """An order as one reader sees it (R4).

    as_of: the instant of which the shop says that the order was so.
    viewer: as whom the caller reads it.
    read_at: the server's instant.
    """

    order_id: str
    buyer_id: str
    seller_id: str
    currency: str
    items: Sequence[OrderItemDocument]
    placed_at: At
    shipments: Sequence[ShipmentDocument]
    guaranteed_delivery_days: int
    dispute_opens_at: At | None
    completion_at: At | None
    completed: bool
    finished_at: At | None
    active_dispute_id: str | None
    disputes_opened: int
    disputable_items: Sequence[ItemDocument]
    refunded: RefundedDocument
    shipping_amount_minor: int
    as_of: At | None
    warnings: Sequence[str]
    viewer: ViewerDocument
    read_at: At
    delivery_address: AddressDocument | UnsetType = UNSET


class ItemEligibilityDocument(Struct, frozen=True):
    """Whether a dispute about this line alone may be opened now, about those of its units that none has settled."""

    item_id: str
    eligible: bool
    code: str | None
    rule: str | None
    opens_at: At | None
    closes_at: At | None
    max_refundable: MoneyDocument


class EligibilityDocument(Struct, frozen=True):
    """Whether the caller may open a dispute now: `code` and `rule` say why not. `items`: the same of each line.

    `item_ids` are the lines that the answer is about; an opening that names them as its `items` is what it promises.
    """

    eligible: bool
    code: str | None
    rule: str | None
    opens_at: At | None
    closes_at: At | None
    max_refundable: MoneyDocument
    items: Sequence[ItemEligibilityDocument]
    item_ids: Sequence[str]


class TrackingDocument(Struct, frozen=True):
    """A carrier's event as it was taken; `duplicate` where it was known already.

    `warnings`: `DELIVERED_BEFORE_SHIPMENT` where it is taken as of the shipment, which it is said to be earlier than.
    """

    event_id: str
    order_id: str
    shipment_id: str
    status: TrackingStatus
    occurred_at: At
    duplicate: bool
    warnings: Sequence[str] = ()


def tracking_document(
    order: Order, report: TrackingReport, *, shipment: Shipment | None = None, duplicate: bool = False
) -> TrackingDocument:
    """R29, R41: the event as it was taken of this parcel (of the order's own, by default)."""
    of = shipment or order.shipment(report.shipment_id)
    is_early = (
        report.status is TrackingStatus.DELIVERED and of is not None and report.occurred_at < of.shipped_at
    )
    return TrackingDocument(
        report.event_id,
        order.order_id,
        report.shipment_id,
        report.status,
        instant(of.shipped_at if is_early and of is not None else report.occurred_at),
        duplicate,
        [DELIVERED_BEFORE_SHIPMENT] if is_early else [],
    )


def order_document(
    order: Order,
    ledger: OrderLedger,
    policy: Policy,
    reader: Role,
    completed: bool,
    now: datetime,
    reports: Sequence[TrackingReport] | None = None,
) -> OrderDocument:
    """The order as this reader sees it now; `completed` is the judgement of that instant (R2, R13).

    With all `reports` of its carriers, by `occurred_at`, it shows each parcel's history.
    """
    sees_address = reader in {Role.BUYER, Role.CASE_MANAGER, Role.SYSTEM} and order.address_lines
    return OrderDocument(
        order_id=order.order_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        currency=order.currency,
        items=[OrderItemDocument(i.item_id, i.title, i.quantity, i.amount_minor) for i in order.items],
        placed_at=instant(order.placed_at),
        shipments=[_shipment(s, ledger, reports) for s in order.shipments],
        guaranteed_delivery_days=order.guaranteed_delivery_days,
        dispute_opens_at=at(order.dispute_opens_at(policy)),
        completion_at=at(order.completion_at(policy)),
        completed=completed,
        finished_at=at(ledger.finished_at),
        active_dispute_id=ledger.active_dispute_id,
        disputes_opened=ledger.disputes_opened,
        disputable_items=[
            ItemDocument(item.item_id, item.quantity)
            for item in (() if completed else disputable_items(order, ledger))
        ],
        refunded=_refunded(order, ledger),
        shipping_amount_minor=order.shipping_amount_minor,
        as_of=at(order.as_of),
        warnings=(*warnings(order, reader), *_early(order, ledger)),
        viewer=ViewerDocument(reader),
        read_at=instant(now),
        delivery_address=AddressDocument(order.address_lines, order.postal_code, order.country)
        if sees_address
        else UNSET,
    )


def _early(order: Order, ledger: OrderLedger) -> list[str]:
    is_early = any(ledger.is_delivered_too_early(shipment) for shipment in order.shipments)
    return [DELIVERED_BEFORE_SHIPMENT] if is_early else []


def _refunded(order: Order, ledger: OrderLedger) -> RefundedDocument:
    asked, paid, elsewhere = (
        money(Money(minor, order.currency))
        for minor in (ledger.refunded_minor, ledger.paid_minor, ledger.elsewhere_minor)
    )
    return RefundedDocument(asked.amount_minor, order.currency, asked, paid, elsewhere)


def _shipment(
    shipment: Shipment, ledger: OrderLedger, reports: Sequence[TrackingReport] | None
) -> ShipmentDocument:
    tracking = ledger.seen(shipment)
    return ShipmentDocument(
        shipment.shipment_id,
        shipment.carrier,
        shipment.tracking_number,
        instant(shipment.shipped_at),
        shipment.delivery_method,
        shipment.item_ids,
        tracking.status if tracking else None,
        at(tracking.delivered_at) if tracking else None,
        at(tracking.registered_at) if tracking else None,
        at(tracking.corrected_at) if tracking else None,
        UNSET if reports is None else _history(shipment, reports),
    )


def _history(shipment: Shipment, reports: Sequence[TrackingReport]) -> list[ScanDocument]:
    mine = [report for report in reports if report.shipment_id == shipment.shipment_id]
    return [
        ScanDocument(it.status, instant(it.occurred_at), instant(it.received_at), it.tracking_number)
        for it in mine[-_LONGEST_HISTORY:]
    ]


def eligibility_document(answer: Eligibility) -> EligibilityDocument:
    """R2, R7 to R12 as an answer."""
    items = [ItemEligibilityDocument(item_id, *_eligible(item)) for item_id, item in answer.items.items()]
    return EligibilityDocument(*_eligible(answer), items, answer.about)


def _eligible(
    answer: Eligibility,
) -> tuple[bool, str | None, str | None, str | None, str | None, MoneyDocument]:
    opens_at, closes_at = at(answer.opens_at), at(answer.closes_at)
    return answer.eligible, answer.code, answer.rule, opens_at, closes_at, money(answer.max_refundable)
