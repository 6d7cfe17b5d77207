"""GET /v1/disputes/{dispute_id}/offers: all proposals of both sides (R14)."""

from buyer_protection.application.actions import reads
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("list_offers")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the list, oldest first."""
    return reads.list_offers(container.get().context, request.command, dispute_id)
