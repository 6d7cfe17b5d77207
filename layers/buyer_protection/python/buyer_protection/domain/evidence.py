"""Evidence with files: what may be uploaded, what an upload must be, and when the item starts to count (R22, R26).

An item with files is PENDING until every file is verified; only then do the case's counters rise. One file that is not
what its owner said, or that comes after the window, and the item is REFUSED for good: a new one can be made.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    Action,
    EventType,
    EvidenceStatus,
    EvidenceType,
    FileRefusal,
    FileStatus,
    Role,
    Status,
)
from buyer_protection.domain.errors import (
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidRequestError,
    LimitForNowError,
    LimitReachedError,
    NotFoundError,
    WindowClosedError,
    check_all,
)
from buyer_protection.domain.evidence_item import Copies, Evidence, EvidenceFile, PendingUpload
from buyer_protection.domain.evidence_window import (
    answerable,
    is_heard,
    may_give_until,
    replied,
    rescheduled,
    reviewed,
    uploads_until,
    waiting_for_uploads,
)
from buyer_protection.domain.file_types import begins_as
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.permissions import check, check_role, check_window, may, window_is_over
from buyer_protection.domain.policy import Policy
from buyer_protection.domain.texts import says_something
from buyer_protection.domain.timeline import UPLOADS, Actor, instant

MAX_FILES = 10
MAX_FILE_BYTES = 50 * 1024 * 1024
# R46: of all files that one side announces in a case.
MAX_BYTES_PER_PARTY = 1024 * 1024 * 1024
# How long a download may be begun, and an upload at most: seconds of the world, whatever the policy's day is.
LINK_LIFE = timedelta(minutes=5)


class Inspection(NamedTuple):
    """What an uploaded object is: `head` holds its first `HEAD_BYTES` bytes, `sha256` is lower-case hex."""

    version_id: str
    size: int
    sha256: str
    head: bytes


def refusal_of(file: EvidenceFile, found: Inspection) -> FileRefusal | None:
    """Why the upload is not what its owner said; None where it is."""
    if found.size != file.size or not 1 <= found.size <= MAX_FILE_BYTES:
        return FileRefusal.WRONG_SIZE
    if not begins_as(file.media_type, found.head):
        return FileRefusal.WRONG_TYPE
    return FileRefusal.WRONG_CHECKSUM if found.sha256 != file.sha256 else None


def form_life(policy: Policy) -> timedelta:
    """R22: how long an upload may be begun: five minutes or half a policy day, whichever is shorter."""
    return min(LINK_LIFE, policy.days(1) / 2)


def made(case: Dispute, party: Role) -> int:
    """How many items that side has made, whatever became of them."""
    side = case.side(party)
    return max(side.evidence_made, side.evidence)


def bytes_left(case: Dispute, party: Role) -> int:
    """R46: how large all further files of that side may be together."""
    return max(0, MAX_BYTES_PER_PARTY - case.evidence_bytes_by.get(party, 0))


def items_at_most(case: Dispute) -> int:
    """R26, R46: how many items each side may make: the policy's limit, and some with each window that asks for more."""
    return case.policy.max_evidence_per_party + case.evidence_extra


def under_way(case: Dispute, party: Role, now: datetime) -> tuple[PendingUpload, ...]:
    """That side's items whose files may still come or are being checked."""
    return tuple(it for it in case.pending_uploads if it.party is party and now < it.until)


def form_until(case: Dispute, item: Evidence, now: datetime) -> datetime | None:
    """Until when the uploads of this item may be begun; None where none is waited for any more."""
    return next(
        (it.until for it in case.pending_uploads if it.evidence_id == item.evidence_id and now < it.until),
        None,
    )


def without(case: Dispute, item: Evidence) -> Dispute:
    """The case once this item's files are not waited for any more."""
    pending = tuple(it for it in case.pending_uploads if it.evidence_id != item.evidence_id)
    return replace(case, pending_uploads=pending)


