"""GET /v1/disputes/{dispute_id}/claim/brief: the dossier of a claim, for the team (R21, R24, R31, R32)."""

from buyer_protection.application.actions import reads
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/disputes/<dispute_id>/claim/brief")
def get_claim_brief(dispute_id: str) -> edge.Reply:
    """200 with facts, clocks, offers, evidence and tracking."""
    command = edge.command(app)
    return edge.respond(reads.get_claim_brief(container.get().context, command, edge.identifier(dispute_id)))


handler = edge.entry(app, get_claim_brief)
