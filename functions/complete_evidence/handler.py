"""POST /v1/disputes/{dispute_id}/evidence-complete: a party has nothing more to add (R22)."""

from buyer_protection.application.actions import evidence
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("complete_evidence")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the dispute; the review starts once both said so."""
    request.no_body()
    return evidence.complete_evidence(container.get().context, request.command, dispute_id)
