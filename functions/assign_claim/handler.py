"""POST /v1/disputes/{dispute_id}/claim/assign: a case manager takes or gives the claim (R24)."""

from buyer_protection.application.actions import claim
from buyer_protection.application.schemas.requests import AssignRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/claim/assign")
def assign_claim(dispute_id: str) -> edge.Reply:
    """200 with the dispute."""
    command = edge.command(app)
    request = edge.body(app, AssignRequest)
    return edge.respond(
        claim.assign_claim(container.get().context, command, edge.identifier(dispute_id), request)
    )


handler = edge.entry(app, assign_claim)
