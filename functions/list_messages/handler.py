"""GET /v1/disputes/{dispute_id}/messages: the thread, oldest first; reading it is noted (R5)."""

from buyer_protection.application.actions import messages
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/disputes/<dispute_id>/messages")
def list_messages(dispute_id: str) -> edge.Reply:
    """200 with a part of the list."""
    command = edge.command(app)
    query = edge.query(app, PageQuery)
    return edge.respond(
        messages.list_messages(container.get().context, command, edge.identifier(dispute_id), query)
    )


handler = edge.entry(app, list_messages)
