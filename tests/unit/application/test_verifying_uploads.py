"""Uploads through the use cases: submitted, looked at, counted or refused, and handed out again (R22, R23, R26)."""

import hashlib
from typing import Any

import pytest

from buyer_protection.application.actions import evidence, reads
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.ports.evidence_files import CLEAN, FilePlace
from buyer_protection.application.schemas.requests import EvidenceRequest, FileModel
from buyer_protection.application.workers.uploads import (
    NotScannedError,
    Upload,
    Verdict,
    upload_of,
    verify_upload,
)
from buyer_protection.domain.enums import EventType, EvidenceType, MediaType, Role, Status
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.evidence import LINK_LIFE
from buyer_protection.domain.evidence_window import UPLOAD_GRACE
from tests.support.builders import SECOND
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    OTHER_BUYER,
    SELLER,
    call,
    case_of,
    doc,
    escalate,
    roles_of,
    tick,
    wait_until_due,
    world_in,
)
from tests.unit.application.helpers import evidence as giving

PNG = b"\x89PNG\r\n\x1a\n and a picture"
PDF = b"%PDF-1.7 and pages"


def model(content: bytes = PNG, media_type: MediaType = MediaType.PNG, name: str = "a.png") -> FileModel:
    return FileModel(name, media_type, len(content), hashlib.sha256(content).hexdigest())


def submit(of: World, *files: FileModel, who: Caller = BUYER) -> dict[str, Any]:
    asked = EvidenceRequest(EvidenceType.PHOTO, files=list(files or [model()]))
    return doc(evidence.add_evidence(of.context, of.files, call(who), CASE, asked))


def upload(of: World, item: dict[str, Any], content: bytes, number: int = 0) -> Upload:
    """The form of that file is sent; what S3 reports of it."""
    key = item["files"][number]["upload"]["fields"]["key"]
    place = FilePlace.of(key)
    assert place is not None
    return Upload(place, of.files.upload(key, content))


def verify(of: World, uploaded: Upload, *, scanning: bool = False) -> Verdict:
    return verify_upload(of.context, of.files, of.pictures, uploaded, scanning=scanning)


def get(of: World, who: Caller, evidence_id: str = "ev-1", *, scanning: bool = False) -> dict[str, Any]:
    return doc(evidence.get_evidence(of.context, of.files, call(who), CASE, evidence_id, scanning=scanning))


def happened(of: World) -> list[EventType]:
    return [entry.type for entry in of.timeline[CASE]]


def fresh(status: Status = Status.NEGOTIATION) -> World:
    of = world_in(status)
    of.deliver_stream()
    return of


def test_r26_each_file_gets_a_form_for_exactly_its_key_type_and_size() -> None:
    item = submit(fresh(), model(), model(PDF, MediaType.PDF, "../my contract.pdf"))
    first, second = item["files"]
    assert first["upload"]["fields"]["key"] == f"evidence/{CASE}/ev-1/f-1"
    assert second["upload"]["fields"]["key"] == f"evidence/{CASE}/ev-1/f-2"
    assert second["upload"]["fields"]["Content-Type"] == "application/pdf"
    assert second["upload"]["fields"]["size"] == str(len(PDF))
    assert second["upload"]["url"].endswith("expires=300")
    assert second["name"] == "_my contract.pdf"
    assert (item["status"], item["counts"]) == ("PENDING", False)


def test_r22_r26_an_item_counts_when_its_last_file_is_verified() -> None:
    of = fresh()
    item = submit(of, model(), model(PDF, MediaType.PDF, "b.pdf"))
    assert verify(of, upload(of, item, PDF, 1)) is Verdict.VERIFIED
    assert case_of(of).evidence_by_buyer == 0
    assert verify(of, upload(of, item, PNG)) is Verdict.VERIFIED
    assert case_of(of).evidence_by_buyer == 1
    assert happened(of)[-3:] == [
        EventType.EVIDENCE_SUBMITTED,
        EventType.EVIDENCE_FILE_VERIFIED,
        EventType.EVIDENCE_ADDED,
    ]


