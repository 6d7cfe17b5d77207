"""POST /v1/disputes/{dispute_id}/accept-request: the seller grants the buyer's whole request (R14)."""

from buyer_protection.application.actions import negotiation
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/accept-request")
def accept_request(dispute_id: str) -> edge.Reply:
    """200 with the dispute, resolved."""
    command = edge.command(app)
    edge.no_body(app)
    return edge.respond(
        negotiation.accept_request(container.get().context, command, edge.identifier(dispute_id))
    )


handler = edge.entry(app, accept_request)
