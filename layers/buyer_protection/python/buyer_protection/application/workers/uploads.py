"""What becomes of an uploaded file: looked at, then verified or refused, in one transaction with its case (R22, R26).

An event may come twice, late, or out of order: the object is always asked anew, and what has been settled stays so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.current_case import load_current
from buyer_protection.application.changes import Decision, change_case
from buyer_protection.application.ports.cases import LoadedCase
from buyer_protection.application.ports.evidence_files import CLEAN, INFECTED, EvidenceFiles, FilePlace
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import EventType, FileRefusal
from buyer_protection.domain.evidence import awaits, refusal_of, verify
from buyer_protection.domain.evidence_item import Evidence, EvidenceFile


class NotScannedError(Exception):
    """The scanner says that it is done, but the object does not show it yet: to be tried again."""


class Verdict(StrEnum):
    """What one event led to."""

    VERIFIED = "VERIFIED"
    REFUSED = "REFUSED"
    WAITING_FOR_SCAN = "WAITING_FOR_SCAN"
    NOTHING_TO_DO = "NOTHING_TO_DO"


@dataclass(frozen=True, slots=True)
class Upload:
    """An object that was made (or, with `scanned`, scanned). `version_id` where the event names it."""

    place: FilePlace
    version_id: str | None = None
    scanned: bool = False


def upload_of(event: Mapping[str, Any]) -> Upload | None:
    """What an event of EventBridge is about: of S3 (`aws.s3`) or of the scanner (`aws.guardduty`); None for others."""
    detail = event["detail"]
    if event["source"] == "aws.guardduty":
        scanned = detail["s3ObjectDetails"]
        key, version_id = scanned["objectKey"], scanned.get("versionId")
    else:
        key, version_id = detail["object"]["key"], detail["object"].get("version-id")
    place = FilePlace.of(key)
    return Upload(place, version_id or None, event["source"] == "aws.guardduty") if place else None


def verify_upload(context: Context, files: EvidenceFiles, upload: Upload, *, scanning: bool) -> Verdict:
    """Look at one upload. With `scanning`, nothing counts that the scanner has not found clean."""
    key = upload.place.key
    file, awaited = _kept(context, upload.place)
    if file is None or not awaited:
        _discard_others(files, upload, file)
        return Verdict.NOTHING_TO_DO
    refusal = None
    if scanning:
        status = files.scan_status(key, upload.version_id)
        if status is None and upload.scanned:
            raise NotScannedError
        if status is None:
            return Verdict.WAITING_FOR_SCAN
        if status != CLEAN:
            refusal = FileRefusal.MALWARE if status == INFECTED else FileRefusal.NOT_SCANNABLE
    found = files.inspect(key, upload.version_id)
    if found is None:
        return Verdict.NOTHING_TO_DO
    refusal = refusal or refusal_of(file, found)
    verdict = _settle(context, upload.place, found.version_id, refusal)
    # After the commit: an event that comes again finds the file settled, and removes what is left.
    if verdict is not Verdict.VERIFIED:
        _discard_others(files, Upload(upload.place, found.version_id), _kept(context, upload.place)[0])
    return verdict


def _found(loaded: LoadedCase | None, place: FilePlace) -> tuple[Dispute, Evidence] | None:
    item = (loaded.evidence or {}).get(place.evidence_id) if loaded else None
    return (loaded.case, item) if loaded and item else None


def _kept(context: Context, place: FilePlace) -> tuple[EvidenceFile | None, bool]:
    """The file as it is kept, and whether an upload of it still matters."""
    found = _found(context.cases.load(place.dispute_id, evidence_ids=[place.evidence_id]), place)
    if found is None:
        return None, False
    _, item = found
    return item.file(place.file_id), awaits(item, place.file_id)


def _discard_others(files: EvidenceFiles, upload: Upload, file: EvidenceFile | None) -> None:
    """Remove an upload that is not the one that was verified."""
    version_id = upload.version_id or files.newest_version(upload.place.key)
    if version_id is not None and (file is None or version_id != file.version_id):
        files.delete(upload.place.key, version_id)


def _settle(context: Context, place: FilePlace, version_id: str, refusal: FileRefusal | None) -> Verdict:
    def decide(found: tuple[Dispute, Evidence] | None, now: datetime) -> Decision[Verdict]:
        change = verify(*found, place.file_id, version_id, refusal, now) if found else None
        if change is None:
            return Decision(Verdict.NOTHING_TO_DO)
        event = change.entry.type
        verdict = Verdict.REFUSED if event is EventType.EVIDENCE_REFUSED else Verdict.VERIFIED
        return Decision(verdict, change)

    def load() -> tuple[Dispute, Evidence] | None:
        # R22: what was announced in time counts, also where the clock is late at the end of the window.
        now = context.clock.now()
        return _found(load_current(context.cases, place.dispute_id, now, [place.evidence_id]), place)

    return change_case(context.cases, context.clock, load, decide)
