"""GET /v1/disputes: the caller's own disputes, newest first; the team's are the claims."""

from buyer_protection.application import reading
from buyer_protection.application.queries import ListQuery
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.get("/v1/disputes")
def list_disputes() -> edge.Reply:
    """200 with a part of the list."""
    call = edge.call(app)
    query = edge.query(app, ListQuery)
    return edge.respond(reading.list_disputes(bootstrap.desk(), call, query))


handler = edge.entry(app, list_disputes)
