"""POST /v1/orders/{order_id}/tracking-events: the shop's backend reports what a carrier said (R29 to R31)."""

from buyer_protection.application.actions import orders
from buyer_protection.application.schemas.requests import TrackingRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/orders/<order_id>/tracking-events")
def record_tracking_event(order_id: str) -> edge.Reply:
    """201, or 200 for an event that was known already."""
    command = edge.command(app)
    request = edge.body(app, TrackingRequest)
    return edge.respond(
        orders.record_tracking_event(container.get().context, command, edge.identifier(order_id), request)
    )


handler = edge.entry(app, record_tracking_event)
