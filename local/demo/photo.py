"""A photo among the evidence: a small PNG, stated, sent straight to S3 as a browser sends a form, verified (R26)."""

from __future__ import annotations

import hashlib
import http.client
import secrets
import struct
import zlib
from typing import Any, Final
from urllib.parse import urlsplit

from local.demo.case import PATIENCE, POLL, Case, DemoError
from local.demo.schedule import Script, utc_now
from local.workspace import HOST

NAME: Final = "the cracked shade.png"
_SIDE: Final = 48
# A form is valid for half a policy day (R22), which on a busy machine is over before the file has arrived.
_FORMS: Final = 5


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(side: int = _SIDE) -> bytes:
    """A square photo in shades of grey, with a dark crack from corner to corner."""
    rows = b"".join(
        b"\x00" + bytes(20 if abs(x - y) < 2 else 120 + (x + y) % 100 for x in range(side))
        for y in range(side)
    )
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def give_photo(case: Case, who: str, text: str) -> Script:
    """State the photo, upload it, and wait until it counts. Raises DemoError where it does not."""
    photo = png()
    stated = {
        "name": NAME,
        "media_type": "image/png",
        "size": len(photo),
        "sha256": hashlib.sha256(photo).hexdigest(),
    }
    path = _sent(case, who, {"type": "PHOTO", "text": text, "files": [stated]}, photo)
    case.say(f"the {who} uploads a photo, {NAME}, {len(photo)} bytes")
    latest = utc_now() + PATIENCE
    while (seen := case.read(who, path))["status"] == "PENDING":
        if utc_now() > latest:
            raise DemoError(f"{NAME} was never verified")
        yield utc_now() + POLL
    if seen["status"] != "ACCEPTED":
        raise DemoError(f"{NAME} is {seen['status']}: {seen['files'][0]['refusal']}")
    case.say(f"its size, type and checksum are verified: {seen['evidence_id']} is {seen['status']}")


def _sent(case: Case, who: str, body: dict[str, Any], photo: bytes) -> str:
    """Announce the item and send its file, with another form where the first has run out; the item's path."""
    for _ in range(_FORMS):
        item = case.act(who, "ADD_EVIDENCE", body)
        path = f"/v1/disputes/{case.dispute_id}/evidence/{item['evidence_id']}"
        status = _post_form(item["files"][0]["upload"], photo)
        if status == http.client.NO_CONTENT:
            return path
        if status != http.client.FORBIDDEN:
            raise DemoError(f"S3 answered {status} to the upload of {NAME}")
        case.give_up(who, path)
        case.say(
            f"the form for {NAME} had run out before it was sent (half a policy day): the {who} asks again"
        )
    raise DemoError(
        f"{_FORMS} forms for {NAME} had run out before they were sent: take longer days (DAY_SECONDS=5)"
    )


def _post_form(upload: dict[str, Any], content: bytes) -> int:
    """The form's fields, then the file; the status S3 answers."""
    boundary, parts = secrets.token_hex(16), urlsplit(upload["url"])
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in upload["fields"].items()
    )
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="photo"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    connection = http.client.HTTPConnection(HOST, parts.port, timeout=60)
    try:
        headers = {"host": parts.netloc, "content-type": f"multipart/form-data; boundary={boundary}"}
        connection.request("POST", parts.path or "/", body=body, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()
