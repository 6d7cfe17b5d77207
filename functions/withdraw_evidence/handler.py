"""DELETE /v1/disputes/{dispute_id}/evidence/{evidence_id}: its owner takes an item back, while negotiating (R26)."""

from buyer_protection.application.actions import evidence
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("withdraw_evidence")
def handler(request: edge.Request, dispute_id: str, evidence_id: str) -> Answer:
    """200 with the dispute; the timeline keeps that the item was there."""
    return evidence.withdraw_evidence(container.get().context, request.command, dispute_id, evidence_id)
