"""GET /v1/orders: the caller's own orders, the last placed first (R1)."""

from buyer_protection.application.actions import order_lists
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import OrdersQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge, observability


@edge.action("list_orders")
def handler(request: edge.Request) -> Answer:
    """200 with a part of the list."""
    query = request.query(OrdersQuery)
    return order_lists.list_orders(container.get().context, request.command, query, observability.unreadable)
