"""POST /v1/disputes/{dispute_id}/offers: buyer or seller proposes a settlement (R14)."""

from buyer_protection.application.actions import negotiation
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import OfferRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("make_offer")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """201 with the offer, which replaces its maker's standing one."""
    body = request.body(OfferRequest)
    return negotiation.make_offer(container.get().context, request.command, dispute_id, body)