def counted(case: Dispute, item: Evidence) -> Dispute:
    """The case once this item counts (R21, R22)."""
    case = replied(case, item.party)
    side = case.side(item.party)
    return answered(case.with_side(item.party, side._replace(evidence=side.evidence + 1)), item.party)


def answered(case: Dispute, party: Role) -> Dispute:
    """The case once this party has done what the team asked of it, if it did ask (R24)."""
    return replace(case, evidence_answered=True) if case.evidence_asked_of is party else case


def _timed(
    case: Dispute, after: Dispute, data: dict[str, object], now: datetime
) -> tuple[Dispute, dict[str, object]]:
    """R43: with the date up to which evidence is awaited now; the entry says it where it is another."""
    after = rescheduled(after, now)
    if after.evidence_due_at != case.evidence_due_at and after.evidence_due_at is not None:
        data = {**data, "evidence_due_at": instant(after.evidence_due_at)}
    return after, data


def added(case: Dispute, item: Evidence) -> dict[str, object]:
    """What the timeline says of an item that starts to count."""
    return {
        "evidence_id": item.evidence_id,
        "evidence_type": item.type,
        "item_id": item.item_id,
        "in_claim": case.escalated_at is not None or case.status is Status.CLAIM_EVIDENCE,
    }


def submit(case: Dispute, actor: Actor, item: Evidence, now: datetime, numbered: Dispute) -> Change:
    """The item is there, numbered, and waits for its files. The timeline shows that it was made, not what it is."""
    mine = under_way(case, actor.role, now)
    if len(mine) >= case.policy.max_pending_uploads:
        raise LimitForNowError(
            f"At most {case.policy.max_pending_uploads} of your items can wait for their files.",
            rule="R26",
            available_at=min(it.until for it in mine),
            now=now,
        )
    waiting = tuple(it for it in case.pending_uploads if now < it.until)
    pending = (*waiting, PendingUpload(item.evidence_id, item.party, now + form_life(case.policy)))
    said: dict[str, object] = {"evidence_id": item.evidence_id, "files": len(item.files)}
    after, data = _timed(case, replace(numbered, pending_uploads=pending), said, now)
    return replace(case.record(now, actor, EventType.EVIDENCE_SUBMITTED, data, after), new_evidence=item)


def awaits(item: Evidence, file_id: str) -> bool:
    """Whether an upload of this file can still change anything."""
    file = item.file(file_id)
    return item.status is EvidenceStatus.PENDING and file is not None and file.status is FileStatus.PENDING


def verify(
    case: Dispute,
    item: Evidence,
    file_id: str,
    version_id: str,
    refusal: FileRefusal | None,
    now: datetime,
    copies: Copies | None = None,
) -> Change | None:
    """What the look at an upload changes: None where it comes twice, or too late for a case that has closed. `copies`
    are those of a picture (R49).

    The last verified file makes the item count, unless no evidence is taken any more: then it is refused as LATE. The
    clock steps first where a window has ended (R22): a change on this side of its end is guarded by it.
    """
    file = item.file(file_id)
    if file is None or not awaits(item, file_id) or case.is_closed:
        return None
    if refusal is None and not may(case, item.party, Action.ADD_EVIDENCE):
        refusal = FileRefusal.LATE
    status = FileStatus.VERIFIED if refusal is None else FileStatus.REFUSED
    if refusal is None:
        seen = replace(file, status=status, version_id=version_id).with_copies(copies)
    else:
        seen = replace(file, status=status, refusal=refusal)
    files = tuple(seen if it.file_id == file_id else it for it in item.files)
    seen_item = replace(item, files=files, counts=all(it.status is FileStatus.VERIFIED for it in files))
    data: dict[str, object] = {"evidence_id": item.evidence_id, "party": item.party}
    if refusal is not None:
        kind, after = EventType.EVIDENCE_REFUSED, without(case, item)
        data["files"] = [{"file_id": file_id, "reason": refusal}]
    elif seen_item.counts:
        kind, after = (
            EventType.EVIDENCE_ADDED,
            answerable(counted(without(case, item), item), item.party, now),
        )
        after, data = _timed(case, after, data | added(case, item), now)
    else:
        kind, after = EventType.EVIDENCE_FILE_VERIFIED, case
        data["file_id"] = file_id
    # What counts is held to the window like any person's evidence; the rest may come after it.
    guard = None if kind is EventType.EVIDENCE_ADDED else Guard.NONE
    return replace(case.record(now, UPLOADS, kind, data, after, guard), changed_evidence=seen_item)


