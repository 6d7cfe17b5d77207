"""POST /v1/disputes/{dispute_id}/return/address: the seller says where the goods go back to (R36)."""

from buyer_protection.application.actions import returns
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import ReturnAddressRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("confirm_return_address")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute, whose buyer can now ship."""
    body = request.body(ReturnAddressRequest)
    return returns.confirm_return_address(container.get().context, request.command, dispute_id, body)