def test_r23_the_other_side_is_mailed_about_a_file_in_a_claim_once_it_counts() -> None:
    of = fresh(Status.CLAIM_EVIDENCE)
    item = submit(of, who=SELLER)
    of.deliver_stream()
    assert (Role.BUYER, "EVIDENCE_ADDED") not in roles_of(of)
    verify(of, upload(of, item, PNG))
    of.deliver_stream()
    assert roles_of(of).count((Role.BUYER, "EVIDENCE_ADDED")) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (PNG + b"x", "WRONG_SIZE"),
        (b"<html>" + PNG[6:], "WRONG_TYPE"),
        (PNG[:-1] + b"?", "WRONG_CHECKSUM"),
    ],
)
def test_r26_what_is_not_as_stated_is_refused_removed_and_its_owner_mailed(
    content: bytes, reason: str
) -> None:
    of = fresh()
    uploaded = upload(of, submit(of), content)
    assert verify(of, uploaded) is Verdict.REFUSED
    of.deliver_stream()
    seen = get(of, BUYER)
    assert (seen["status"], seen["files"][0]["refusal"]) == ("REFUSED", reason)
    assert "download" not in seen["files"][0]
    assert of.files.deleted == [(uploaded.place.key, uploaded.version_id)]
    assert [kind for kind in roles_of(of) if kind[1] == "EVIDENCE_REFUSED"] == [
        (Role.BUYER, "EVIDENCE_REFUSED")
    ]
    assert case_of(of).evidence_by_buyer == 0


def test_events_that_come_twice_or_late_change_nothing() -> None:
    of = fresh()
    item = submit(of)
    uploaded = upload(of, item, PNG)
    assert verify(of, uploaded) is Verdict.VERIFIED
    writes, reads = of.writes, of.files.read
    assert verify(of, uploaded) is Verdict.NOTHING_TO_DO
    assert verify(of, Upload(uploaded.place)) is Verdict.NOTHING_TO_DO
    assert (of.writes, of.files.read, of.files.deleted) == (writes, reads, [])
    assert get(of, BUYER)["files"][0]["download"]["url"].count(f"versionId={uploaded.version_id}&") == 1


def test_r26_a_second_upload_under_the_same_form_is_removed_and_never_handed_out() -> None:
    of = fresh()
    item = submit(of)
    first = upload(of, item, PNG)
    verify(of, first)
    second = upload(of, item, PNG[:-1] + b"?")
    assert verify(of, second) is Verdict.NOTHING_TO_DO
    assert of.files.deleted == [(second.place.key, second.version_id)]
    assert f"versionId={first.version_id}&" in get(of, BUYER)["files"][0]["download"]["url"]


def test_objects_that_belong_to_nothing_are_removed() -> None:
    of = fresh()
    for key in (f"evidence/{CASE}/ev-9/f-1", "evidence/dp-9/ev-1/f-1"):
        place = FilePlace.of(key)
        assert place is not None
        version = of.files.upload(key, PNG)
        assert verify(of, Upload(place)) is Verdict.NOTHING_TO_DO
        assert of.files.deleted[-1] == (key, version)


def test_r22_what_comes_after_the_window_does_not_count() -> None:
    of = fresh(Status.CLAIM_EVIDENCE)
    uploaded = upload(of, submit(of), PNG)
    deadline = case_of(of).deadline
    assert deadline is not None
    of.clock.at = deadline
    assert verify(of, uploaded) is Verdict.NOTHING_TO_DO
    assert case_of(of).status is Status.CANCELLED
    assert of.files.deleted


