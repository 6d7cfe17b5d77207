"""Evidence files in memory (port `EvidenceFiles`): objects by key and version, tags, and what was asked for."""

import hashlib
from collections.abc import Mapping

from buyer_protection.domain.enums import MediaType
from buyer_protection.domain.evidence import Inspection
from buyer_protection.domain.evidence_item import FileCopy
from buyer_protection.domain.file_types import HEAD_BYTES


class MemoryEvidenceFiles:
    """`upload` is what the browser does with the form, `tag` what the malware scanner does."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, bytes]] = {}
        self.tags: dict[tuple[str, str], str] = {}
        self.deleted: list[tuple[str, str]] = []
        self.read = 0
        self._made = 0

    def upload(self, key: str, content: bytes) -> str:
        """A new version of the object."""
        self._made += 1
        self.objects.setdefault(key, {})[f"v{self._made}"] = content
        return f"v{self._made}"

    def tag(self, key: str, version_id: str, status: str) -> None:
        self.tags[key, version_id] = status

    def presign_post(
        self, key: str, *, name: str, media_type: MediaType, size: int, sha256: str, seconds: int
    ) -> tuple[str, Mapping[str, str]]:
        fields = {
            "key": key,
            "name": name,
            "Content-Type": media_type.value,
            "size": str(size),
            "sha256": sha256,
        }
        return f"https://bucket.test/?expires={seconds}", fields

    def presign_get(
        self, key: str, version_id: str, *, name: str, media_type: MediaType, seconds: int
    ) -> str:
        return f"https://bucket.test/{key}?versionId={version_id}&name={name}&expires={seconds}"

    def inspect(self, key: str, version_id: str | None) -> Inspection | None:
        version = version_id or self.newest_version(key)
        content = self.objects.get(key, {}).get(version or "")
        if version is None or content is None:
            return None
        self.read += 1
        return Inspection(version, len(content), hashlib.sha256(content).hexdigest(), content[:HEAD_BYTES])

    def fetch(self, key: str, version_id: str) -> bytes | None:
        return self.objects.get(key, {}).get(version_id)

    def put(self, key: str, content: bytes, *, name: str, media_type: MediaType) -> FileCopy:
        version = self.upload(key, content)
        return FileCopy(name, media_type, len(content), hashlib.sha256(content).hexdigest(), version)

    def newest_version(self, key: str) -> str | None:
        return next(reversed(self.objects.get(key, {})), None)

    def scan_status(self, key: str, version_id: str | None) -> str | None:
        return self.tags.get((key, version_id or self.newest_version(key) or ""))

    def delete(self, key: str, version_id: str) -> None:
        self.deleted.append((key, version_id))
        self.objects.get(key, {}).pop(version_id, None)
