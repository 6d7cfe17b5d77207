"""POST /v1/disputes/{dispute_id}/return/acknowledge: the seller says what became of the return (R36)."""

from buyer_protection.application.actions import returns
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import AcknowledgeReturnRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("acknowledge_return")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute, closed as settled or under review."""
    body = request.body(AcknowledgeReturnRequest)
    return returns.acknowledge_return(container.get().context, request.command, dispute_id, body)
