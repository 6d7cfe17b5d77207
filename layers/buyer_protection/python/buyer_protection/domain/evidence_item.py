"""One item of evidence with its files, as it is kept (R26)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.enums import (
    PARTIES,
    EvidenceStatus,
    EvidenceType,
    FileRefusal,
    FileStatus,
    MediaType,
    Role,
)
from buyer_protection.domain.file_types import PICTURES


@dataclass(frozen=True, slots=True)
class FileCopy:
    """R49: what was made of a picture, without its metadata. `size` in bytes, `sha256` in lower-case hex; `version_id`
    names the object that was stored. `salt`: see `domain.proof`; none in what was made after the entry.
    """

    name: str
    media_type: MediaType
    size: int
    sha256: str
    version_id: str
    salt: str = ""


class Copies(NamedTuple):
    """R49: the picture as the other side gets it, and a small one for lists."""

    copy: FileCopy
    thumbnail: FileCopy


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """One file of an item, as its owner described it, and what the look at the upload said.

    `size` in bytes, `sha256` in lower-case hex; `version_id` names the very upload that was verified. `salt`: see
    `domain.proof`. `copy` and `thumbnail`: of a picture; None where it was verified before there were any (R49).
    """

    file_id: str
    name: str
    media_type: MediaType
    size: int
    sha256: str
    status: FileStatus = FileStatus.PENDING
    refusal: FileRefusal | None = None
    version_id: str = ""
    salt: str = ""
    copy: FileCopy | None = None
    thumbnail: FileCopy | None = None

    def with_copies(self, copies: Copies | None) -> "EvidenceFile":
        """The file once these were made of it; itself where there are none."""
        return replace(self, copy=copies.copy, thumbnail=copies.thumbnail) if copies else self

    @property
    def lacks_copies(self) -> bool:
        """Whether it is a verified picture that the other side cannot be given (R49)."""
        return self.status is FileStatus.VERIFIED and self.media_type in PICTURES and self.copy is None


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """An item whose files may still be uploaded until that instant."""

    evidence_id: str
    party: Role
    until: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """R26: one item of evidence of one party; `counts` once it is complete (text at once, a file when verified).

    `salt` is the text's (`domain.proof`). `erased`: text and files were, at their owner's request (R48).
    """

    evidence_id: str
    party: Role
    type: EvidenceType
    text: str
    item_id: str | None
    added_at: datetime
    counts: bool = True
    withdrawn_at: datetime | None = None
    files: tuple[EvidenceFile, ...] = ()
    salt: str = ""
    erased: bool = False

    @property
    def status(self) -> EvidenceStatus:
        """PENDING until every file is verified, REFUSED once one of them is not what was said."""
        if self.withdrawn_at is not None:
            return EvidenceStatus.WITHDRAWN
        if self.counts:
            return EvidenceStatus.ACCEPTED
        refused = any(file.status is FileStatus.REFUSED for file in self.files)
        return EvidenceStatus.REFUSED if refused else EvidenceStatus.PENDING

    def is_visible_to(self, reader: Role) -> bool:
        """An item that does not count yet, or never will, is its owner's alone (R26)."""
        return reader is self.party or all(file.status is FileStatus.VERIFIED for file in self.files)

    def gives_original_to(self, reader: Role) -> bool:
        """R49: its owner and the team get files as they were uploaded, the other side pictures without metadata."""
        return reader is self.party or reader not in PARTIES

    def file(self, file_id: str) -> EvidenceFile | None:
        """The file of that id."""
        return next((file for file in self.files if file.file_id == file_id), None)
