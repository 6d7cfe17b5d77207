"""POST /v1/disputes/{dispute_id}/claim/proposal: the team proposes an agreement to both sides (R14)."""

from buyer_protection.application.actions import beside
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import OfferRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("propose_settlement")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """201 with the proposal."""
    body = request.body(OfferRequest)
    return beside.propose_settlement(container.get().context, request.command, dispute_id, body)
