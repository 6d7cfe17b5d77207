"""POST /v1/disputes/{dispute_id}/claim/decision/{decision_id}/confirm: a second member confirms a ruling (R47)."""

from buyer_protection.application.actions import beside
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("confirm_decision")
def handler(request: edge.Request, dispute_id: str, decision_id: str) -> Answer:
    """200 with the dispute: decided, or waiting for the return."""
    request.no_body()
    return beside.confirm_decision(container.get().context, request.command, dispute_id, decision_id)
