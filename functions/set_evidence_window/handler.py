"""POST /v1/disputes/{dispute_id}/claim/evidence-window: the team sets another date for the evidence (R22)."""

from buyer_protection.application.actions import claim
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import EvidenceWindowRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("set_evidence_window")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute."""
    body = request.body(EvidenceWindowRequest)
    return claim.set_evidence_window(container.get().context, request.command, dispute_id, body)
