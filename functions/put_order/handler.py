"""PUT /v1/orders/{order_id}: the shop's backend stores its projection of an order (R2, R3)."""

from buyer_protection.application import orders
from buyer_protection.application.requests import OrderRequest
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.put("/v1/orders/<order_id>")
def put_order(order_id: str) -> edge.Reply:
    """Idempotent by its nature: no key is asked for."""
    call = edge.call(app)
    request = edge.body(app, OrderRequest)
    return edge.respond(orders.put_order(bootstrap.desk(), call, edge.identifier(order_id), request))


handler = edge.entry(app, put_order)
