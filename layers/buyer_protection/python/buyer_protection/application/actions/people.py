"""A person's data: exported, erased, and an erasure stopped, as the shop's backend asks for it (R48; decision 0078)."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from msgspec import UNSET

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.evidence import downloads_of
from buyer_protection.application.actions.execute import (
    Command,
    idempotency_record_of,
    require_system,
    stored_response,
)
from buyer_protection.application.changes import retry_on_conflict
from buyer_protection.application.ports.case_lists import CaseLists
from buyer_protection.application.ports.errors import UnreadableRowError
from buyer_protection.application.ports.evidence_files import EvidenceFiles
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.people import Part, PersonStore
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.evidence_documents import DownloadDocument
from buyer_protection.application.schemas.page_tokens import foreign_token, next_key, page_token
from buyer_protection.application.schemas.person_documents import (
    PersonExportDocument,
    PersonPartDocument,
    PersonQuery,
    PersonRowDocument,
    erasure_document,
)
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import PARTIES
from buyer_protection.domain.erasure import Erasure, ErasureBlocker, blocker_of, requested, stopped
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.policy import Policy
from buyer_protection.domain.timeline import instant

_CASES = 100


class Downloads(NamedTuple):
    """Where links to files are made, and whether only what was found clean gets one."""

    files: EvidenceFiles
    scanning: bool


def erase_person(context: Context, command: Command, people: PersonStore, person_id: str) -> Answer:
    """200 with the request, which waits seven policy days; the one that waits already is as it was.

    404 where nothing is kept of the person; 409 `DISPUTES_OPEN`, `REFUND_UNPAID`, `LEGAL_HOLD`.
    """
    require_system(command.caller)

    def become(kept: Erasure | None) -> Erasure:
        return _asked_for(context, people, person_id, kept, context.policy)

    return _once(context, command, people, person_id, become)


def stop_erasing_person(context: Context, command: Command, people: PersonStore, person_id: str) -> Answer:
    """200 with the request taken back; 404 where there is none, 409 `TOO_LATE` once it has begun."""
    require_system(command.caller)
    return _once(context, command, people, person_id, lambda kept: _taken_back(context, kept))


def export_person(
    context: Context,
    command: Command,
    people: PersonStore,
    downloads: Downloads,
    person_id: str,
    query: PersonQuery,
) -> Answer:
    """200 with a part of all that is kept of the person, with links to their files for five minutes.

    404 where nothing is kept of the person.
    """
    require_system(command.caller)
    bound = f"export {person_id}"
    after = next_key(command.caller.caller_id, bound, query.page_token)
    try:
        parts = people.parts(person_id, after, limit=query.page_size + 1)
    except (LookupError, ValueError):
        raise foreign_token() from None
    if not parts and after is None:
        raise NotFoundError("Nothing is kept of this person.")
    shown = parts[: query.page_size]
    following = shown[-1].place if len(parts) > len(shown) else None
    document = PersonExportDocument(
        person_id,
        [_part(context, people, downloads, one) for one in shown],
        page_token(command.caller.caller_id, bound, following),
        instant(context.clock.now()),
    )
    return answer(200, document)


def request_erasure(context: Context, people: PersonStore, person_id: str, policy: Policy) -> Erasure:
    """The request that waits from now on. Errors: see `erase_person`."""

    def attempt() -> Erasure:
        kept = people.erasure(person_id)
        return _kept(context, people, _asked_for(context, people, person_id, kept, policy), kept)

    return retry_on_conflict(attempt)


def stop_erasure(context: Context, people: PersonStore, person_id: str) -> Erasure:
    """The request taken back. Errors: see `stop_erasing_person`."""

    def attempt() -> Erasure:
        kept = people.erasure(person_id)
        return _kept(context, people, _taken_back(context, kept), kept)

    return retry_on_conflict(attempt)


def _once(
    context: Context,
    command: Command,
    people: PersonStore,
    person_id: str,
    become: Callable[[Erasure | None], Erasure],
) -> Answer:
    """The answer that was given under this key, or what becomes of the request now: a repetition of a call must not
    ask anew for what was stopped meanwhile."""

    def attempt() -> Answer:
        given = stored_response(command, people.stored(command.idempotency_id or ""))
        if given is not None:
            return given
        kept = people.erasure(person_id)
        after = become(kept)
        said = answer(200, erasure_document(after))
        people.keep_erasure(after, kept, context.clock.now(), idempotency_record_of(command, said))
        return said

    return retry_on_conflict(attempt)


def _asked_for(
    context: Context, people: PersonStore, person_id: str, kept: Erasure | None, policy: Policy
) -> Erasure:
    if kept is None and not people.parts(person_id, None, limit=1):
        raise NotFoundError("Nothing is kept of this person.")
    found = None if kept and kept.waits else blocker(context.cases, people, person_id)
    return requested(kept, found, person_id, policy, context.clock.now())


def _taken_back(context: Context, kept: Erasure | None) -> Erasure:
    if kept is None:
        raise NotFoundError("Nobody has asked to erase what is kept of this person.")
    return stopped(kept, context.clock.now())


def _kept(context: Context, people: PersonStore, after: Erasure, before: Erasure | None) -> Erasure:
    if after is not before:
        people.keep_erasure(after, before, context.clock.now())
    return after


def blocker(cases: CaseLists, people: PersonStore, person_id: str) -> ErasureBlocker | None:
    """What keeps this person's data from being erased. Raises UnreadableRowError for a case that nobody can read."""
    found = list(cases_of(cases, person_id))
    # What is held of the other side lies in the same cases.
    parties = {person_id, *(one for case in found for one in (case.buyer_id, case.seller_id))}
    is_held = people.is_any_held(parties, {case.dispute_id for case in found})
    return blocker_of(found, is_held=is_held)


def cases_of(cases: CaseLists, person_id: str) -> Iterator[Dispute]:
    """Every case of the person, on whichever side."""
    for role in PARTIES:
        start: Mapping[str, object] | None = None
        while True:
            page = cases.page_of_party(role, person_id, limit=_CASES, start=start)
            for listed in page.items:
                if not isinstance(listed, Dispute):
                    raise UnreadableRowError(listed.dispute_id)
                yield listed
            start = page.next_key
            if start is None:
                break


def _part(context: Context, people: PersonStore, downloads: Downloads, part: Part) -> PersonPartDocument:
    links = _links(context, downloads, part)
    rows = [
        PersonRowDocument(one.kind, one.row_id, one.values, links.get(one.row_id, UNSET))
        for one in people.kept(part)
    ]
    return PersonPartDocument(part.role, part.dispute_id, part.order_id, rows)


def _links(
    context: Context, downloads: Downloads, part: Part
) -> Mapping[str, Mapping[str, DownloadDocument]]:
    """By item of evidence and file: ids of items are no other record's."""
    if part.dispute_id is None:
        return {}
    files, scanning = downloads
    now, items = context.clock.now(), context.cases.evidence(part.dispute_id)
    own = (item for item in items if item.party is part.role)
    found: dict[str, dict[str, DownloadDocument]] = {}
    for item in own:
        # What the person uploaded themselves, as they did: no copy that we made of it.
        links = downloads_of(files, part.dispute_id, item, part.role, now, scanning=scanning)
        originals = {file_id: one.download for file_id, one in links.items()}
        if with_link := {file_id: one for file_id, one in originals.items() if one is not UNSET}:
            found[item.evidence_id] = with_link
    return found
