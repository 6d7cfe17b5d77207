"""Evidence files as a browser sends and has them: straight to and from S3."""

from __future__ import annotations

import hashlib
import http.client
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from local.workspace import HOST
from tests.e2e.case import Case
from tests.e2e.waiting import until
from tests.e2e.world import Json
from tests.support.pictures import png

PNG = png("PLANTED")
PDF = b"%PDF-1.7\n" + b"a page of a contract\n" * 100


@dataclass(frozen=True)
class Answer:
    """What S3 says."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def http_call(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """A browser's call: no credentials but those in the address or the form."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(HOST, parts.port, timeout=60)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(
            method, target or "/", body=body, headers={"host": parts.netloc, **(headers or {})}
        )
        answer = connection.getresponse()
        return Answer(
            answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        )
    finally:
        connection.close()


def send(upload: Json, content: bytes, **changes: str) -> Answer:
    """The form as a browser sends it: the fields, then the file."""
    boundary = secrets.token_hex(16)
    fields = {**upload["fields"], **changes}
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    body = (head + file).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return http_call(
        "POST", upload["url"], body, {"content-type": f"multipart/form-data; boundary={boundary}"}
    )


def described(content: bytes, name: str = "the parcel.png", media_type: str = "image/png") -> Json:
    return {
        "name": name,
        "media_type": media_type,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def submit(case: Case, who: str, *files: Json, kind: str = "PHOTO") -> Json:
    return case.act(who, "evidence", {"type": kind, "files": list(files)})


def read(case: Case, who: str, evidence_id: str) -> Json:
    return case.read(who, f"{case.path}/evidence/{evidence_id}")


def settled(case: Case, who: str, evidence_id: str) -> Json:
    """The item once its uploads have been looked at."""
    return (
        until(
            f"{evidence_id} of {case.dispute_id} is checked",
            lambda: (item := read(case, who, evidence_id))["status"] != "PENDING" and item,
        )
        or {}
    )
