"""POST /v1/disputes/{dispute_id}/return/shipment: the buyer has sent the goods back (R36)."""

from buyer_protection.application.actions import returns
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import ReturnShipmentRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("register_return_shipment")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute, which waits for the seller."""
    body = request.body(ReturnShipmentRequest)
    return returns.register_return_shipment(container.get().context, request.command, dispute_id, body)
