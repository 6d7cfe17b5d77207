"""POST /v1/disputes/{dispute_id}/messages: write to the other side and the team (R5)."""

from buyer_protection.application.actions import messages
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import MessageRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("send_message")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """201 with the message."""
    body = request.body(MessageRequest)
    return messages.send_message(container.get().context, request.command, dispute_id, body)
