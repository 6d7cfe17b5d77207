"""The port to what makes copies of pictures without their metadata (`Pictures`, R49)."""

from typing import NamedTuple, Protocol

from buyer_protection.domain.enums import FileRefusal, MediaType

# How many pixels a picture of evidence may have: what phones of today take, and what fits into the function's memory.
MAX_PIXELS = 50_000_000
# A JPEG with more, as some phones take them, is read at a half, a quarter or an eighth of its size.
MAX_JPEG_PIXELS = 250_000_000
MAX_SIDE = 20_000


class CleanPicture(NamedTuple):
    """The pixels of a picture and nothing else: `copy` is of `media_type` (JPEG or PNG), `thumbnail` is a JPEG."""

    copy: bytes
    media_type: MediaType
    thumbnail: bytes


class Pictures(Protocol):
    """Makes a copy and a thumbnail of a picture that anybody may have made up."""

    def clean(self, content: bytes, media_type: MediaType) -> CleanPicture | FileRefusal:
        """The picture turned upright, without EXIF, XMP, IPTC, comments, colour profile and whatever follows its end.

        NOT_READABLE: it is no such picture, is damaged, or takes longer than it may. TOO_MANY_PIXELS. ANIMATED: it has
        more than one picture. Raises CleaningFailedError where it is not the file's fault.
        """
        ...


class CleaningFailedError(Exception):
    """The copy could not be made now: to be tried again."""
