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
from buyer_protection.application.ports.pictures import Pictures
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import EventType, FileRefusal, MediaType
from buyer_protection.domain.evidence import awaits, refusal_of, verify
from buyer_protection.domain.evidence_item import Copies, Evidence, EvidenceFile
from buyer_protection.domain.file_types import PICTURES, copy_name
from buyer_protection.domain.proof import sealed


class NotScannedError(Exception):
    """The scanner says that it is done, but the object does not show it yet: to be tried again."""


class OvertakenError(Exception):
    """Copies were made of another file of the same item meanwhile: to be tried again."""


class Verdict(StrEnum):
    """What one event led to."""

    COPIED = "COPIED"
    NO_COPY = "NO_COPY"
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


def verify_upload(
    context: Context, files: EvidenceFiles, pictures: Pictures, upload: Upload, *, scanning: bool
) -> Verdict:
    """Look at one upload. With `scanning`, nothing counts that the scanner has not found clean. Of a picture a copy
    without metadata is made first (R49), so that none counts which the other side cannot see."""
    key = upload.place.key
    file, awaited = _kept(context, upload.place)
    if file is None or not awaited:
        _discard_others(files, upload, file)
        if file is not None and file.lacks_copies and upload.version_id == file.version_id:
            return add_copies(context, files, pictures, upload.place)
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
    copies = None
    if refusal is None and file.media_type in PICTURES:
        made = _make_copies(files, pictures, upload.place, file, found.version_id)
        refusal, copies = (made, None) if isinstance(made, FileRefusal) else (None, made)
    verdict = _settle(context, upload.place, found.version_id, refusal, copies)
    # After the commit: an event that comes again finds the file settled, and removes what is left.
    if verdict is not Verdict.VERIFIED:
        _discard_others(files, Upload(upload.place, found.version_id), _kept(context, upload.place)[0])
        _discard_copies(files, upload.place, copies)
    return verdict


def add_copies(context: Context, files: EvidenceFiles, pictures: Pictures, place: FilePlace) -> Verdict:
    """R49: copies of a picture that counted before there were any; NO_COPY where none can be made of it. Until then
    the other side cannot have it."""
    loaded = context.cases.load(place.dispute_id, evidence_ids=[place.evidence_id])
    item = (loaded.evidence or {}).get(place.evidence_id) if loaded else None
    file = item.file(place.file_id) if item else None
    if item is None or file is None or not item.counts or not file.lacks_copies:
        return Verdict.NOTHING_TO_DO
    made = _make_copies(files, pictures, place, file, file.version_id)
    if isinstance(made, FileRefusal):
        return Verdict.NO_COPY
    with_them = tuple(it.with_copies(made) if it is file else it for it in item.files)
    if context.cases.replace_files(place.dispute_id, item, with_them):
        return Verdict.COPIED
    _discard_copies(files, place, made)
    raise OvertakenError


def _make_copies(
    files: EvidenceFiles, pictures: Pictures, place: FilePlace, file: EvidenceFile, version_id: str
) -> Copies | FileRefusal:
    """The copies of a picture, stored. What a call that is cut off leaves here is replaced by the next one's."""
    content = files.fetch(place.key, version_id)
    if content is None:
        return FileRefusal.NOT_READABLE
    clean = pictures.clean(content, file.media_type)
    if isinstance(clean, FileRefusal):
        return clean
    name = copy_name(file.name, clean.media_type, file.media_type)
    small = copy_name(file.name, MediaType.JPEG, file.media_type)
    return Copies(
        files.put(place.copy_key, clean.copy, name=name, media_type=clean.media_type),
        files.put(place.thumbnail_key, clean.thumbnail, name=small, media_type=MediaType.JPEG),
    )


def _discard_copies(files: EvidenceFiles, place: FilePlace, copies: Copies | None) -> None:
    if copies is not None:
        files.delete(place.copy_key, copies.copy.version_id)
        files.delete(place.thumbnail_key, copies.thumbnail.version_id)


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


def _settle(
    context: Context,
    place: FilePlace,
    version_id: str,
    refusal: FileRefusal | None,
    copies: Copies | None,
) -> Verdict:
    def decide(found: tuple[Dispute, Evidence] | None, now: datetime) -> Decision[Verdict]:
        change = verify(*found, place.file_id, version_id, refusal, now, copies) if found else None
        if change is None:
            return Decision(Verdict.NOTHING_TO_DO)
        event = change.entry.type
        verdict = Verdict.REFUSED if event is EventType.EVIDENCE_REFUSED else Verdict.VERIFIED
        return Decision(verdict, sealed(change, context.ids.salt))

    def load() -> tuple[Dispute, Evidence] | None:
        # R22: what was announced in time counts, also where the clock is late at the end of the window.
        now = context.clock.now()
        return _found(load_current(context.cases, place.dispute_id, now, [place.evidence_id]), place)

    return change_case(context.cases, context.clock, load, decide)