def _check_own_window(case: Dispute, role: Role, now: datetime) -> None:
    """R43: beyond the window's end only an answer, or a file that was announced before it, is still taken."""
    if case.status is Status.CLAIM_EVIDENCE and now >= (until := may_give_until(case, role)):
        raise WindowClosedError(
            "The evidence window has ended; what was announced in time is still waited for.",
            rule="R22",
            deadline=until,
        )


def _announced(case: Dispute, item: Evidence) -> Dispute:
    """R46: the case with the bytes of the item's files counted, whatever becomes of them."""
    size = case.evidence_bytes_by.get(item.party, 0) + sum(file.size for file in item.files)
    return replace(case, evidence_bytes_by={**case.evidence_bytes_by, item.party.value: size})


def _check_limits(case: Dispute, party: Role, files: Sequence[EvidenceFile]) -> None:
    """R26, R46: one more item of that side, with these files."""
    if made(case, party) >= items_at_most(case):
        raise LimitReachedError(f"Each side can add at most {items_at_most(case)} items.", rule="R26")
    if sum(file.size for file in files) > (left := bytes_left(case, party)):
        raise LimitReachedError(
            f"The files of each side can have {MAX_BYTES_PER_PARTY:,} bytes in all, of which {left:,} are left.",
            rule="R46",
        )


TEXT_EVIDENCE = frozenset({EvidenceType.STATEMENT, EvidenceType.CHAT_LOG, EvidenceType.OTHER})


def _check_content(kind: EvidenceType, text: str, files: Sequence[EvidenceFile]) -> None:
    if files:
        return
    if kind not in TEXT_EVIDENCE:
        raise InvalidRequestError(
            f"{kind} needs a file; text alone is taken for {', '.join(sorted(TEXT_EVIDENCE))}.",
            rule="R22",
            fields=[FieldError("/type", "NEEDS_FILE")],
        )
    if not says_something(text):
        raise InvalidRequestError(
            "An item of evidence needs a text or a file.",
            rule="R22",
            fields=[FieldError("/text", "REQUIRED")],
        )


def _check_item(case: Dispute, item_id: str | None) -> None:
    if item_id is not None and item_id not in {item.item_id for item in case.items}:
        raise InvalidRequestError(
            "The item is not part of this dispute.",
            rule="R1",
            fields=[FieldError("/item_id", "NOT_IN_DISPUTE")],
        )


def add_evidence(
    case: Dispute,
    actor: Actor,
    kind: EvidenceType,
    text: str,
    item_id: str | None,
    now: datetime,
    files: Sequence[EvidenceFile] = (),
) -> Change:
    """One item of evidence; a text counts at once, also when given while negotiating (R21, R22, R26).

    With files it counts once every one of them is verified (`evidence_files.verify`).
    """
    check(case, actor.role, Action.ADD_EVIDENCE, now)
    _check_own_window(case, actor.role, now)
    check_all(lambda: _check_content(kind, text, files), lambda: _check_item(case, item_id))
    _check_limits(case, actor.role, files)
    number = case.evidence_items + 1
    item = Evidence(
        f"ev-{number}", actor.role, kind, text, item_id, now, counts=not files, files=tuple(files)
    )
    # Who adds something after all may say again, or may have to say, that this was the last of it.
    side = case.side(actor.role)
    # An answer with files is one once they count (`counted`); what follows "nothing more to add" is noted at once.
    noted = replied(case, actor.role) if side.complete else case
    added_to = noted.with_side(
        actor.role, side._replace(evidence_made=made(case, actor.role) + 1, complete=False)
    )
    numbered = replace(added_to, evidence_items=number)
    if files:
        return submit(case, actor, item, now, _announced(numbered, item))
    after, data = _timed(case, answerable(counted(numbered, item), actor.role, now), added(case, item), now)
    return replace(case.record(now, actor, EventType.EVIDENCE_ADDED, data, after), new_evidence=item)


