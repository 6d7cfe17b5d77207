"""GET /v1/disputes: the caller's own disputes, newest first; the team's are the claims."""

from buyer_protection.application.actions import reads
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import ListQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("list_disputes")
def handler(request: edge.Request) -> Answer:
    """200 with a part of the list."""
    query = request.query(ListQuery)
    return reads.list_disputes(container.get().context, request.command, query)
