"""POST /v1/disputes/{dispute_id}/evidence: a party adds an item of evidence (R21, R22, R26, R33, R35)."""

from buyer_protection.application.actions import evidence
from buyer_protection.application.schemas.requests import EvidenceRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/evidence")
def add_evidence(dispute_id: str) -> edge.Reply:
    """201 with the item."""
    command = edge.command(app)
    request = edge.body(app, EvidenceRequest)
    context, files = container.get().context, container.get().evidence_files
    return edge.respond(evidence.add_evidence(context, files, command, edge.identifier(dispute_id), request))


handler = edge.entry(app, add_evidence)
