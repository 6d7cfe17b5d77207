"""PUT /v1/orders/{order_id}: the shop's backend stores its projection of an order (R2, R3)."""

from buyer_protection.application.actions import order_upserts
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import OrderRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("put_order", max_body_bytes=edge.ORDER_BYTES)
def handler(request: edge.Request, order_id: str) -> Answer:
    """Idempotent by its nature: no key is asked for."""
    body = request.body(OrderRequest)
    return order_upserts.put_order(container.get().context, request.command, order_id, body)
