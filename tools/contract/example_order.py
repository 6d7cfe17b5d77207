"""The example requests as their models, and the order that all examples are about."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from buyer_protection.application.schemas import requests
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import Contact, Order, OrderItem, OrderLedger, Shipment
from tools.contract.example_requests import ORDER_ID, REQUESTS

T = TypeVar("T")


def sent_as(operation: str, model: type[T]) -> T:
    """The example request of that operation, as its model."""
    return msgspec.convert(REQUESTS[operation], model)


def money_of(amount: requests.MoneyModel) -> Money:
    return Money(amount.amount_minor, amount.currency)


def _the_order() -> Order:
    sent = sent_as("put_order", requests.OrderRequest)
    return Order(
        order_id=ORDER_ID,
        buyer_id=sent.buyer_id,
        seller_id=sent.seller_id,
        buyer=Contact(sent.buyer.email or "", sent.buyer.name),
        seller=Contact(sent.seller.email or "", sent.seller.name),
        currency=sent.currency,
        items=tuple(OrderItem(i.item_id, i.title, i.quantity, i.amount_minor) for i in sent.items),
        placed_at=sent.placed_at,
        shipments=tuple(
            Shipment(s.shipment_id, s.carrier, s.tracking_number, s.shipped_at, s.delivery_method)
            for s in sent.shipments
        ),
        guaranteed_delivery_days=sent.guaranteed_delivery_days,
        address_lines=tuple(sent.delivery_address.lines) if sent.delivery_address else (),
        postal_code=sent.delivery_address.postal_code if sent.delivery_address else "",
        country=sent.delivery_address.country if sent.delivery_address else "",
    )


ORDER, LEDGER = _the_order(), OrderLedger(ORDER_ID)
