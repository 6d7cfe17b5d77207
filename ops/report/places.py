"""Where exports are written to: a folder, or a bucket. A file that is there is replaced at once and as a whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ops.target import Target, TargetError

# IANA's registered name.
_TYPE: Final = "application/vnd.apache.parquet"

Write = Callable[[str, bytes], str]


def place_of(named: str, target: Target) -> Write:
    """What writes a file by its name below a folder, or below `s3://bucket/prefix`, and answers where it is.

    TargetError where the bucket is missing.
    """
    if named.startswith("s3://"):
        return _bucket(named, target)
    folder = Path(named)

    def write(name: str, content: bytes) -> str:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        # The name begins with a dot: whoever reads the folder meanwhile does not take it for one of its files.
        beside = file.with_name(f".{file.name}.new")
        beside.write_bytes(content)
        beside.replace(file)
        return str(file)

    return write


def _bucket(named: str, target: Target) -> Write:
    parts = urlsplit(named)
    if not parts.netloc or parts.query or parts.fragment:
        raise TargetError(f"{named!a} is no s3://bucket/prefix")
    bucket, prefix = parts.netloc, parts.path.strip("/")
    client = target.client("s3")

    def write(name: str, content: bytes) -> str:
        key = f"{prefix}/{name}" if prefix else name
        client.put_object(Bucket=bucket, Key=key, Body=content, ContentType=_TYPE)
        return f"s3://{bucket}/{key}"

    return write
