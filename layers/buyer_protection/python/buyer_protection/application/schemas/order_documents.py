"""What readers see of an order: never the other side's contact data."""

from collections.abc import Sequence

from msgspec import UNSET, Struct, UnsetType

from buyer_protection.application.schemas.documents import ItemDocument, MoneyDocument, money
from buyer_protection.application.schemas.instants import At, at
from buyer_protection.domain.doubts import warnings
from buyer_protection.domain.eligibility import Eligibility
from buyer_protection.domain.enums import DeliveryMethod, Role, TrackingStatus
from buyer_protection.domain.ledger import disputable_items
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import Order, OrderLedger, Shipment
from buyer_protection.domain.policy import Policy
from buyer_protection.domain.timeline import instant


class OrderItemDocument(Struct, frozen=True):
    """One line; `amount_minor` is what was paid for all its units together."""

    item_id: str
    title: str
    quantity: int
    amount_minor: int


class ShipmentDocument(Struct, frozen=True):
    """One parcel and what its carrier last said (R29, R32)."""

    shipment_id: str
    carrier: str
    tracking_number: str
    shipped_at: At
    delivery_method: DeliveryMethod
    item_ids: Sequence[str]
    tracking_status: TrackingStatus | None
    delivered_at: At | None


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
    """An order as one reader sees it (R4)."""

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
    delivery_address: AddressDocument | UnsetType = UNSET


class EligibilityDocument(Struct, frozen=True):
    """Whether the caller may open a dispute now: `code` and `rule` say why not."""

    eligible: bool
    code: str | None
    rule: str | None
    opens_at: At | None
    closes_at: At | None
    max_refundable: MoneyDocument


class TrackingDocument(Struct, frozen=True):
    """A carrier's event as it was taken; `duplicate` where it was known already."""

    event_id: str
    order_id: str
    shipment_id: str
    status: TrackingStatus
    occurred_at: At
    duplicate: bool


def order_document(
    order: Order, ledger: OrderLedger, policy: Policy, reader: Role, completed: bool
) -> OrderDocument:
    """The order as this reader sees it; `completed` is the judgement of the present instant (R2, R13)."""
    sees_address = reader in {Role.BUYER, Role.CASE_MANAGER, Role.SYSTEM} and order.address_lines
    return OrderDocument(
        order_id=order.order_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        currency=order.currency,
        items=[OrderItemDocument(i.item_id, i.title, i.quantity, i.amount_minor) for i in order.items],
        placed_at=instant(order.placed_at),
        shipments=[_shipment(s, ledger) for s in order.shipments],
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
        warnings=warnings(order, reader),
        delivery_address=AddressDocument(order.address_lines, order.postal_code, order.country)
        if sees_address
        else UNSET,
    )


def _refunded(order: Order, ledger: OrderLedger) -> RefundedDocument:
    asked, paid, elsewhere = (
        money(Money(minor, order.currency))
        for minor in (ledger.refunded_minor, ledger.paid_minor, ledger.elsewhere_minor)
    )
    return RefundedDocument(asked.amount_minor, order.currency, asked, paid, elsewhere)


def _shipment(shipment: Shipment, ledger: OrderLedger) -> ShipmentDocument:
    tracking = ledger.tracking.get(shipment.shipment_id)
    return ShipmentDocument(
        shipment.shipment_id,
        shipment.carrier,
        shipment.tracking_number,
        instant(shipment.shipped_at),
        shipment.delivery_method,
        shipment.item_ids,
        tracking.status if tracking else None,
        at(tracking.delivered_at) if tracking else None,
    )


def eligibility_document(answer: Eligibility) -> EligibilityDocument:
    """R2, R7 to R12 as an answer."""
    return EligibilityDocument(
        answer.eligible,
        answer.code,
        answer.rule,
        at(answer.opens_at),
        at(answer.closes_at),
        money(answer.max_refundable),
    )
