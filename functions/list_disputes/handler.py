"""GET /v1/disputes: the caller's own disputes, newest first; the team's are all."""

from buyer_protection.application.actions import lists
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import ListQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge, observability


@edge.action("list_disputes")
def handler(request: edge.Request) -> Answer:
    """200 with a part of the list."""
    query = request.query(ListQuery)
    return lists.list_disputes(container.get().context, request.command, query, observability.unreadable)
