"""POST /v1/disputes/{dispute_id}/claim/notes: a note that the team alone reads (R45)."""

from buyer_protection.application.actions import beside
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import NoteRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("write_note")
def handler(request: edge.Request, dispute_id: str) -> Answer:
    """201 with the note."""
    body = request.body(NoteRequest)
    return beside.write_note(container.get().context, request.command, dispute_id, body)
