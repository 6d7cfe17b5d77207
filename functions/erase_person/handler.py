"""POST /v1/people/{person_id}/erase: for the shop's backend (R48)."""

from buyer_protection.application.actions import people
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("erase_person")
def handler(request: edge.Request, person_id: str) -> Answer:
    """200 with the request, which waits seven policy days."""
    request.no_body()
    known = container.get()
    return people.erase_person(known.context, request.command, known.people, person_id)
