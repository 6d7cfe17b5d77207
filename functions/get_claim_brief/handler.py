"""GET /v1/disputes/{dispute_id}/claim/brief: the dossier of a claim, for the team (R21, R24, R31, R32)."""

from buyer_protection.application import reading
from buyer_protection.runtime import bootstrap, edge

app = edge.api()


@app.get("/v1/disputes/<dispute_id>/claim/brief")
def get_claim_brief(dispute_id: str) -> edge.Reply:
    """200 with facts, clocks, offers, evidence and tracking."""
    call = edge.call(app)
    return edge.respond(reading.get_claim_brief(bootstrap.desk(), call, edge.identifier(dispute_id)))


handler = edge.entry(app, get_claim_brief)
