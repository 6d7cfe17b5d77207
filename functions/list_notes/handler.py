"""GET /v1/disputes/{dispute_id}/claim/notes: the team's notes (R45)."""

from buyer_protection.application.actions import beside
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("list_notes")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """200 with the notes, oldest first."""
    page = request.query(PageQuery)
    built = container.get()
    return beside.list_notes(built.context, built.team, request.command, dispute_id, page)
