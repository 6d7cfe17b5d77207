"""GET /v1/disputes/{dispute_id}: the dispute as its reader sees it (R1)."""

from buyer_protection.application.actions import reads
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/disputes/<dispute_id>")
def get_dispute(dispute_id: str) -> edge.Reply:
    """200 with the version as `ETag`."""
    command = edge.command(app)
    return edge.respond(reads.get_dispute(container.get().context, command, edge.identifier(dispute_id)))


handler = edge.entry(app, get_dispute)
