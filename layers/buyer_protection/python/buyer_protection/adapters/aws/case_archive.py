"""The archive of closed cases in S3 (port `CaseArchive`): one versioned object for each."""

import base64
import hashlib
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from buyer_protection.adapters.aws.clients import client
from buyer_protection.adapters.aws.evidence_files import unless_gone
from buyer_protection.adapters.aws.person_files import versions_of
from buyer_protection.application.ports.archive import ArchivedObject
from buyer_protection.application.ports.errors import ConflictingWriteError

PREFIX = "cases/"
# The bucket's rules go by this tag: an object without a number of days has no end.
DAYS_TAG = "days"
FOR_GOOD = "held"
# The numbers of days that there are rules for are multiples of this: an object stays that much longer at most.
STEP_DAYS = 30
# S3 has at most a thousand rules a bucket.
LONGEST_DAYS = 3_660
_CHANGED = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"})


def key_of(dispute_id: str) -> str:
    """Where the object of a case lies."""
    return f"{PREFIX}{dispute_id}.json"


class S3CaseArchive:
    """The client is made on first use."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def read(self, dispute_id: str) -> ArchivedObject | None:
        """See `CaseArchive.read`."""
        found = unless_gone("get_object", self._named(dispute_id))
        return None if found is None else ArchivedObject(bytes(found["Body"].read()), str(found["ETag"]))

    def put(self, dispute_id: str, content: bytes, *, days: int | None, over: str | None) -> None:
        """See `CaseArchive.put`. S3 compares the checksum before it accepts the object."""
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if over is None else {"IfMatch": over}
        try:
            client("s3").put_object(
                **self._named(dispute_id),
                **condition,
                Body=content,
                ContentType="application/json",
                ChecksumSHA256=digest,
                Tagging=f"{DAYS_TAG}={quote(rule_of(days))}",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _CHANGED:
                raise ConflictingWriteError(f"the archive of {dispute_id} was written meanwhile") from error
            raise

    def forget_before(self, dispute_id: str) -> int:
        """See `CaseArchive.forget_before`. Delete markers go too."""
        count = 0
        for one in versions_of(self._bucket, key_of(dispute_id)):
            if one["Key"] == key_of(dispute_id) and not one["IsLatest"]:
                client("s3").delete_object(Bucket=self._bucket, Key=one["Key"], VersionId=one["VersionId"])
                count += 1
        return count

    def _named(self, dispute_id: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": key_of(dispute_id)}


def rule_of(days: int | None) -> str:
    """The number of days that there is a rule for, never fewer."""
    return FOR_GOOD if days is None else str(min(-(-days // STEP_DAYS) * STEP_DAYS, LONGEST_DAYS))
