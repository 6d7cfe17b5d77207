"""POST /v1/disputes/{dispute_id}/offers/{offer_id}/withdraw: its maker takes an offer back (R14)."""

from buyer_protection.application.actions import negotiation
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("withdraw_offer")
def handler(request: edge.Request, dispute_id: str, offer_id: str) -> Answer:
    """200 with the dispute."""
    request.no_body()
    return negotiation.withdraw_offer(container.get().context, request.command, dispute_id, offer_id)
