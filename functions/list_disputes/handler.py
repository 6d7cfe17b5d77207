"""GET /v1/disputes: the caller's own disputes, newest first; the team's are the claims."""

from buyer_protection.application.actions import reads
from buyer_protection.application.schemas.queries import ListQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/disputes")
def list_disputes() -> edge.Reply:
    """200 with a part of the list."""
    command = edge.command(app)
    query = edge.query(app, ListQuery)
    return edge.respond(reads.list_disputes(container.get().context, command, query))


handler = edge.entry(app, list_disputes)
