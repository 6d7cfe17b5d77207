"""POST /v1/disputes/{dispute_id}/offers: buyer or seller proposes a settlement (R14)."""

from buyer_protection.application import negotiate
from buyer_protection.application.requests import OfferRequest
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/offers")
def make_offer(dispute_id: str) -> edge.Reply:
    """201 with the offer, which replaces its maker's standing one."""
    call = edge.call(app)
    request = edge.body(app, OfferRequest)
    return edge.respond(negotiate.make_offer(bootstrap.desk(), call, edge.identifier(dispute_id), request))


handler = edge.entry(app, make_offer)
