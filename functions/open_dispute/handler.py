"""POST /v1/disputes: the buyer asks for a refund (R1, R2, R5 to R12)."""

from buyer_protection.application.actions.opening import open_dispute as use_case
from buyer_protection.application.schemas.requests import OpenDisputeRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes")
def open_dispute() -> edge.Reply:
    """201 with the dispute and its `Location`."""
    command = edge.command(app)
    request = edge.body(app, OpenDisputeRequest)
    return edge.respond(use_case(container.get().context, command, request))


handler = edge.entry(app, open_dispute)
