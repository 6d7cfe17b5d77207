"""POST /v1/disputes/{dispute_id}/messages: write to the other side and the team (R5)."""

from buyer_protection.application.actions import messages
from buyer_protection.application.schemas.requests import MessageRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/messages")
def send_message(dispute_id: str) -> edge.Reply:
    """201 with the message."""
    command = edge.command(app)
    request = edge.body(app, MessageRequest)
    return edge.respond(
        messages.send_message(container.get().context, command, edge.identifier(dispute_id), request)
    )


handler = edge.entry(app, send_message)
