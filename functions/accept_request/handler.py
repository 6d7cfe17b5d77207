"""POST /v1/disputes/{dispute_id}/accept-request: the seller grants the buyer's whole request (R14)."""

from buyer_protection.application.actions import negotiation
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("accept_request")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute, resolved."""
    request.no_body()
    return negotiation.accept_request(container.get().context, request.command, dispute_id)