def test_r22_what_comes_after_the_window_is_refused_where_the_claim_is_under_review() -> None:
    of = fresh(Status.CLAIM_EVIDENCE)
    giving(of, SELLER)
    uploaded = upload(of, submit(of), PNG)
    deadline = case_of(of).deadline
    assert deadline is not None
    of.clock.at = deadline
    assert verify(of, uploaded) is Verdict.REFUSED
    assert get(of, BUYER, "ev-2")["files"][0]["refusal"] == "LATE"
    assert (case_of(of).status, case_of(of).evidence_by_buyer) == (Status.UNDER_REVIEW, 0)
    assert of.files.deleted


def test_r25_a_closed_case_takes_nothing_more() -> None:
    of = fresh()
    uploaded = upload(of, submit(of), PNG)
    of.cases_kept[CASE] = world_in(Status.DECIDED).cases_kept[CASE]
    before = len(of.timeline[CASE])
    assert verify(of, uploaded) is Verdict.NOTHING_TO_DO
    assert (len(of.timeline[CASE]), of.files.deleted[0]) == (
        before,
        (uploaded.place.key, uploaded.version_id),
    )
    assert not any(of.files.objects.values())


def test_an_upload_beside_somebody_elses_change_counts_all_the_same() -> None:
    of = fresh()
    of.clock.at = case_of(of).escalation_available_at
    uploaded = upload(of, submit(of), PNG)
    of.before_commit = lambda: escalate(of)  # type: ignore[assignment, return-value]
    assert verify(of, uploaded) is Verdict.VERIFIED
    assert (case_of(of).status, case_of(of).evidence_by_buyer) == (Status.CLAIM_EVIDENCE, 1)


# --- the malware scan ----------------------------------------------------------------------------------------------


def test_with_scanning_nothing_counts_before_the_scan_said_clean() -> None:
    of = fresh()
    uploaded = upload(of, submit(of), PNG)
    version = uploaded.version_id or ""
    scanned = Upload(uploaded.place, version, scanned=True)
    assert verify(of, uploaded, scanning=True) is Verdict.WAITING_FOR_SCAN
    with pytest.raises(NotScannedError):
        verify(of, scanned, scanning=True)
    assert case_of(of).evidence_by_buyer == 0
    of.files.tag(uploaded.place.key, version, CLEAN)
    assert verify(of, scanned, scanning=True) is Verdict.VERIFIED
    assert case_of(of).evidence_by_buyer == 1


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("THREATS_FOUND", "MALWARE"),
        ("UNSUPPORTED", "NOT_SCANNABLE"),
        ("ACCESS_DENIED", "NOT_SCANNABLE"),
        ("FAILED", "NOT_SCANNABLE"),
        ("", "NOT_SCANNABLE"),
    ],
)
def test_with_scanning_anything_but_clean_is_refused(status: str, reason: str) -> None:
    of = fresh()
    uploaded = upload(of, submit(of), PNG)
    of.files.tag(uploaded.place.key, uploaded.version_id or "", status)
    assert verify(of, uploaded, scanning=True) is Verdict.REFUSED
    assert get(of, BUYER)["files"][0]["refusal"] == reason


def test_with_scanning_only_clean_files_are_handed_out() -> None:
    of = fresh()
    uploaded = upload(of, submit(of), PNG)
    verify(of, uploaded)
    for status, handed_out in (("", False), ("THREATS_FOUND", False), (CLEAN, True)):
        of.files.tag(uploaded.place.key, uploaded.version_id or "", status)
        assert ("download" in get(of, SELLER, scanning=True)["files"][0]) is handed_out


# --- who sees it ---------------------------------------------------------------------------------------------------


def test_r26_until_it_counts_an_item_is_its_owners_alone() -> None:
    of = fresh()
    uploaded = upload(of, submit(of), PNG)
    for who in (SELLER, MANAGER):
        with pytest.raises(NotFoundError):
            get(of, who)
        assert doc(reads.list_evidence(of.context, call(who), CASE))["items"] == []
    assert [item["status"] for item in doc(reads.list_evidence(of.context, call(BUYER), CASE))["items"]] == [
        "PENDING"
    ]
    verify(of, uploaded)
    for who in (BUYER, SELLER, MANAGER):
        assert get(of, who)["status"] == "ACCEPTED"


