"""The files of people in the evidence bucket, and a note of each erasure beside them (port `PersonFiles`)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from buyer_protection.adapters.aws.clients import client

# One object a person, named by the id and empty: a restored table is brought up to date by them.
NOTES = "erasures/"


class S3PersonFiles:
    """The client is made on first use."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def erase(self, folder: str) -> int:
        """See `PersonFiles.erase`. Delete markers go too."""
        count = 0
        for one in versions_of(self._bucket, folder):
            client("s3").delete_object(Bucket=self._bucket, Key=one["Key"], VersionId=one["VersionId"])
            count += 1
        return count

    def note_erasure(self, person_id: str) -> None:
        """See `PersonFiles.note_erasure`."""
        client("s3").put_object(Bucket=self._bucket, Key=f"{NOTES}{quote(person_id, safe='')}", Body=b"")

    def noted_erasures(self) -> Sequence[tuple[str, datetime]]:
        """See `PersonFiles.noted_erasures`."""
        latest = (one for one in versions_of(self._bucket, NOTES) if one["IsLatest"])
        return [(unquote(one["Key"].removeprefix(NOTES)), one["LastModified"]) for one in latest]


def versions_of(bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    """Every version of everything below a prefix, and the delete markers."""
    asked: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
    while True:
        answer = client("s3").list_object_versions(**asked)
        yield from answer.get("Versions", ())
        yield from answer.get("DeleteMarkers", ())
        if not answer.get("IsTruncated"):
            return
        asked |= {
            "KeyMarker": answer["NextKeyMarker"],
            "VersionIdMarker": answer.get("NextVersionIdMarker", ""),
        }
