"""POST /v1/disputes/{dispute_id}/offers/{offer_id}/withdraw: its maker takes an offer back (R14)."""

from buyer_protection.application.actions import negotiation
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/offers/<offer_id>/withdraw")
def withdraw_offer(dispute_id: str, offer_id: str) -> edge.Reply:
    """200 with the dispute."""
    command = edge.command(app)
    edge.no_body(app)
    return edge.respond(
        negotiation.withdraw_offer(
            container.get().context, command, edge.identifier(dispute_id), edge.identifier(offer_id)
        )
    )


handler = edge.entry(app, withdraw_offer)
