"""POST /v1/people/{person_id}/export: for the shop's backend (R48)."""

from buyer_protection.application.actions import people
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.person_documents import PersonQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge, settings


@edge.action("export_person")
def handler(request: edge.Request, person_id: str) -> Answer:
    """200 with a part of all that is kept of the person."""
    request.no_body()
    query, known = request.query(PersonQuery), container.get()
    downloads = people.Downloads(known.evidence_files, settings.evidence().malware_scanning)
    return people.export_person(known.context, request.command, known.people, downloads, person_id, query)
