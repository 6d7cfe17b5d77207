"""Closed cases go to the archive, and only then leave the table (R48).

The object is written, read back and compared before the table says that there is one, and that before any row gets its
end. Each step can be repeated: what died in between is gone on with by the next night's audit, which calls this for
each case that it found nothing wrong with.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from msgspec import to_builtins

from buyer_protection.application.actions.case_file import case_file_of, signed
from buyer_protection.application.ports.archive import (
    FORMAT,
    ArchiveDamagedError,
    ArchiveMark,
    ArchiveRows,
    CaseArchive,
    GatheredCase,
)
from buyer_protection.application.ports.audit import CaseRecords
from buyer_protection.application.ports.case_lists import CaseLists
from buyer_protection.application.ports.people import PersonStore
from buyer_protection.application.ports.signing import Signer
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.workers.order_ends import disputed_order_leaves_at, is_held
from buyer_protection.domain.archive import (
    Retention,
    case_leaves_at,
    days_left,
    is_to_be_archived,
    rows_leave_at,
)
from buyer_protection.domain.enums import Role
from buyer_protection.domain.timeline import first_break, instant


class Archived(StrEnum):
    """What became of a case. The names are the metric's outcomes: never rename one.

    ARCHIVED: The archive has it, by an object that was written now; its rows leave the table.
    UNCHANGED: The archive has it as it is.
    NOT_YET: It is open, unpaid, has a mail to send, or was closed too short a time ago.
    HELD: A legal hold keeps it in the table.
    WAITS: One of its parties is about to be erased: then it is archived.
    """

    ARCHIVED = "ARCHIVED"
    UNCHANGED = "UNCHANGED"
    NOT_YET = "NOT_YET"
    HELD = "HELD"
    WAITS = "WAITS"


@dataclass(frozen=True, slots=True)
class Archivist:
    """What archiving needs. `new_salt` is for what an export adds of its own."""

    rows: ArchiveRows
    archive: CaseArchive
    cases: CaseLists
    people: PersonStore
    signer: Signer
    clock: Clock
    retention: Retention
    new_salt: Callable[[], str]


def is_worth_archiving(archivist: Archivist, seen: CaseRecords) -> bool:
    """Whether there is something to do for the case, by what the audit has read of it anyway."""
    case, mark = seen.case, seen.archived
    if case is None:
        return False
    if mark is None:
        return is_to_be_archived(case, archivist.retention, archivist.clock.now())
    return seen.loose or mark.version != case.version or is_to_follow_hold(archivist, seen)


def is_to_follow_hold(archivist: Archivist, seen: CaseRecords) -> bool:
    """Whether a legal hold was set or lifted since the case was archived: that waits for nothing."""
    case, mark = seen.case, seen.archived
    return case is not None and mark is not None and mark.held is not is_held(archivist.people, case)


def archive_case(archivist: Archivist, dispute_id: str) -> Archived:
    """Archive a closed case whose time has come, or bring its object up to date with what was written beside it.

    Raises ConflictingWriteError where it changes meanwhile, and ArchiveDamagedError: nothing leaves the table then.
    """
    seen = archivist.rows.gather(dispute_id)
    if seen is None:
        return Archived.NOT_YET
    case, now = seen.dossier.case, archivist.clock.now()
    if seen.mark is None and not is_to_be_archived(case, archivist.retention, now):
        return Archived.NOT_YET
    if seen.has_unsent_mail:
        return Archived.NOT_YET
    held = is_held(archivist.people, case)
    if held and seen.mark is None:
        return Archived.HELD
    # A hold keeps the erasure waiting, and must be followed meanwhile.
    if not held and any(_is_to_be_erased(archivist, one) for one in (case.buyer_id, case.seller_id)):
        return Archived.WAITS
    mark = seen.mark
    if mark is None or mark.held is not held or seen.rows != seen.archived:
        mark = _write(archivist, seen, now, held=held)
        result = Archived.ARCHIVED
    else:
        result = Archived.UNCHANGED
    _let_go(archivist, seen, mark)
    return result


def erase_archived(archivist: Archivist, dispute_id: str, side: Role) -> bool:
    """Write the object of an archived case anew without what is a side's own, and remove the versions before. Whether
    the case is archived. Twice is once."""
    seen = archivist.rows.gather(dispute_id, side)
    if seen is None or seen.mark is None:
        # What a pass that died has left behind is not named by anything.
        archivist.archive.forget_before(dispute_id)
        return False
    if seen.rows != seen.archived:
        _write(archivist, seen, archivist.clock.now(), held=seen.mark.held)
    archivist.archive.forget_before(dispute_id)
    return True


def _is_to_be_erased(archivist: Archivist, person_id: str) -> bool:
    erasure = archivist.people.erasure(person_id)
    return erasure is not None and erasure.waits


def _write(archivist: Archivist, seen: GatheredCase, now: datetime, *, held: bool) -> ArchiveMark:
    """Have an object that is proved to hold the case, and only then say that there is one."""
    case = seen.dossier.case
    content = json.dumps(
        document_of(archivist, seen, now), ensure_ascii=False, sort_keys=True, indent=1
    ).encode()
    digest = sha256(content).hexdigest()
    tag = seen.tag
    if seen.mark is not None:
        archivist.rows.announce(case.dispute_id, seen.mark, digest)
    elif (left := archivist.archive.read(case.dispute_id)) is not None:
        # Of a pass that died before it could say so.
        tag = left.tag
    days = None if held else days_left(case, archivist.retention, now)
    archivist.archive.put(case.dispute_id, content, days=days, over=tag)
    _prove(archivist, seen, content)
    mark = ArchiveMark(digest, case.version, now, held)
    archivist.rows.mark(case.dispute_id, mark, seen.mark)
    return mark


def _prove(archivist: Archivist, seen: GatheredCase, content: bytes) -> None:
    """Read it back: the same bytes, of which the same case comes, with its chain whole. Raises ArchiveDamagedError."""
    dispute_id = seen.dossier.case.dispute_id
    found = archivist.archive.read(dispute_id)
    if found is None or found.content != content:
        raise ArchiveDamagedError(f"{dispute_id}: what was read back is not what was written")
    rows = json.loads(found.content)["rows"]
    again = archivist.rows.dossier_of(dispute_id, rows)
    head, length = again.case.timeline_hash, again.case.timeline_seq
    ends = [(entry.hash, entry.seq) for entry in again.timeline[-1:]]
    if rows != seen.rows or again != seen.dossier or first_break(again.timeline) or ends != [(head, length)]:
        raise ArchiveDamagedError(f"{dispute_id}: what was read back is not the case")


def _let_go(archivist: Archivist, seen: GatheredCase, mark: ArchiveMark) -> None:
    case = seen.dossier.case
    archivist.rows.let_go(
        case.dispute_id,
        seen.loose,
        rows_at=rows_leave_at(case, mark.archived_at),
        case_at=None if mark.held else case_leaves_at(case, archivist.retention),
    )
    order_at = disputed_order_leaves_at(archivist.cases, archivist.people, archivist.retention, case.order_id)
    archivist.rows.let_order_go(case.order_id, order_at)


def document_of(archivist: Archivist, seen: GatheredCase, now: datetime) -> dict[str, Any]:
    """What the object says: `export` is what `docs/verify_export.py` checks, as the team may have it."""
    dossier, case = seen.dossier, seen.dossier.case
    file = case_file_of(dossier, Role.CASE_MANAGER, now, reader_id="")
    return {
        "format": FORMAT,
        "dispute_id": case.dispute_id,
        "closed_at": None if case.closed_at is None else instant(case.closed_at),
        "archived_at": instant(now),
        "export": to_builtins(signed(file, dossier, archivist.signer, archivist.new_salt)),
        "rows": dict(seen.rows),
    }
