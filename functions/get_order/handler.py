"""GET /v1/orders/{order_id}: the order page, for its parties and the team (R1, R3, R4, R34)."""

from buyer_protection.application.actions import orders
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_order")
def handler(request: edge.Request, order_id: str) -> Answer:
    """200 with when disputes open, when the order completes, and warnings."""
    return orders.get_order(container.get().context, request.command, order_id)
