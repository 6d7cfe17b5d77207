"""Evidence files in S3 (port `EvidenceFiles`)."""

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from buyer_protection.adapters.aws.clients import client
from buyer_protection.domain.enums import MediaType
from buyer_protection.domain.evidence import Inspection
from buyer_protection.domain.evidence_item import FileCopy
from buyer_protection.domain.file_types import HEAD_BYTES

# GuardDuty Malware Protection for S3 writes its finding into this tag.
SCAN_TAG = "GuardDutyMalwareScanStatus"
_PIECE_BYTES = 1024 * 1024
# S3 says that an object is gone (404) to whoever may list the bucket. No function may: to it a missing object and a
# missing right look alike (403), but for the right that some answers name.
_GONE = frozenset({"404", "NoSuchKey", "NoSuchVersion"})
_GONE_OR_FORBIDDEN = frozenset({"403", "AccessDenied"})
_RIGHT_TO_LIST = "s3:ListBucket"
_NAMED_RIGHT = re.compile(r"not authorized to perform: ([\w:]+)")


class S3EvidenceFiles:
    """One versioned bucket. The client is made on first use: most calls need none."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def presign_post(
        self, key: str, *, name: str, media_type: MediaType, size: int, sha256: str, seconds: int
    ) -> tuple[str, Mapping[str, str]]:
        """See `EvidenceFiles.presign_post`. S3 also compares the checksum before it accepts the object, and stores
        it as an attachment, so that every download is one."""
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        fields = {
            "Content-Type": media_type.value,
            "Content-Disposition": _attachment(name),
            "x-amz-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": checksum,
        }
        conditions = [
            *({name: value} for name, value in fields.items()),
            ["content-length-range", size, size],
        ]
        post = client("s3").generate_presigned_post(
            self._bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=seconds
        )
        return post["url"], post["fields"]

    def presign_get(
        self, key: str, version_id: str, *, name: str, media_type: MediaType, seconds: int
    ) -> str:
        """See `EvidenceFiles.presign_get`."""
        parameters = {
            **self._version(key, version_id),
            "ResponseContentDisposition": _attachment(name),
            "ResponseContentType": media_type.value,
        }
        url: str = client("s3").generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)
        return url

    def inspect(self, key: str, version_id: str | None) -> Inspection | None:
        """See `EvidenceFiles.inspect`."""
        found = unless_gone("get_object", self._version(key, version_id))
        if found is None:
            return None
        head, size, digest = b"", 0, hashlib.sha256()
        for piece in found["Body"].iter_chunks(_PIECE_BYTES):
            head = (head + piece[:HEAD_BYTES])[:HEAD_BYTES]
            size += len(piece)
            digest.update(piece)
        return Inspection(found["VersionId"], size, digest.hexdigest(), head)

    def fetch(self, key: str, version_id: str) -> bytes | None:
        """See `EvidenceFiles.fetch`."""
        found = unless_gone("get_object", self._version(key, version_id))
        return None if found is None else bytes(found["Body"].read())

    def put(self, key: str, content: bytes, *, name: str, media_type: MediaType) -> FileCopy:
        """See `EvidenceFiles.put`. S3 compares the checksum before it accepts the object."""
        digest = hashlib.sha256(content)
        stored = client("s3").put_object(
            **self._version(key, None),
            Body=content,
            ContentType=media_type.value,
            ContentDisposition=_attachment(name),
            ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
        )
        return FileCopy(name, media_type, len(content), digest.hexdigest(), str(stored["VersionId"]))

    def newest_version(self, key: str) -> str | None:
        """See `EvidenceFiles.newest_version`."""
        found = unless_gone("head_object", self._version(key, None))
        return None if found is None else str(found["VersionId"])

    def scan_status(self, key: str, version_id: str | None) -> str | None:
        """See `EvidenceFiles.scan_status`."""
        found = unless_gone("get_object_tagging", self._version(key, version_id))
        tags = found["TagSet"] if found else []
        return next((tag["Value"] for tag in tags if tag["Key"] == SCAN_TAG), None)

    def delete(self, key: str, version_id: str) -> None:
        """See `EvidenceFiles.delete`."""
        unless_gone("delete_object", self._version(key, version_id))

    def _version(self, key: str, version_id: str | None) -> dict[str, str]:
        named = {"Bucket": self._bucket, "Key": key}
        return named if version_id is None else {**named, "VersionId": version_id}


def _attachment(name: str) -> str:
    """To be saved, never shown in place; plain letters for old clients, the name itself for all others (RFC 6266)."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def unless_gone(operation: str, parameters: Mapping[str, str]) -> Any:
    """S3's answer; None where there is no such object or version."""
    try:
        return getattr(client("s3"), operation)(**parameters)
    except ClientError as error:
        if _says_gone(operation, error.response["Error"]):
            return None
        raise


def _says_gone(operation: str, error: Mapping[str, Any]) -> bool:
    # Removing what is gone succeeds, so that a forbidden removal is always a right that is missing.
    if error["Code"] not in _GONE_OR_FORBIDDEN or operation == "delete_object":
        return error["Code"] in _GONE
    named = _NAMED_RIGHT.search(error.get("Message", ""))
    # Another right, such as that to the bucket's key, is one that the role lacks: not a file that is gone.
    return named is None or named[1].startswith(_RIGHT_TO_LIST)
