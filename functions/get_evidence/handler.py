"""GET /v1/disputes/{dispute_id}/evidence/{evidence_id}: one item, with short-lived downloads of its files (R26)."""

from buyer_protection.application.actions import evidence
from buyer_protection.composition import container
from buyer_protection.runtime import edge, settings

app = edge.api()


@app.get("/v1/disputes/<dispute_id>/evidence/<evidence_id>")
def get_evidence(dispute_id: str, evidence_id: str) -> edge.Reply:
    """200 with the item."""
    command = edge.command(app)
    ids = edge.identifier(dispute_id), edge.identifier(evidence_id)
    context, files = container.get().context, container.get().evidence_files
    scanning = settings.evidence().malware_scanning
    return edge.respond(evidence.get_evidence(context, files, command, *ids, scanning=scanning))


handler = edge.entry(app, get_evidence)
