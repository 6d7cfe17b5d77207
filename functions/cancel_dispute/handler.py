"""POST /v1/disputes/{dispute_id}/cancel: the buyer gives the dispute up (R13, R28)."""

from buyer_protection.application.actions import parcels
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import CancelRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("cancel_dispute")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute and `can_reopen_until`."""
    body = request.body(CancelRequest)
    return parcels.cancel_dispute(container.get().context, request.command, dispute_id, body)
