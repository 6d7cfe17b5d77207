"""POST /v1/disputes/{dispute_id}/claim/evidence-window: the team sets another date for the evidence (R22)."""

from buyer_protection.application.actions import claim
from buyer_protection.application.schemas.requests import EvidenceWindowRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/claim/evidence-window")
def set_evidence_window(dispute_id: str) -> edge.Reply:
    """200 with the dispute."""
    command = edge.command(app)
    request = edge.body(app, EvidenceWindowRequest)
    return edge.respond(
        claim.set_evidence_window(container.get().context, command, edge.identifier(dispute_id), request)
    )


handler = edge.entry(app, set_evidence_window)
