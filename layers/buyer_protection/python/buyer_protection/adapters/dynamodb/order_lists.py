"""The lists of orders in DynamoDB: a buyer's are in the index of queues, a seller's in that of sellers (decision 0053).

Not in the index of buyers, which the nightly audit reads whole.
"""

from collections.abc import Mapping
from typing import Any

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.case_lists import BY_QUEUE, opened_keys_of, places_of
from buyer_protection.adapters.dynamodb.indexes import BySeller
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import LedgerRow, ListedOrderRow, OrderRow
from buyer_protection.application.ports.errors import UNREADABLE
from buyer_protection.application.ports.orders import ListedOrder, UnreadableOrder
from buyer_protection.application.ports.pages import Page
from buyer_protection.domain.enums import Role
from buyer_protection.domain.order import Order
from buyer_protection.domain.timeline import instant


class PynamoOrderLists:
    """The index only finds ids; a consistent read says what the order is."""

    def page_of_party(
        self, role: Role, party_id: str, *, limit: int, start: Mapping[str, Any] | None
    ) -> Page[ListedOrder | UnreadableOrder]:
        """See `OrderStore.page_of_party`."""
        found = places(role, party_id, limit + 1, start)
        listed = found[:limit]
        orders = _orders([order_id for _, order_id in listed])
        ends = [{"placed_at": placed_at, "order_id": order_id} for placed_at, order_id in listed]
        there = [(orders[place["order_id"]], place) for place in ends if place["order_id"] in orders]
        next_key = ends[-1] if len(found) > limit else None
        return Page([order for order, _ in there], next_key, [place for _, place in there])


def listed_row(order: Order) -> ListedOrderRow:
    """Where the order is among those of its parties, by when it was placed."""
    return ListedOrderRow(
        *keys.listed_order(order.order_id),
        queue_key=keys.buyer_orders_key(order.buyer_id),
        queue_due=order.placed_at,
        seller_key=keys.seller_orders_key(order.seller_id),
        opened_key=f"{instant(order.placed_at)}#{order.order_id}",
    )


def is_listed_alike(before: Order, after: Order) -> bool:
    """Whether the order stays where it is in those lists."""
    said = [(it.buyer_id, it.seller_id, it.placed_at) for it in (before, after)]
    return said[0] == said[1]


def places(role: Role, party_id: str, count: int, start: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """A party's orders by (instant of placing, order id), the last first."""
    if role is Role.BUYER:
        behind = {"queue_due": start["placed_at"], "dispute_id": start["order_id"]} if start else None
        return places_of(BY_QUEUE, [keys.buyer_orders_key(party_id)], count, behind, forward=False)
    behind = {"opened_key": f"{start['placed_at']}#{start['order_id']}"} if start else None
    found = opened_keys_of(BySeller, keys.seller_orders_key(party_id), count, behind)
    return [(placed_at, order_id) for placed_at, _, order_id in (key.partition("#") for key in found)]


def _orders(order_ids: list[str]) -> dict[str, ListedOrder | UnreadableOrder]:
    """The orders by id, by one consistent batch; those that are not there are left out."""
    wanted = [key for one in order_ids for key in (keys.order(one), keys.ledger(one))]
    items = Row.fetch_items(wanted) if wanted else {}
    return {
        one: _order(one, items[keys.order(one)], items.get(keys.ledger(one)))
        for one in order_ids
        if keys.order(one) in items
    }


def _order(order_id: str, item: Any, ledger_item: Any) -> ListedOrder | UnreadableOrder:
    try:
        row = OrderRow.from_raw_data(item)
        ledger = LedgerRow.from_raw_data(ledger_item) if ledger_item is not None else None
        rows = [row, ledger] if ledger is not None else [row]
        known = [at for it in rows if (at := it.attribute_values.get("updated_at")) is not None]
        updated_at = max(known, default=None)
        return ListedOrder(mapping.order_of(row), mapping.ledger_of(order_id, ledger), updated_at)
    except UNREADABLE:
        return UnreadableOrder(order_id)
