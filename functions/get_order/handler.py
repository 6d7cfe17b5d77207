"""GET /v1/orders/{order_id}: the order page, for its parties and the team (R1, R3, R4, R34)."""

from buyer_protection.application.actions import orders
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/orders/<order_id>")
def get_order(order_id: str) -> edge.Reply:
    """200 with when disputes open, when the order completes, and warnings."""
    command = edge.command(app)
    return edge.respond(orders.get_order(container.get().context, command, edge.identifier(order_id)))


handler = edge.entry(app, get_order)
