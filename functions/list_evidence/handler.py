"""GET /v1/disputes/{dispute_id}/evidence: the evidence of both sides (R21, R26)."""

from buyer_protection.application.actions import reads
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("list_evidence")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the list, oldest first."""
    return reads.list_evidence(container.get().context, request.command, dispute_id)
