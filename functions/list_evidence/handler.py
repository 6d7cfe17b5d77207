"""GET /v1/disputes/{dispute_id}/evidence: the evidence of both sides (R21, R26)."""

from buyer_protection.application.actions import reads
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/disputes/<dispute_id>/evidence")
def list_evidence(dispute_id: str) -> edge.Reply:
    """200 with the list, oldest first."""
    command = edge.command(app)
    return edge.respond(reads.list_evidence(container.get().context, command, edge.identifier(dispute_id)))


handler = edge.entry(app, list_evidence)
