"""POST /v1/disputes/{dispute_id}/change-reason: the buyer got the order, and it is not as described (R17, R27)."""

from buyer_protection.application.actions import parcels
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import ChangeReasonRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("change_reason")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute."""
    body = request.body(ChangeReasonRequest)
    return parcels.change_reason(container.get().context, request.command, dispute_id, body)
