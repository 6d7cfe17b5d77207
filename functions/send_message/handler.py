"""POST /v1/disputes/{dispute_id}/messages: write to the other side and the team (R5)."""

from buyer_protection.application import messaging
from buyer_protection.application.requests import MessageRequest
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/messages")
def send_message(dispute_id: str) -> edge.Reply:
    """201 with the message."""
    call = edge.call(app)
    request = edge.body(app, MessageRequest)
    return edge.respond(messaging.send_message(bootstrap.desk(), call, edge.identifier(dispute_id), request))


handler = edge.entry(app, send_message)
