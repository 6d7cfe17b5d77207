"""An item of evidence as the contract shows it: its words, its files, and the links to upload and download them."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from buyer_protection.application.schemas.instants import At
from buyer_protection.domain.enums import (
    EvidenceStatus,
    EvidenceType,
    FileRefusal,
    FileStatus,
    MediaType,
    Role,
)
from buyer_protection.domain.evidence_item import Evidence, EvidenceFile
from buyer_protection.domain.timeline import instant


class UploadDocument(Struct, frozen=True):
    """An S3 POST: send `fields`, then the file as the field `file`, as multipart/form-data to `url`."""

    url: str
    fields: Mapping[str, str]
    expires_at: At


class DownloadDocument(Struct, frozen=True):
    """Where the file can be had as an attachment, for a short while."""

    url: str
    expires_at: At


class EvidenceFileDocument(Struct, frozen=True):
    """One file. `refusal` says why a REFUSED one was refused; only a VERIFIED one can be downloaded."""

    file_id: str
    name: str
    media_type: MediaType
    size: Annotated[int, Meta(description="bytes")]
    sha256: str
    status: FileStatus
    refusal: FileRefusal | None
    upload: UploadDocument | UnsetType = UNSET
    download: DownloadDocument | UnsetType = UNSET


class EvidenceDocument(Struct, frozen=True):
    """One item of evidence; `counts` once it is complete: a text at once, files when every one is verified.

    withdrawable: whether the reader could take the item back now (R26); absent where the item is not read by itself or
    in a list of evidence.
    """

    evidence_id: str
    dispute_id: str
    party: Role
    type: EvidenceType
    text: str
    item_id: str | None
    added_at: At
    counts: bool
    status: EvidenceStatus
    files: Sequence[EvidenceFileDocument]
    withdrawable: bool | UnsetType = UNSET


def evidence_document(
    dispute_id: str,
    item: Evidence,
    *,
    uploads: Mapping[str, UploadDocument] | None = None,
    downloads: Mapping[str, DownloadDocument] | None = None,
    withdrawable: bool | UnsetType = UNSET,
) -> EvidenceDocument:
    """An item of evidence as those see it who may; the links by file id, where there are any."""
    return EvidenceDocument(
        item.evidence_id,
        dispute_id,
        item.party,
        item.type,
        item.text,
        item.item_id,
        instant(item.added_at),
        item.counts,
        item.status,
        [
            _file(file, (uploads or {}).get(file.file_id, UNSET), (downloads or {}).get(file.file_id, UNSET))
            for file in item.files
        ],
        withdrawable,
    )


def _file(
    file: EvidenceFile, upload: UploadDocument | UnsetType, download: DownloadDocument | UnsetType
) -> EvidenceFileDocument:
    return EvidenceFileDocument(
        file.file_id,
        file.name,
        file.media_type,
        file.size,
        file.sha256,
        file.status,
        file.refusal,
        upload,
        download,
    )
