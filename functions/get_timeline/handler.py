"""GET /v1/disputes/{dispute_id}/timeline: what happened, oldest first, as a chain of hashes."""

from buyer_protection.application.actions import reads
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/disputes/<dispute_id>/timeline")
def get_timeline(dispute_id: str) -> edge.Reply:
    """200 with a part of the list."""
    command = edge.command(app)
    query = edge.query(app, PageQuery)
    return edge.respond(
        reads.get_timeline(container.get().context, command, edge.identifier(dispute_id), query)
    )


handler = edge.entry(app, get_timeline)
