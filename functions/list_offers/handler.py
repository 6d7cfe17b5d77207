"""GET /v1/disputes/{dispute_id}/offers: all proposals of both sides (R14)."""

from buyer_protection.application.actions import reads
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/disputes/<dispute_id>/offers")
def list_offers(dispute_id: str) -> edge.Reply:
    """200 with the list, oldest first."""
    command = edge.command(app)
    return edge.respond(reads.list_offers(container.get().context, command, edge.identifier(dispute_id)))


handler = edge.entry(app, list_offers)
