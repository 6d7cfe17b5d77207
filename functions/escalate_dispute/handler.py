"""POST /v1/disputes/{dispute_id}/escalate: the buyer asks the team to mediate (R16 to R20, R22)."""

from buyer_protection.application.actions import claim
from buyer_protection.application.schemas.requests import EscalateRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/escalate")
def escalate_dispute(dispute_id: str) -> edge.Reply:
    """200 with the dispute, now a claim."""
    command = edge.command(app)
    request = edge.body(app, EscalateRequest)
    return edge.respond(
        claim.escalate_dispute(container.get().context, command, edge.identifier(dispute_id), request)
    )


handler = edge.entry(app, escalate_dispute)
