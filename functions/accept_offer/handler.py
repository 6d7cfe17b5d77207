"""POST /v1/disputes/{dispute_id}/offers/{offer_id}/accept: the other party accepts the standing offer (R14)."""

from buyer_protection.application import negotiate
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/offers/<offer_id>/accept")
def accept_offer(dispute_id: str, offer_id: str) -> edge.Reply:
    """200 with the dispute: resolved, or waiting for the return."""
    call = edge.call(app)
    edge.no_body(app)
    return edge.respond(
        negotiate.accept_offer(bootstrap.desk(), call, edge.identifier(dispute_id), edge.identifier(offer_id))
    )


handler = edge.entry(app, accept_offer)
