"""GET /v1/disputes/{dispute_id}: the dispute as its reader sees it (R1)."""

from buyer_protection.application import reading
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.get("/v1/disputes/<dispute_id>")
def get_dispute(dispute_id: str) -> edge.Reply:
    """200 with the version as `ETag`."""
    call = edge.call(app)
    return edge.respond(reading.get_dispute(bootstrap.desk(), call, edge.identifier(dispute_id)))


handler = edge.entry(app, get_dispute)
