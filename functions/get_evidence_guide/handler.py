"""GET /v1/disputes/{dispute_id}/evidence-guide: what to give, what is already there (R10, R26)."""

from buyer_protection.application.actions import case_file
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_evidence_guide")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the list, the required types first."""
    return case_file.get_evidence_guide(container.get().context, request.command, dispute_id)