def test_r01_r26_strangers_and_what_is_absent_or_withdrawn_get_the_same_answer() -> None:
    of = fresh()
    verify(of, upload(of, submit(of), PNG))
    for who, evidence_id in ((OTHER_BUYER, "ev-1"), (BUYER, "ev-2"), (BUYER, "of-1")):
        with pytest.raises(NotFoundError):
            get(of, who, evidence_id)
    evidence.withdraw_evidence(of.context, call(BUYER), CASE, "ev-1")
    with pytest.raises(NotFoundError):
        get(of, SELLER)


# --- what the queue brings -----------------------------------------------------------------------------------------


def test_the_events_of_s3_and_of_the_scanner_are_read() -> None:
    key = "evidence/dp-1/ev-2/f-3"
    made = {"source": "aws.s3", "detail": {"object": {"key": key, "version-id": "v1"}}}
    scanned = {
        "source": "aws.guardduty",
        "detail": {"s3ObjectDetails": {"objectKey": key, "versionId": "v1"}},
    }
    assert upload_of(made) == Upload(FilePlace("dp-1", "ev-2", "f-3"), "v1")
    assert upload_of(scanned) == Upload(FilePlace("dp-1", "ev-2", "f-3"), "v1", scanned=True)
    for other in ("evidence/dp-1/ev-2", "other/dp-1/ev-2/f-3", "evidence/dp-1/ev-2/f-3/x", "evidence///"):
        assert upload_of({"source": "aws.s3", "detail": {"object": {"key": other}}}) is None


@pytest.mark.parametrize("is_punctual", [True, False])
@pytest.mark.parametrize("status", [Status.NEGOTIATION, Status.CLAIM_EVIDENCE])
def test_r22_a_file_announced_in_time_counts_however_late_the_clock_is_at_the_windows_end(
    status: Status, is_punctual: bool
) -> None:
    of = fresh(status)
    due = case_of(of).deadline
    assert due is not None
    of.clock.at = due - 30 * SECOND
    item = submit(of)
    if is_punctual:
        wait_until_due(of)
    of.clock.at = due + SECOND / 2
    assert verify(of, upload(of, item, PNG)) is Verdict.VERIFIED
    case = case_of(of)
    assert (case.status, case.evidence_by_buyer) == (Status.CLAIM_EVIDENCE, 1)
    tick(of)
    assert case_of(of) == case
    wait_until_due(of)
    assert case_of(of).status is Status.UNDER_REVIEW


def test_r22_a_file_that_is_looked_at_after_its_forms_end_and_a_minute_is_late_whatever_the_clock() -> None:
    for is_punctual in (True, False):
        of = fresh(Status.CLAIM_EVIDENCE)
        due = case_of(of).deadline
        assert due is not None
        of.clock.at = due - 30 * SECOND
        item = submit(of)
        if is_punctual:
            wait_until_due(of)
        of.clock.at = due - 30 * SECOND + LINK_LIFE + UPLOAD_GRACE
        assert verify(of, upload(of, item, PNG)) is Verdict.NOTHING_TO_DO
        assert case_of(of).status is Status.CANCELLED


def test_r22_a_window_that_ends_between_reading_and_deciding_is_ended_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = fresh()
    due = case_of(of).deadline
    assert due is not None
    of.clock.at = due - SECOND
    uploaded = upload(of, submit(of), PNG)
    instants = iter([due - SECOND])
    monkeypatch.setattr(of.clock, "now", lambda: next(instants, due))
    assert verify(of, uploaded) is Verdict.VERIFIED
    assert (case_of(of).status, case_of(of).evidence_by_buyer) == (Status.CLAIM_EVIDENCE, 1)
    assert happened(of)[-2:] == [EventType.ESCALATED, EventType.EVIDENCE_ADDED]
