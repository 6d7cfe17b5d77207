"""POST /v1/disputes/{dispute_id}/return/address: the seller says where the goods go back to (R36)."""

from buyer_protection.application.actions import returns
from buyer_protection.application.schemas.requests import ReturnAddressRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/return/address")
def confirm_return_address(dispute_id: str) -> edge.Reply:
    """200 with the dispute, whose buyer can now ship."""
    command = edge.command(app)
    request = edge.body(app, ReturnAddressRequest)
    return edge.respond(
        returns.confirm_return_address(container.get().context, command, edge.identifier(dispute_id), request)
    )


handler = edge.entry(app, confirm_return_address)
