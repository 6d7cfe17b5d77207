"""POST /v1/disputes/{dispute_id}/cancel: the buyer gives the dispute up (R13, R28)."""

from buyer_protection.application.actions import parcels
from buyer_protection.application.schemas.requests import CancelRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/cancel")
def cancel_dispute(dispute_id: str) -> edge.Reply:
    """200 with the dispute and `can_reopen_until`."""
    command = edge.command(app)
    request = edge.body(app, CancelRequest)
    return edge.respond(
        parcels.cancel_dispute(container.get().context, command, edge.identifier(dispute_id), request)
    )


handler = edge.entry(app, cancel_dispute)
