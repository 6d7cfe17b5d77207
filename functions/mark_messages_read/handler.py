"""POST /v1/disputes/{dispute_id}/messages/read: note what one has read of the thread (R5)."""

from buyer_protection.application.actions import messages
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import ReadRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("mark_messages_read")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute."""
    body = request.body(ReadRequest)
    return messages.mark_messages_read(container.get().context, request.command, dispute_id, body)
