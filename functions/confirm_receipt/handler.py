"""POST /v1/orders/{order_id}/confirm-receipt: the buyer has the goods, and the order completes (R3, R13)."""

from buyer_protection.application.actions import orders
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/orders/<order_id>/confirm-receipt")
def confirm_receipt(order_id: str) -> edge.Reply:
    """200 with the order, completed."""
    command = edge.command(app)
    edge.no_body(app)
    return edge.respond(orders.confirm_receipt(container.get().context, command, edge.identifier(order_id)))


handler = edge.entry(app, confirm_receipt)
