"""POST /v1/disputes/{dispute_id}/return/shipment: the buyer has sent the goods back (R36)."""

from buyer_protection.application.actions import returns
from buyer_protection.application.schemas.requests import ReturnShipmentRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/disputes/<dispute_id>/return/shipment")
def register_return_shipment(dispute_id: str) -> edge.Reply:
    """200 with the dispute, which waits for the seller."""
    command = edge.command(app)
    request = edge.body(app, ReturnShipmentRequest)
    return edge.respond(
        returns.register_return_shipment(
            container.get().context, command, edge.identifier(dispute_id), request
        )
    )


handler = edge.entry(app, register_return_shipment)
