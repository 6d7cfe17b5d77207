"""POST /v1/disputes/{dispute_id}/offers/{offer_id}/decline: the other party declines the standing offer (R14)."""

from buyer_protection.application.actions import negotiation
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/offers/<offer_id>/decline")
def decline_offer(dispute_id: str, offer_id: str) -> edge.Reply:
    """200 with the dispute: the talking goes on."""
    command = edge.command(app)
    edge.no_body(app)
    return edge.respond(
        negotiation.decline_offer(
            container.get().context, command, edge.identifier(dispute_id), edge.identifier(offer_id)
        )
    )


handler = edge.entry(app, decline_offer)
