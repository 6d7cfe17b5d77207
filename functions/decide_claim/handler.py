"""POST /v1/disputes/{dispute_id}/claim/decision: the team decides, and that is final (R24, R25)."""

from buyer_protection.application import claims
from buyer_protection.application.requests import DecisionRequest
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/claim/decision")
def decide_claim(dispute_id: str) -> edge.Reply:
    """200 with the dispute: decided, or waiting for the return."""
    call = edge.call(app)
    request = edge.body(app, DecisionRequest)
    return edge.respond(claims.decide_claim(bootstrap.desk(), call, edge.identifier(dispute_id), request))


handler = edge.entry(app, decide_claim)
