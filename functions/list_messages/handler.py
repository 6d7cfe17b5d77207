"""GET /v1/disputes/{dispute_id}/messages: the thread, oldest first (R5)."""

from buyer_protection.application.actions import messages
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("list_messages")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with a part of the list."""
    query = request.query(PageQuery)
    return messages.list_messages(container.get().context, request.command, dispute_id, query)
