"""GET /v1/disputes/{dispute_id}/claim/brief: the dossier of a claim, for the team (R21, R24, R31, R32)."""

from buyer_protection.application.actions import reads
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_claim_brief")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with facts, clocks, offers, evidence and tracking."""
    return reads.get_claim_brief(container.get().context, request.command, dispute_id)
