"""POST /v1/orders/{order_id}/tracking-events: the shop's backend reports what a carrier said (R29 to R31)."""

from buyer_protection.application.actions import orders
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import TrackingRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("record_tracking_event")
def handler(request: edge.Request, order_id: str) -> Answer:
    """201, or 200 for an event that was known already."""
    body = request.body(TrackingRequest)
    return orders.record_tracking_event(container.get().context, request.command, order_id, body)
