"""PUT /v1/orders/{order_id}: the shop's backend stores its projection of an order (R2, R3)."""

from buyer_protection.application.actions import orders
from buyer_protection.application.schemas.requests import OrderRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.put("/v1/orders/<order_id>")
def put_order(order_id: str) -> edge.Reply:
    """Idempotent by its nature: no key is asked for."""
    command = edge.command(app)
    request = edge.body(app, OrderRequest)
    return edge.respond(
        orders.put_order(container.get().context, command, edge.identifier(order_id), request)
    )


handler = edge.entry(app, put_order)
