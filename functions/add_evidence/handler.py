"""POST /v1/disputes/{dispute_id}/evidence: a party adds an item of evidence (R21, R22, R26, R33, R35)."""

from buyer_protection.application.actions import evidence
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import EvidenceRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("add_evidence")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """201 with the item."""
    body = request.body(EvidenceRequest)
    context, files = container.get().context, container.get().evidence_files
    return evidence.add_evidence(context, files, request.command, dispute_id, body)
