"""GET /v1/disputes/{dispute_id}/export: the whole case file, signed, with the chain to check (R21, R25)."""

from buyer_protection.application.actions import case_file
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("export_case")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with everything its reader may have."""
    here = container.get()
    return case_file.export_case(here.context, here.signer, request.command, dispute_id)
