"""POST /v1/disputes/{dispute_id}/change-reason: the buyer got the order, and it is not as described (R17, R27)."""

from buyer_protection.application.actions import parcels
from buyer_protection.application.schemas.requests import ChangeReasonRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/change-reason")
def change_reason(dispute_id: str) -> edge.Reply:
    """200 with the dispute."""
    command = edge.command(app)
    request = edge.body(app, ChangeReasonRequest)
    return edge.respond(
        parcels.change_reason(container.get().context, command, edge.identifier(dispute_id), request)
    )


handler = edge.entry(app, change_reason)
