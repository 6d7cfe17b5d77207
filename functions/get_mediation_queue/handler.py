"""GET /v1/mediation/queue: the team's claims, overdue first (R24)."""

from buyer_protection.application import reading
from buyer_protection.application.queries import QueueQuery
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.get("/v1/mediation/queue")
def get_mediation_queue() -> edge.Reply:
    """200 with a part of the list."""
    call = edge.call(app)
    query = edge.query(app, QueueQuery)
    return edge.respond(reading.get_mediation_queue(bootstrap.desk(), call, query))


handler = edge.entry(app, get_mediation_queue)
