"""POST /v1/disputes/{dispute_id}/claim/assign: a case manager takes or gives the claim (R24)."""

from buyer_protection.application.actions import claim
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import AssignRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("assign_claim")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute."""
    body = request.body(AssignRequest)
    return claim.assign_claim(container.get().context, request.command, dispute_id, body)
