"""POST /v1/disputes/{dispute_id}/escalate: the buyer asks the team to mediate (R16 to R20, R22)."""

from buyer_protection.application.actions import claim
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import EscalateRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("escalate_dispute")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute, now a claim."""
    body = request.body(EscalateRequest)
    return claim.escalate_dispute(container.get().context, request.command, dispute_id, body)
