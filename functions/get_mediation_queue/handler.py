"""GET /v1/mediation/queue: the team's claims, overdue first (R24)."""

from buyer_protection.application.actions import reads
from buyer_protection.application.schemas.queries import QueueQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/mediation/queue")
def get_mediation_queue() -> edge.Reply:
    """200 with a part of the list."""
    command = edge.command(app)
    query = edge.query(app, QueueQuery)
    return edge.respond(reads.get_mediation_queue(container.get().context, command, query))


handler = edge.entry(app, get_mediation_queue)
