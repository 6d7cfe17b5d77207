"""What runs in a process of its own, with limits: a file that anybody may have made up becomes pixels and nothing else.

`python -m buyer_protection.adapters.pictures.cleaning <media type> <file> <folder>` writes `copy` and `thumbnail` into
the folder, and prints the copy's media type, or a `FileRefusal`.
"""

import io
import resource
import signal
import sys
import warnings
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from buyer_protection.application.ports.pictures import MAX_JPEG_PIXELS, MAX_PIXELS, MAX_SIDE
from buyer_protection.domain.enums import FileRefusal, MediaType
from buyer_protection.domain.evidence import MAX_FILE_BYTES

CPU_SECONDS = 25
MEMORY_BYTES = 1_400 * 1024 * 1024
THUMBNAIL_SIDE = 320
_QUALITY = 90
_PNG_LEVEL = 3
# What Pillow may take the content for: of each type its own readers only. MPO is a JPEG with more behind it.
_READERS = {
    MediaType.JPEG: ("JPEG", "MPO"),
    MediaType.PNG: ("PNG",),
    MediaType.WEBP: ("WEBP",),
    MediaType.HEIC: ("HEIF",),
}


class RefusedError(Exception):
    """The picture is refused; the argument is a `FileRefusal`."""


def clean(content: bytes, media_type: MediaType) -> tuple[bytes, MediaType, bytes]:
    """Copy, its media type, and thumbnail; RefusedError says why there is none."""
    picture = _pixels(_opened(content, media_type))
    copy, copied_as = _encoded(picture, media_type)
    return copy, copied_as, _thumbnail(picture)


def _opened(content: bytes, media_type: MediaType) -> Image.Image:
    if media_type is MediaType.HEIC:
        import pi_heif

        pi_heif.register_heif_opener(thumbnails=False)
    # Our own limits are below the library's.
    Image.MAX_IMAGE_PIXELS = 2 * MAX_JPEG_PIXELS
    picture = Image.open(io.BytesIO(content), formats=_READERS[media_type])
    if max(picture.size) > MAX_SIDE or _count(picture) > MAX_JPEG_PIXELS:
        raise RefusedError(FileRefusal.TOO_MANY_PIXELS)
    if getattr(picture, "n_frames", 1) > 1 and media_type in (MediaType.PNG, MediaType.WEBP):
        raise RefusedError(FileRefusal.ANIMATED)
    if media_type is MediaType.JPEG and _count(picture) > MAX_PIXELS:
        # Of a JPEG, less can be read: the first of these that fits.
        scale = next((it for it in (2, 4, 8) if _count(picture) <= MAX_PIXELS * it * it), 8)
        picture.draft(None, (picture.width // scale, picture.height // scale))
    if _count(picture) > MAX_PIXELS:
        raise RefusedError(FileRefusal.TOO_MANY_PIXELS)
    picture.load()
    return picture


def _count(picture: Image.Image) -> int:
    return picture.width * picture.height


def _pixels(picture: Image.Image) -> Image.Image:
    """The picture upright, in sRGB, as a new one that knows nothing but its pixels."""
    upright = ImageOps.exif_transpose(picture)
    shown = _in_plain_colours(upright)
    clean_one = Image.new(shown.mode, shown.size)
    clean_one.paste(shown)
    return clean_one


def _in_plain_colours(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        # Sixteen bits of grey; a plain conversion would cut off all above 255.
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    has_alpha = "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA", "La", "RGBa")
    if picture.mode in ("1", "L") and not has_alpha:
        return picture.convert("L")
    wanted = "RGBA" if has_alpha else "RGB"
    if picture.mode not in ("RGB", "RGBA", "CMYK") or (has_alpha and picture.mode == "RGB"):
        picture = picture.convert(wanted)
    if isinstance(profile, bytes) and picture.mode in ("RGB", "RGBA", "CMYK"):
        try:
            of_file = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(picture, of_file, srgb, outputMode=wanted)
        except (ImageCms.PyCMSError, OSError, ValueError):
            # Colours that are a little off are better than no picture.
            turned = None
        if turned is not None:
            return turned
    return picture.convert(wanted)


def _encoded(picture: Image.Image, media_type: MediaType) -> tuple[bytes, MediaType]:
    """A JPEG; a PNG where the picture was one, or can be seen through, as long as it is no larger than any file."""
    if media_type is MediaType.PNG or picture.mode == "RGBA":
        as_png = _saved(picture, "PNG", compress_level=_PNG_LEVEL)
        if len(as_png) <= MAX_FILE_BYTES:
            return as_png, MediaType.PNG
    return _saved(_on_white(picture), "JPEG", quality=_QUALITY), MediaType.JPEG


def _thumbnail(picture: Image.Image) -> bytes:
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return _saved(_on_white(small), "JPEG", quality=80)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _saved(picture: Image.Image, kind: str, **options: int) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def main(arguments: list[str]) -> None:
    """Clean one file, within the limits, and print what became of it."""
    media_type, source, folder = MediaType(arguments[0]), Path(arguments[1]), Path(arguments[2])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    warnings.simplefilter("ignore")
    try:
        copy, copied_as, thumbnail = clean(source.read_bytes(), media_type)
    except RefusedError as refused:
        sys.stdout.write(str(refused.args[0]))
        return
    except (MemoryError, Image.DecompressionBombError):
        sys.stdout.write(FileRefusal.TOO_MANY_PIXELS)
        return
    except Exception:  # noqa: BLE001 - whatever a library says of a file that it cannot read
        sys.stdout.write(FileRefusal.NOT_READABLE)
        return
    Path(folder, "copy").write_bytes(copy)
    Path(folder, "thumbnail").write_bytes(thumbnail)
    sys.stdout.write(copied_as)


if __name__ == "__main__":
    main(sys.argv[1:])
