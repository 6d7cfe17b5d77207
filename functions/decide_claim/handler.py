"""POST /v1/disputes/{dispute_id}/claim/decision: the team decides, and that is final (R24, R25)."""

from buyer_protection.application.actions import claim
from buyer_protection.application.schemas.requests import DecisionRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/claim/decision")
def decide_claim(dispute_id: str) -> edge.Reply:
    """200 with the dispute: decided, or waiting for the return."""
    command = edge.command(app)
    request = edge.body(app, DecisionRequest)
    return edge.respond(
        claim.decide_claim(container.get().context, command, edge.identifier(dispute_id), request)
    )


handler = edge.entry(app, decide_claim)
