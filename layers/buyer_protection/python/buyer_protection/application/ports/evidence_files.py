"""The port to the storage of evidence files (`EvidenceFiles`), and the format of their keys."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from buyer_protection.domain.enums import MediaType
from buyer_protection.domain.evidence import Inspection
from buyer_protection.domain.evidence_item import FileCopy

PREFIX = "evidence"
# Copies lie apart, so that S3 reports none of them as an upload.
COPIES = "copies"
# What the malware scanner writes on an object; everything else, and nothing, is not clean.
CLEAN = "NO_THREATS_FOUND"
INFECTED = "THREATS_FOUND"


class FilePlace(NamedTuple):
    """Which file of which item of which case."""

    dispute_id: str
    evidence_id: str
    file_id: str

    @property
    def key(self) -> str:
        """The object's key: ids only, never a word that somebody wrote."""
        return f"{PREFIX}/{self.dispute_id}/{self.evidence_id}/{self.file_id}"

    @property
    def copy_key(self) -> str:
        """The key of the copy that was made of a picture (R49)."""
        return f"{COPIES}/{self.dispute_id}/{self.evidence_id}/{self.file_id}/copy"

    @property
    def thumbnail_key(self) -> str:
        """The key of its thumbnail."""
        return f"{COPIES}/{self.dispute_id}/{self.evidence_id}/{self.file_id}/thumbnail"

    @classmethod
    def of(cls, key: str) -> "FilePlace | None":
        """The place a key names; None where it is no key of ours."""
        prefix, *ids = key.split("/")
        return cls(*ids) if prefix == PREFIX and len(ids) == 3 and all(ids) else None


def folders_of(dispute_id: str, evidence_id: str) -> tuple[str, str]:
    """Below which prefixes the files of an item lie, and the copies that were made of them."""
    return f"{PREFIX}/{dispute_id}/{evidence_id}/", f"{COPIES}/{dispute_id}/{evidence_id}/"


class EvidenceFiles(Protocol):
    """A versioned, private bucket: what was verified is named by its version, whatever is uploaded later."""

    def presign_post(
        self, key: str, *, name: str, media_type: MediaType, size: int, sha256: str, seconds: int
    ) -> tuple[str, Mapping[str, str]]:
        """URL and form fields for one upload of exactly this key, type and size (bytes)."""
        ...

    def presign_get(
        self, key: str, version_id: str, *, name: str, media_type: MediaType, seconds: int
    ) -> str:
        """A URL that downloads this version as an attachment of that name and type, for so long."""
        ...

    def inspect(self, key: str, version_id: str | None) -> Inspection | None:
        """Read the object (its newest version where none is named), piece by piece. None where it is gone."""
        ...

    def fetch(self, key: str, version_id: str) -> bytes | None:
        """The whole of this version; None where it is gone."""
        ...

    def put(self, key: str, content: bytes, *, name: str, media_type: MediaType) -> FileCopy:
        """Store a copy as a new version of the object; the answer names it, without a salt."""
        ...

    def newest_version(self, key: str) -> str | None:
        """The version that is there now; None where there is none."""
        ...

    def scan_status(self, key: str, version_id: str | None) -> str | None:
        """What the malware scan wrote on the object; None where it has not been scanned (or is gone)."""
        ...

    def delete(self, key: str, version_id: str) -> None:
        """Remove this version for good; one that is gone is success."""
        ...
