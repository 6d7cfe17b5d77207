"""POST /v1/disputes/{dispute_id}/offers/{offer_id}/decline: the other party declines the standing offer (R14)."""

from buyer_protection.application import negotiate
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/offers/<offer_id>/decline")
def decline_offer(dispute_id: str, offer_id: str) -> edge.Reply:
    """200 with the dispute: the talking goes on."""
    call = edge.call(app)
    edge.no_body(app)
    return edge.respond(
        negotiate.decline_offer(
            bootstrap.desk(), call, edge.identifier(dispute_id), edge.identifier(offer_id)
        )
    )


handler = edge.entry(app, decline_offer)
