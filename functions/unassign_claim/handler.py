"""POST /v1/disputes/{dispute_id}/claim/unassign: a case manager gives the claim back to nobody (R47)."""

from buyer_protection.application.actions import claim
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("unassign_claim")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute."""
    request.no_body()
    return claim.unassign_claim(container.get().context, request.command, dispute_id)
