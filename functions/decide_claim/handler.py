"""POST /v1/disputes/{dispute_id}/claim/decision: the team decides, and that is final (R24, R25)."""

from buyer_protection.application.actions import claim
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import DecisionQuery
from buyer_protection.application.schemas.requests import DecisionRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("decide_claim")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute, or 202 with a ruling that waits; with `dry_run`, 200 with what both would read."""
    of, call, body = container.get(), request.command, request.body(DecisionRequest)
    if request.query(DecisionQuery).dry_run:
        return of.preview_decision(call, dispute_id, body)
    return claim.decide_claim(of.context, call, dispute_id, body, of.confirm_above)
