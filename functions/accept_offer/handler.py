"""POST /v1/disputes/{dispute_id}/offers/{offer_id}/accept: the other party accepts the standing offer (R14)."""

from buyer_protection.application.actions import negotiation
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/offers/<offer_id>/accept")
def accept_offer(dispute_id: str, offer_id: str) -> edge.Reply:
    """200 with the dispute: resolved, or waiting for the return."""
    command = edge.command(app)
    edge.no_body(app)
    return edge.respond(
        negotiation.accept_offer(
            container.get().context, command, edge.identifier(dispute_id), edge.identifier(offer_id)
        )
    )


handler = edge.entry(app, accept_offer)
