"""Erasing what is kept of a person, once the request can be stopped no more (R48; decision 0078).

One case or order after the other, each so that twice is once: files first, since the rows say where they lie. How far
it has come is kept after each page, so that a round that dies is gone on with.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from buyer_protection.application.actions.people import blocker
from buyer_protection.application.ports.case_lists import CaseLists
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.people import PersonFiles, PersonStore
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.workers.archive import Archivist, erase_archived
from buyer_protection.domain.erasure import Erasure, ErasureBlocker, done
from buyer_protection.domain.policy import Policy

# Cases or orders between two notes of how far it has come.
PAGE = 10
_AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Eraser:
    """What erasing needs. `policy` says how long its days are; `archivist` reaches what is archived."""

    cases: CaseLists
    people: PersonStore
    files: PersonFiles
    clock: Clock
    policy: Policy
    archivist: Archivist | None = None


class Erased(Enum):
    """What a round came to."""

    ALL = "ALL"
    # Time was over first.
    PART = "PART"
    # Something was opened, or a hold set, since it was asked for: it is looked at again a day later.
    DELAYED = "DELAYED"
    NOTHING = "NOTHING"


def erase_person(eraser: Eraser, person_id: str, has_time: Callable[[], bool] = lambda: True) -> Erased:
    """Erase what is left of a person whose request is due. Raises UnreadableRowError for a row that nobody can read."""
    people, now = eraser.people, eraser.clock.now()
    erasure = people.erasure(person_id)
    if erasure is None or not erasure.waits or now < erasure.effective_at:
        return Erased.NOTHING
    reached, found = people.reached(person_id), blocker(eraser.cases, people, person_id)
    # What has begun is ended, whatever is opened afterwards; a legal hold stops it where it is.
    if found is ErasureBlocker.LEGAL_HOLD or (found is not None and reached is None):
        people.postpone_erasure(erasure, now + eraser.policy.days(1), reached)
        return Erased.DELAYED
    if reached is None:
        eraser.files.note_erasure(person_id)
    return _erase_rest(eraser, erasure, has_time)


def _erase_rest(eraser: Eraser, erasure: Erasure, has_time: Callable[[], bool]) -> Erased:
    people, person_id = eraser.people, erasure.person_id
    reached = people.reached(person_id)
    while parts := people.parts(person_id, reached, limit=PAGE):
        for part in parts:
            if not has_time():
                people.postpone_erasure(erasure, eraser.clock.now() + _AT_ONCE, reached)
                return Erased.PART
            for folder in people.folders(part):
                eraser.files.erase(folder)
            people.erase(part, eraser.clock.now())
            if eraser.archivist is not None and part.dispute_id is not None:
                erase_archived(eraser.archivist, part.dispute_id, part.role)
            reached = part.place
        people.postpone_erasure(erasure, erasure.effective_at, reached)
    now = eraser.clock.now()
    # Another round may have come to the end first.
    with suppress(ConflictingWriteError):
        people.keep_erasure(done(erasure, now), erasure, now)
    return Erased.ALL
