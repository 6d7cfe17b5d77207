"""POST /v1/disputes/{dispute_id}/claim/request-evidence: the team asks for evidence, twice at most (R22 to R24)."""

from buyer_protection.application.actions import claim
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import EvidenceQuestionRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("request_evidence")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute, whose evidence window is open again."""
    body = request.body(EvidenceQuestionRequest)
    return claim.request_evidence(container.get().context, request.command, dispute_id, body)
