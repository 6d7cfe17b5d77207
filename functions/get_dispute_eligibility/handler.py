"""GET /v1/orders/{order_id}/dispute-eligibility: may the buyer open a dispute, and when (R1, R2, R7 to R9)?"""

from buyer_protection.application.actions import orders
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/orders/<order_id>/dispute-eligibility")
def get_dispute_eligibility(order_id: str) -> edge.Reply:
    """200: «not yet» is an answer here, not an error."""
    command = edge.command(app)
    return edge.respond(
        orders.get_dispute_eligibility(container.get().context, command, edge.identifier(order_id))
    )


handler = edge.entry(app, get_dispute_eligibility)
