"""Pictures for tests: a real PNG without any library, and a double of the port that makes copies (R49)."""

import struct
import zlib
from pathlib import Path

from buyer_protection.application.ports.pictures import CleanPicture
from buyer_protection.domain.enums import FileRefusal, MediaType

# 64 x 96 as it is looked at, with a place, a device and a name in its EXIF and XMP (`PLANTED`). Made with pillow-heif,
# which can write HEIC; the layer's pi-heif only reads it.
HEIC = (Path(__file__).parents[1] / "fixtures" / "pictures" / "with-place.heic").read_bytes()
PLANTED = (b"PLANTED", "PLANTED".encode("utf-16-le"), "PLANTED".encode("utf-16-be"))


def png(name: str = "") -> bytes:
    """A PNG of 16 x 16 pixels that says `name` in a text chunk, as its owner's name may stand there."""
    rows = b"".join(b"\0" + b"".join(bytes((x * 16, y * 16, 128)) for x in range(16)) for y in range(16))
    header = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
    text = [(b"tEXt", b"Author\0" + name.encode())] if name else []
    chunks = [(b"IHDR", header), *text, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


class FakePictures:
    """Port `Pictures`: takes whatever begins as a picture, unless `refusal` says otherwise; the copy is marked."""

    def __init__(self) -> None:
        self.refusal: FileRefusal | None = None
        self.failure: Exception | None = None
        self.cleaned = 0

    def clean(self, content: bytes, media_type: MediaType) -> CleanPicture | FileRefusal:
        self.cleaned += 1
        if self.failure is not None:
            raise self.failure
        if self.refusal is not None:
            return self.refusal
        kind = MediaType.PNG if media_type is MediaType.PNG else MediaType.JPEG
        return CleanPicture(b"copy of %d bytes" % len(content), kind, b"thumbnail")
