"""POST /v1/disputes/{dispute_id}/offers/{offer_id}/accept: the other party accepts the standing offer (R14)."""

from buyer_protection.application.actions import negotiation
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("accept_offer")
def handler(request: edge.Request, dispute_id: str, offer_id: str) -> Answer:
    """200 with the dispute: resolved, or waiting for the return."""
    request.no_body()
    return negotiation.accept_offer(container.get().context, request.command, dispute_id, offer_id)
