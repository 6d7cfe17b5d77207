"""Evidence with files: what an upload must be, when the item starts to count, and what is refused (R22, R26)."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.domain import evidence
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import (
    EventType,
    EvidenceStatus,
    EvidenceType,
    FileRefusal,
    FileStatus,
    MediaType,
    Role,
    Status,
)
from buyer_protection.domain.errors import (
    ConflictError,
    InvalidRequestError,
    LimitForNowError,
    LimitReachedError,
)
from buyer_protection.domain.evidence import (
    LINK_LIFE,
    MAX_FILE_BYTES,
    Inspection,
    awaits,
    refusal_of,
    verify,
)
from buyer_protection.domain.evidence_item import Evidence, EvidenceFile
from buyer_protection.domain.file_types import HEAD_BYTES, clean_name
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.timeline import UPLOADS
from buyer_protection.domain.windows import close_window
from tests.support.builders import (
    BUYER,
    DAY,
    OPENED,
    SECOND,
    SELLER,
    case_decided,
    case_in_claim,
    case_negotiating,
    case_under_review,
    escalated,
)

T1 = OPENED + DAY
HEADS = {
    MediaType.JPEG: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00",
    MediaType.PNG: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    MediaType.WEBP: b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    MediaType.PDF: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1",
    MediaType.HEIC: b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
    MediaType.MP4: b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00",
    MediaType.MOV: b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00",
}
# What people might try instead: a page, a program, a picture that few browsers show, a script, nothing.
OTHERS = (
    b"<!DOCTYPE html><",
    b"MZ\x90\x00\x03\x00\x00\x00",
    b"\x00\x00\x00\x18ftypavif\x00\x00",
    b"#!/bin/sh\n",
    b"",
)


def stated(
    content: bytes = HEADS[MediaType.PNG], media_type: MediaType = MediaType.PNG, file_id: str = "f-1"
) -> EvidenceFile:
    return EvidenceFile(file_id, "a.png", media_type, len(content), hashlib.sha256(content).hexdigest())


def found(content: bytes, version_id: str = "v1") -> Inspection:
    return Inspection(version_id, len(content), hashlib.sha256(content).hexdigest(), content[:HEAD_BYTES])


def submitted(case: Dispute | None = None, count: int = 1) -> tuple[Dispute, Evidence]:
    """The buyer has made an item with so many files."""
    files = [stated(file_id=f"f-{number}") for number in range(1, count + 1)]
    change = evidence.add_evidence(
        case or case_negotiating(), BUYER, EvidenceType.PHOTO, "", None, _now(case), files
    )
    assert change.new_evidence is not None
    return change.after, change.new_evidence


def _now(case: Dispute | None) -> object:
    return T1 if case is None else case.updated_at


@pytest.mark.parametrize("media_type", MediaType)
@given(data=st.data())
def test_r26_a_file_is_what_its_first_bytes_say(media_type: MediaType, data: st.DataObject) -> None:
    content = HEADS[media_type] + data.draw(st.binary(max_size=200))
    assert refusal_of(stated(content, media_type), found(content)) is None
    for other in set(MediaType) - {media_type}:
        assert refusal_of(stated(content, other), found(content)) is FileRefusal.WRONG_TYPE


@pytest.mark.parametrize("content", OTHERS[:-1])
@pytest.mark.parametrize("media_type", MediaType)
def test_r26_what_is_none_of_the_types_is_refused(media_type: MediaType, content: bytes) -> None:
    assert refusal_of(stated(content, media_type), found(content)) is FileRefusal.WRONG_TYPE


@given(size=st.integers(0, 3 * MAX_FILE_BYTES), off_by=st.integers(-5, 5))
def test_r26_the_size_is_exactly_what_was_stated_and_within_the_limit(size: int, off_by: int) -> None:
    file = replace(stated(), size=size)
    seen = found(HEADS[MediaType.PNG])._replace(size=size + off_by)
    right = off_by == 0 and 1 <= size <= MAX_FILE_BYTES
    assert (refusal_of(file, seen) is FileRefusal.WRONG_SIZE) is not right


@pytest.mark.parametrize("size", [1, MAX_FILE_BYTES])
def test_r26_the_smallest_and_the_largest_file_are_taken(size: int) -> None:
    seen = found(HEADS[MediaType.PNG])._replace(size=size)
    assert refusal_of(replace(stated(), size=size), seen) is None


@given(st.binary(min_size=1, max_size=64))
def test_r26_another_content_of_the_same_size_is_refused(tail: bytes) -> None:
    content = HEADS[MediaType.PDF] + tail
    other = content[:-1] + bytes([content[-1] ^ 1])
    assert refusal_of(stated(content, MediaType.PDF), found(other)) is FileRefusal.WRONG_CHECKSUM


@given(st.text(max_size=300), st.sampled_from(MediaType))
def test_a_name_is_safe_to_show_and_to_save_under(name: str, media_type: MediaType) -> None:
    cleaned = clean_name(name, media_type)
    assert cleaned == clean_name(cleaned, media_type)
    assert 0 < len(cleaned) <= 130
    assert cleaned.isprintable()
    assert not set(cleaned) & set('/\\:*?"<>|;%')
    assert not cleaned.startswith(".")


@pytest.mark.parametrize(
    ("name", "media_type", "expected"),
    [
        ("Foto.JPG", MediaType.JPEG, "Foto.JPG"),
        ("../../etc/passwd", MediaType.PDF, "_.._etc_passwd.pdf"),
        ("invoice.pdf.exe", MediaType.PDF, "invoice.pdf.exe.pdf"),
        ("gnp\u202efdp.exe", MediaType.PNG, "gnpfdp.exe.png"),
        ("  a\r\nb  .png", MediaType.PNG, "a b.png"),
        ("照片.webp", MediaType.WEBP, "照片.webp"),
        ("...", MediaType.MP4, "file.mp4"),
        (".hidden.png.", MediaType.PNG, "hidden.png"),
        ("a..png", MediaType.PNG, "a.png"),
        ("Xmas at MAX.png", MediaType.PNG, "Xmas at MAX.png"),
    ],
)
def test_names_people_use_and_abuse(name: str, media_type: MediaType, expected: str) -> None:
    assert clean_name(name, media_type) == expected


def test_r22_an_item_with_files_counts_only_once_every_file_is_verified() -> None:
    case, item = submitted(count=2)
    assert (item.status, item.counts, case.evidence_by_buyer) == (EvidenceStatus.PENDING, False, 0)
    assert (case.evidence_items, case.evidence_made_by_buyer) == (1, 1)

    first = verify(case, item, "f-2", "v1", None, T1)
    assert first is not None
    assert first.changed_evidence is not None
    assert first.entry.type is EventType.EVIDENCE_FILE_VERIFIED
    assert first.changed_evidence.status is EvidenceStatus.PENDING
    assert first.after.evidence_by_buyer == 0
    assert first.after.pending_uploads

    last = verify(first.after, first.changed_evidence, "f-1", "v2", None, T1)
    assert last is not None
    assert last.changed_evidence is not None
    assert (last.entry.type, last.entry.actor) == (EventType.EVIDENCE_ADDED, UPLOADS)
    assert last.entry.data["party"] is Role.BUYER
    assert last.changed_evidence.counts
    assert [file.version_id for file in last.changed_evidence.files] == ["v2", "v1"]
    assert (last.after.evidence_by_buyer, last.after.pending_uploads) == (1, ())


@pytest.mark.parametrize("reason", sorted(set(FileRefusal) - {FileRefusal.LATE}))
def test_r26_one_refused_file_refuses_the_item_for_good(reason: FileRefusal) -> None:
    case, item = submitted(count=2)
    change = verify(case, item, "f-1", "v1", reason, T1)
    assert change is not None
    assert change.changed_evidence is not None
    assert change.entry.type is EventType.EVIDENCE_REFUSED
    assert change.entry.data["files"] == [{"file_id": "f-1", "reason": reason}]
    assert change.changed_evidence.status is EvidenceStatus.REFUSED
    assert (change.after.evidence_by_buyer, change.after.pending_uploads) == (0, ())
    assert verify(change.after, change.changed_evidence, "f-2", "v2", None, T1) is None


def test_events_that_come_twice_or_for_nothing_change_nothing() -> None:
    case, item = submitted()
    change = verify(case, item, "f-1", "v1", None, T1)
    assert change is not None
    assert change.changed_evidence is not None
    for refusal in (None, FileRefusal.WRONG_SIZE):
        assert verify(change.after, change.changed_evidence, "f-1", "v1", refusal, T1) is None
    assert verify(case, item, "f-9", "v1", None, T1) is None
    assert not awaits(item, "f-9")
    withdrawn = replace(item, withdrawn_at=T1)
    assert withdrawn.status is EvidenceStatus.WITHDRAWN
    assert verify(case, withdrawn, "f-1", "v1", None, T1) is None


def test_r22_an_upload_counts_on_its_side_of_the_windows_end_and_beyond_it_the_clock_comes_first() -> None:
    case, item = submitted(case_in_claim())
    due = case.deadline
    assert due is not None
    change = verify(case, item, "f-1", "v1", None, due - SECOND)
    assert change is not None
    assert change.after.evidence_by_buyer == 1
    assert change.guard is Guard.BEFORE_DEADLINE
    # Its form ended long before: the window's end waits for nothing, and cancels.
    ended = close_window(case, due)
    assert ended is not None
    assert ended.after.status is Status.CANCELLED
    assert verify(ended.after, item, "f-1", "v1", None, due) is None


def test_r22_in_review_an_upload_is_late_and_on_a_closed_case_nothing() -> None:
    _, item = submitted()
    review, closed = case_under_review(), case_decided()
    late = verify(review, item, "f-1", "v1", None, review.updated_at or T1)
    assert late is not None
    assert late.entry.data["files"][0]["reason"] is FileRefusal.LATE
    assert late.after.status is Status.UNDER_REVIEW
    assert verify(closed, item, "f-1", "v1", None, T1) is None


def test_r26_files_come_with_every_type_and_text_alone_with_some() -> None:
    case = case_negotiating()
    for kind in EvidenceType:
        assert evidence.add_evidence(case, SELLER, kind, "", None, T1, [stated()]).new_evidence is not None
    with pytest.raises(InvalidRequestError) as refused:
        evidence.add_evidence(case, SELLER, EvidenceType.STATEMENT, "", None, T1)
    assert refused.value.fields[0].code == "REQUIRED"


def test_r26_an_item_that_does_not_count_is_its_owners_alone() -> None:
    case, item = submitted()
    assert [item.is_visible_to(role) for role in (Role.BUYER, Role.SELLER, Role.CASE_MANAGER)] == [
        True,
        False,
        False,
    ]
    change = verify(case, item, "f-1", "v1", None, T1)
    assert change is not None
    assert change.changed_evidence is not None
    assert all(change.changed_evidence.is_visible_to(role) for role in Role)


def test_at_most_ten_items_of_a_side_wait_for_their_files() -> None:
    case = case_negotiating()
    for _ in range(case.policy.max_pending_uploads):
        case = evidence.add_evidence(case, BUYER, EvidenceType.PHOTO, "", None, T1, [stated()]).after
    with pytest.raises(LimitForNowError) as refused:
        evidence.add_evidence(case, BUYER, EvidenceType.PHOTO, "", None, T1 + SECOND / 2, [stated()])
    # C13: possible again once the first form has ended.
    assert refused.value.available_at == T1 + LINK_LIFE
    assert refused.value.retry_after == LINK_LIFE.total_seconds()
    # The other side, a text, and whoever lets the links run out are free.
    evidence.add_evidence(case, SELLER, EvidenceType.PHOTO, "", None, T1, [stated()])
    evidence.add_evidence(case, BUYER, EvidenceType.STATEMENT, "x", None, T1)
    later = evidence.add_evidence(case, BUYER, EvidenceType.PHOTO, "", None, T1 + LINK_LIFE, [stated()]).after
    assert len(later.pending_uploads) == 1


def test_r26_files_of_an_item_that_was_withdrawn_are_not_waited_for() -> None:
    case, item = submitted()
    for _ in range(9):
        case, _ = submitted(case)
    after = evidence.withdraw_evidence(case, BUYER, item, T1 + SECOND).after
    assert [it.evidence_id for it in after.pending_uploads] == [f"ev-{number}" for number in range(2, 11)]
    assert submitted(after)[1].evidence_id == "ev-11"


def test_r22_a_withdrawn_item_does_not_keep_its_owner_from_saying_that_was_all() -> None:
    case, item = submitted()
    withdrawn = evidence.withdraw_evidence(case, BUYER, item, T1).after
    claimed = escalated(replace(withdrawn, opened_at=T1 - 3 * DAY), T1 + SECOND)
    assert evidence.complete_evidence(claimed, BUYER, T1 + 2 * SECOND).after.buyer_complete


def test_r26_the_limit_of_items_counts_refused_ones_too() -> None:
    case = replace(case_negotiating(), evidence_made_by_buyer=50)
    with pytest.raises(LimitReachedError):
        evidence.add_evidence(case, BUYER, EvidenceType.PHOTO, "", None, T1, [stated()])
    assert evidence.made(replace(case, evidence_by_seller=3), Role.SELLER) == 3


def test_r46_the_files_of_one_side_have_a_gibibyte_in_all_and_the_other_side_its_own() -> None:
    full = replace(case_negotiating(), evidence_bytes_by={"BUYER": evidence.MAX_BYTES_PER_PARTY - 2})
    content = b"\xff\xd8\xff"
    with pytest.raises(LimitReachedError, match="1,073,741,824 bytes in all, of which 2 are left") as refused:
        evidence.add_evidence(full, BUYER, EvidenceType.PHOTO, "", None, T1, [stated(content)])
    assert (refused.value.code, refused.value.rule) == ("LIMIT_REACHED", "R46")
    # The other side has as much as before, and a text needs none of it.
    seller = evidence.add_evidence(full, SELLER, EvidenceType.PHOTO, "", None, T1, [stated(content)]).after
    assert seller.evidence_bytes_by == {**full.evidence_bytes_by, "SELLER": len(content)}
    evidence.add_evidence(full, BUYER, EvidenceType.STATEMENT, "It is blue.", None, T1)


def test_r46_what_was_announced_counts_whatever_became_of_it_up_to_the_last_byte() -> None:
    case, item = submitted()
    size = sum(file.size for file in item.files)
    assert evidence.bytes_left(case, Role.BUYER) == evidence.MAX_BYTES_PER_PARTY - size
    withdrawn = evidence.withdraw_evidence(case, BUYER, item, T1).after
    assert evidence.bytes_left(withdrawn, Role.BUYER) == evidence.MAX_BYTES_PER_PARTY - size
    almost = replace(
        case, evidence_bytes_by={"BUYER": evidence.MAX_BYTES_PER_PARTY - size}, pending_uploads=()
    )
    after, _ = submitted(almost)
    assert evidence.bytes_left(after, Role.BUYER) == 0


def test_r22_nobody_says_that_was_all_while_an_upload_is_under_way() -> None:
    case, _ = submitted(case_in_claim())
    now = case.updated_at or T1
    with pytest.raises(ConflictError) as refused:
        evidence.complete_evidence(case, BUYER, now)
    assert refused.value.code == "UPLOAD_PENDING"
    evidence.complete_evidence(case, SELLER, now)
    evidence.complete_evidence(case, BUYER, now + LINK_LIFE)


def test_a_verified_file_names_its_version_and_a_refused_one_none() -> None:
    case, item = submitted()
    for refusal, status, version in (
        (None, FileStatus.VERIFIED, "v7"),
        (FileRefusal.WRONG_TYPE, FileStatus.REFUSED, ""),
    ):
        change = verify(case, item, "f-1", "v7", refusal, T1)
        assert change is not None
        assert change.changed_evidence is not None
        (file,) = change.changed_evidence.files
        assert (file.status, file.version_id) == (status, version)
