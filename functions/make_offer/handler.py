"""POST /v1/disputes/{dispute_id}/offers: buyer or seller proposes a settlement (R14)."""

from buyer_protection.application.actions import negotiation
from buyer_protection.application.schemas.requests import OfferRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/offers")
def make_offer(dispute_id: str) -> edge.Reply:
    """201 with the offer, which replaces its maker's standing one."""
    command = edge.command(app)
    request = edge.body(app, OfferRequest)
    return edge.respond(
        negotiation.make_offer(container.get().context, command, edge.identifier(dispute_id), request)
    )


handler = edge.entry(app, make_offer)
