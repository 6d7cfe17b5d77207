"""POST /v1/disputes: the buyer asks for a refund (R1, R2, R5 to R12)."""

from buyer_protection.application.actions.opening import open_dispute as use_case
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import OpenDisputeRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("open_dispute")
def handler(request: edge.Request) -> Answer:
    """201 with the dispute and its `Location`."""
    body = request.body(OpenDisputeRequest)
    return use_case(container.get().context, request.command, body)
