"""GET /v1/disputes/{dispute_id}/page: all that a page of a case shows, in one answer (R1)."""

from buyer_protection.application.actions import case_page
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge, settings


@edge.action("get_dispute_page")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the page and its `ETag`."""
    context, files = container.get().context, container.get().evidence_files
    scanning = settings.evidence().malware_scanning
    return case_page.get_dispute_page(context, files, request.command, dispute_id, scanning=scanning)
