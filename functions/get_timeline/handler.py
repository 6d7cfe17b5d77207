"""GET /v1/disputes/{dispute_id}/timeline: what happened, oldest first, as a chain of hashes."""

from buyer_protection.application.actions import reads
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_timeline")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with a part of the list."""
    query = request.query(PageQuery)
    return reads.get_timeline(container.get().context, request.command, dispute_id, query)
