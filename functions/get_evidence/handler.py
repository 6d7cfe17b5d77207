"""GET /v1/disputes/{dispute_id}/evidence/{evidence_id}: one item, with short-lived downloads of its files (R26)."""

from buyer_protection.application.actions import evidence
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge, settings


@edge.action("get_evidence")
def handler(request: edge.Request, dispute_id: str, evidence_id: str) -> Answer:
    """200 with the item."""
    ids = dispute_id, evidence_id
    context, files = container.get().context, container.get().evidence_files
    scanning = settings.evidence().malware_scanning
    return evidence.get_evidence(context, files, request.command, *ids, scanning=scanning)
