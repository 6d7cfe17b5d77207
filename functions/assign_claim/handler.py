"""POST /v1/disputes/{dispute_id}/claim/assign: a case manager takes or gives the claim (R24)."""

from buyer_protection.application import mediate
from buyer_protection.application.requests import AssignRequest
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/claim/assign")
def assign_claim(dispute_id: str) -> edge.Reply:
    """200 with the dispute."""
    call = edge.call(app)
    request = edge.body(app, AssignRequest)
    return edge.respond(mediate.assign_claim(bootstrap.desk(), call, edge.identifier(dispute_id), request))


handler = edge.entry(app, assign_claim)
