"""What a file of evidence may be: how each type begins, what its name ends in, and of which there are copies (R49)."""

import re
from collections.abc import Callable

from buyer_protection.domain.enums import FileWarning, MediaType

# As many bytes from the beginning as telling the media types apart takes.
HEAD_BYTES = 16
# R49: what a copy without metadata is made of; all else reaches the other side as it was uploaded.
PICTURES = frozenset({MediaType.JPEG, MediaType.PNG, MediaType.WEBP, MediaType.HEIC})

_MAX_NAME = 120
_UNSAFE = r'[/\\:*?"<>|;%]+'
_SUFFIXES: dict[MediaType, tuple[str, ...]] = {
    MediaType.JPEG: (".jpg", ".jpeg"),
    MediaType.PNG: (".png",),
    MediaType.WEBP: (".webp",),
    MediaType.HEIC: (".heic", ".heif"),
    MediaType.PDF: (".pdf",),
    MediaType.MP4: (".mp4", ".m4v"),
    MediaType.MOV: (".mov",),
}
# HEIC, MP4 and QuickTime begin with the same box: its brand makes the difference.
_BRANDS: dict[MediaType, tuple[bytes, ...]] = {
    MediaType.HEIC: (b"heic", b"heix", b"heim", b"heis", b"mif1"),
    MediaType.MP4: (b"iso", b"mp4", b"avc1", b"M4V ", b"MSNV", b"dash", b"3gp"),
    MediaType.MOV: (b"qt  ",),
}


def _has_brand(media_type: MediaType) -> Callable[[bytes], bool]:
    brands = _BRANDS[media_type]
    return lambda head: head[4:8] == b"ftyp" and head[8:12].startswith(brands)


_MAGIC: dict[MediaType, Callable[[bytes], bool]] = {
    MediaType.JPEG: lambda head: head.startswith(b"\xff\xd8\xff"),
    MediaType.PNG: lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    MediaType.WEBP: lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
    MediaType.HEIC: _has_brand(MediaType.HEIC),
    MediaType.PDF: lambda head: head.startswith(b"%PDF-"),
    MediaType.MP4: _has_brand(MediaType.MP4),
    MediaType.MOV: _has_brand(MediaType.MOV),
}


def begins_as(media_type: MediaType, head: bytes) -> bool:
    """Whether a file with these first `HEAD_BYTES` bytes is of that type."""
    return _MAGIC[media_type](head)


def warnings_of(media_type: MediaType) -> tuple[FileWarning, ...]:
    """What the owner of a file of that type should know before it is uploaded (R49)."""
    return () if media_type in PICTURES else (FileWarning.METADATA_STAYS,)


def clean_name(name: str, media_type: MediaType) -> str:
    """A file name that is safe to show and to save under: one line, no paths, no hidden direction marks, the ending
    of what the file is. Never part of a key."""
    # Its tables are only needed where files are named.
    import unicodedata

    shown = "".join(
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", name)
        if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    plain = " ".join(re.sub(_UNSAFE, "_", shown).split()).strip(". ")
    suffixes = _SUFFIXES[media_type]
    known = next((it for it in suffixes if plain.lower().endswith(it)), "")
    stem, ending = plain[: len(plain) - len(known)], plain[len(plain) - len(known) :]
    return (stem[:_MAX_NAME].strip(". ") or "file") + (ending or suffixes[0])


def copy_name(name: str, media_type: MediaType, of: MediaType) -> str:
    """The name of a copy of that type, of a file of another type or the same."""
    if media_type is of:
        return name
    ending = next((it for it in _SUFFIXES[of] if name.lower().endswith(it)), "")
    return clean_name(name[: len(name) - len(ending)], media_type)
