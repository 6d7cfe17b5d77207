"""GET /v1/disputes/{dispute_id}: the dispute as its reader sees it (R1)."""

from buyer_protection.application.actions import reads
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_dispute")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the version as `ETag`."""
    return reads.get_dispute(container.get().context, request.command, dispute_id)
