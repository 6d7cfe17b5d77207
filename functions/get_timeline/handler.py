"""GET /v1/disputes/{dispute_id}/timeline: what happened, oldest first, as a chain of hashes."""

from buyer_protection.application import reading
from buyer_protection.application.queries import PageQuery
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.get("/v1/disputes/<dispute_id>/timeline")
def get_timeline(dispute_id: str) -> edge.Reply:
    """200 with a part of the list."""
    call = edge.call(app)
    query = edge.query(app, PageQuery)
    return edge.respond(reading.get_timeline(bootstrap.desk(), call, edge.identifier(dispute_id), query))


handler = edge.entry(app, get_timeline)
