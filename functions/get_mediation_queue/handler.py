"""GET /v1/mediation/queue: the team's claims, overdue first (R24)."""

from buyer_protection.application.actions import lists
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import QueueQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge, observability


@edge.action("get_mediation_queue")
def handler(request: edge.Request) -> Answer:
    """200 with a part of the list."""
    query = request.query(QueueQuery)
    return lists.get_mediation_queue(
        container.get().context, request.command, query, observability.unreadable
    )