def withdraw_evidence(case: Dispute, actor: Actor, item: Evidence | None, now: datetime) -> Change:
    """R26: its owner takes an item back while negotiating; the row and the timeline keep that it was there.

    One whose files have not come can be given up while the case is open: it never counted, and nobody else sees it.
    """
    if item is not None and item.party is actor.role and _can_be_given_up(case, item):
        check_role(case, actor.role, Action.WITHDRAW_EVIDENCE)
        check_window(case, now)
    else:
        check(case, actor.role, Action.WITHDRAW_EVIDENCE, now)
    if item is None or item.withdrawn_at is not None:
        raise NotFoundError(rule="R26")
    if item.party is not actor.role:
        raise ForbiddenError("Only its owner withdraws an item of evidence.", rule="R26")
    side = case.side(actor.role)
    left = side._replace(evidence=side.evidence - 1 if item.counts else side.evidence)
    # Its files are not waited for any more.
    after = without(case.with_side(actor.role, left), item)
    change = case.record(now, actor, EventType.EVIDENCE_WITHDRAWN, {"evidence_id": item.evidence_id}, after)
    return replace(change, changed_evidence=replace(item, counts=False, withdrawn_at=now))


def _can_be_given_up(case: Dispute, item: Evidence) -> bool:
    return item.status is EvidenceStatus.PENDING and not case.is_closed


def is_withdrawable(case: Dispute, item: Evidence, role: Role, now: datetime) -> bool:
    """Whether `withdraw_evidence` would take this item back now for that side (R26, R50)."""
    if item.party is not role or item.withdrawn_at is not None or window_is_over(case, now):
        return False
    return _can_be_given_up(case, item) or may(case, role, Action.WITHDRAW_EVIDENCE)


def complete_evidence(case: Dispute, actor: Actor, now: datetime) -> Change:
    """Record "nothing more to add"; once nobody's evidence is awaited and there is any, the review starts (R22, R43).

    What is still under way from the other side is waited for, as at the window's end.
    """
    check(case, actor.role, Action.EVIDENCE_COMPLETE, now)
    side = case.side(actor.role)
    if side.complete:
        raise ConflictError("You have said already that you have nothing to add.", rule="R22")
    if mine := under_way(case, actor.role, now):
        raise ConflictError(
            "Files of yours are still being uploaded or checked; try again when they are.",
            code="UPLOAD_PENDING",
            rule="R22",
            available_at=max(upload.until for upload in mine),
        )
    after = case.with_side(actor.role, side._replace(complete=True, reply_until=None))
    after = answered(after, actor.role)
    uploads = uploads_until(after, now)
    starts_review = is_heard(after, now) and uploads is None
    data: dict[str, object] = {"party": actor.role, "review_started": starts_review}
    if starts_review:
        after, due = reviewed(after, now)
        data["decision_due_at"] = instant(due)
    else:
        if is_heard(after, now) and uploads is not None and not after.uploads_awaited:
            after = waiting_for_uploads(after, uploads)
        after, data = _timed(case, after, data, now)
    return case.record(now, actor, EventType.EVIDENCE_COMPLETED, data, after)
