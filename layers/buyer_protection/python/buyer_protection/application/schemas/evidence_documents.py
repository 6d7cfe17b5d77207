"""An item of evidence as the contract shows it: its words, its files, and the links to upload and download them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

from msgspec import UNSET, Meta, Struct, UnsetType

from buyer_protection.application.schemas.instants import At
from buyer_protection.domain.enums import (
    EvidenceStatus,
    EvidenceType,
    FileRefusal,
    FileStatus,
    FileWarning,
    MediaType,
    Role,
)
from buyer_protection.domain.evidence_item import Evidence, EvidenceFile, FileCopy
from buyer_protection.domain.file_types import warnings_of
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


class FileCopyDocument(Struct, frozen=True):
    """R49: the copy of a picture without metadata, which the other side gets.

    name: the file's name, with the ending of what the copy is
    media_type: `image/jpeg` or `image/png`, which every browser shows
    size: size of the copy, in bytes
    sha256: SHA-256 of the copy, in lower-case hex
    download: where the copy can be had
    """

    name: str
    media_type: MediaType
    size: Annotated[int, Meta(description="bytes")]
    sha256: str
    download: DownloadDocument | UnsetType = UNSET


class FileLinks(NamedTuple):
    """Where a reader can have a file, its copy and its thumbnail."""

    download: DownloadDocument | UnsetType = UNSET
    copy: DownloadDocument | UnsetType = UNSET
    thumbnail: DownloadDocument | UnsetType = UNSET


class EvidenceFileDocument(Struct, frozen=True):
    """One file. `refusal` says why a REFUSED one was refused; only a VERIFIED one can be downloaded.

    warnings: what its owner should know before it is uploaded (R49)
    download: where the file can be had: by its owner and the team as it was uploaded, by the other side, of a picture,
    as its copy; absent as long as there is none
    copy: the picture without metadata; absent of other files, and of pictures of which none was made yet
    thumbnail: where a small JPEG of the picture can be had, to be shown in lists
    """

    file_id: str
    name: str
    media_type: MediaType
    size: Annotated[int, Meta(description="bytes")]
    sha256: str
    status: FileStatus
    refusal: FileRefusal | None
    warnings: Sequence[FileWarning]
    upload: UploadDocument | UnsetType = UNSET
    download: DownloadDocument | UnsetType = UNSET
    copy: FileCopyDocument | UnsetType = UNSET
    thumbnail: DownloadDocument | UnsetType = UNSET


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
    downloads: Mapping[str, FileLinks] | None = None,
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
            _file(
                file,
                (uploads or {}).get(file.file_id, UNSET),
                (downloads or {}).get(file.file_id, FileLinks()),
            )
            for file in item.files
        ],
        withdrawable,
    )


def _file(file: EvidenceFile, upload: UploadDocument | UnsetType, links: FileLinks) -> EvidenceFileDocument:
    return EvidenceFileDocument(
        file.file_id,
        file.name,
        file.media_type,
        file.size,
        file.sha256,
        file.status,
        file.refusal,
        warnings_of(file.media_type),
        upload,
        links.download,
        _copy(file.copy, links.copy) if file.copy else UNSET,
        links.thumbnail,
    )


def _copy(copy: FileCopy, download: DownloadDocument | UnsetType) -> FileCopyDocument:
    return FileCopyDocument(copy.name, copy.media_type, copy.size, copy.sha256, download)
