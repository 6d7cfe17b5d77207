"""Evidence of the parties: add an item, in words or with files, and read one (R21, R22, R26)."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import UNSET, UnsetType

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command, execute, load_case_for
from buyer_protection.application.ports.evidence_files import CLEAN, EvidenceFiles, FilePlace
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.evidence_documents import (
    DownloadDocument,
    FileLinks,
    UploadDocument,
    evidence_document,
)
from buyer_protection.application.schemas.links import dispute_link
from buyer_protection.application.schemas.requests import EvidenceRequest, FileModel
from buyer_protection.domain import evidence
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import Action, FileStatus, Role
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.evidence import LINK_LIFE, form_until
from buyer_protection.domain.evidence_item import Evidence, EvidenceFile, FileCopy
from buyer_protection.domain.file_types import PICTURES, clean_name
from buyer_protection.domain.timeline import instant

_SECONDS = int(LINK_LIFE.total_seconds())


def add_evidence(
    context: Context, files: EvidenceFiles, command: Command, dispute_id: str, request: EvidenceRequest
) -> Answer:
    """201 with the item. A text counts at once; a file has its own S3 POST and counts once verified (R22, R26)."""
    stated = [_stated(number, file) for number, file in enumerate(request.files, start=1)]

    def created(change: Change, _role: Role, now: datetime) -> Answer:
        item = change.new_evidence
        if item is None:
            raise AssertionError("evidence that was added is part of its change")
        location = f"{dispute_link(dispute_id)}/evidence/{item.evidence_id}"
        uploads = _uploads(files, change.after, item, now)
        can_withdraw = evidence.is_withdrawable(change.after, item, item.party, now)
        document = evidence_document(dispute_id, item, uploads=uploads, withdrawable=can_withdraw)
        return answer(201, document, version=change.after.version, location=location)

    return execute(
        context,
        command,
        dispute_id,
        Action.ADD_EVIDENCE,
        lambda s: evidence.add_evidence(
            s.case, s.actor, request.type, request.text or "", request.item_id, s.now, stated
        ),
        created,
    )


def get_evidence(
    context: Context,
    files: EvidenceFiles,
    command: Command,
    dispute_id: str,
    evidence_id: str,
    *,
    scanning: bool,
) -> Answer:
    """200 with the item and, for each verified file, where to download it for five minutes (R26).

    The other side gets of a picture a copy without metadata (R49). Its owner gets the form of each file that has not
    come yet again, while it is valid.

    404 where there is none, it was withdrawn, or it does not count yet and is the other side's. With malware scanning
    on, only what the scan found clean can be had.
    """
    loaded, role = load_case_for(context.cases, command, dispute_id, Action.READ_CONTENTS, [evidence_id])
    item = (loaded.evidence or {}).get(evidence_id)
    if item is None or item.withdrawn_at is not None or not item.is_visible_to(role):
        raise NotFoundError(rule="R26")
    now = context.clock.now()
    downloads = downloads_of(files, dispute_id, item, role, now, scanning=scanning)
    uploads = _uploads(files, loaded.case, item, now) if role is item.party else None
    can_withdraw = evidence.is_withdrawable(loaded.case, item, role, now)
    document = evidence_document(
        dispute_id, item, uploads=uploads, downloads=downloads, withdrawable=can_withdraw
    )
    return answer(200, document, version=loaded.case.version)


def downloads_of(
    files: EvidenceFiles, dispute_id: str, item: Evidence, reader: Role, now: datetime, *, scanning: bool
) -> dict[str, FileLinks]:
    """Where each verified file can be had for five minutes, by file id; with malware scanning on, what is clean.

    R49: the other side gets of a picture the copy without metadata, and nothing as long as there is none.
    """
    found: dict[str, FileLinks] = {}
    for file in item.files:
        place = FilePlace(dispute_id, item.evidence_id, file.file_id)
        if file.status is not FileStatus.VERIFIED:
            continue
        if scanning and files.scan_status(place.key, file.version_id) != CLEAN:
            continue
        copy = _link(files, place.copy_key, file.copy, now)
        if item.gives_original_to(reader) or file.media_type not in PICTURES:
            download = _link(files, place.key, file, now)
        else:
            download = copy
        found[file.file_id] = FileLinks(
            download, copy, _link(files, place.thumbnail_key, file.thumbnail, now)
        )
    return found


def _link(
    files: EvidenceFiles, key: str, stored: EvidenceFile | FileCopy | None, now: datetime
) -> DownloadDocument | UnsetType:
    if stored is None:
        return UNSET
    url = files.presign_get(
        key, stored.version_id, name=stored.name, media_type=stored.media_type, seconds=_SECONDS
    )
    return DownloadDocument(url, instant(now + LINK_LIFE))


def _stated(number: int, file: FileModel) -> EvidenceFile:
    return EvidenceFile(
        f"f-{number}", clean_name(file.name, file.media_type), file.media_type, file.size, file.sha256
    )


def _uploads(
    files: EvidenceFiles, case: Dispute, item: Evidence, now: datetime
) -> Mapping[str, UploadDocument]:
    """The forms of the files that have not come yet, as long as they may still be begun; none after that."""
    until = form_until(case, item, now)
    if until is None:
        return {}
    found: dict[str, UploadDocument] = {}
    for file in item.files:
        if file.status is not FileStatus.PENDING:
            continue
        url, fields = files.presign_post(
            FilePlace(case.dispute_id, item.evidence_id, file.file_id).key,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            # Never longer than the case waits for it (R22).
            seconds=max(1, int((until - now).total_seconds())),
        )
        found[file.file_id] = UploadDocument(url, fields, instant(until))
    return found


def withdraw_evidence(context: Context, command: Command, dispute_id: str, evidence_id: str) -> Answer:
    """200: the owner has taken the item back, while negotiating; 404 where there is none (R26)."""
    return execute(
        context,
        command,
        dispute_id,
        Action.WITHDRAW_EVIDENCE,
        lambda s: evidence.withdraw_evidence(s.case, s.actor, s.evidence.get(evidence_id), s.now),
        evidence_ids=[evidence_id],
    )


def complete_evidence(context: Context, command: Command, dispute_id: str) -> Answer:
    """200: "nothing more to add"; the review starts once both parties say so (R22)."""
    return execute(
        context,
        command,
        dispute_id,
        Action.EVIDENCE_COMPLETE,
        lambda s: evidence.complete_evidence(s.case, s.actor, s.now),
    )
