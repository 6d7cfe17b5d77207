"""Copies of pictures by the real libraries: nothing that was planted is left, and what is shown is the same (R49)."""

import io
import struct
import zlib
from collections.abc import Iterator

import pytest
from PIL import Image, ImageChops, ImageCms, ImageOps, PngImagePlugin

from buyer_protection.adapters.pictures import cleaning, maker
from buyer_protection.adapters.pictures.maker import SeparatePictures
from buyer_protection.application.ports.pictures import MAX_PIXELS, CleaningFailedError, CleanPicture
from buyer_protection.domain.enums import FileRefusal, MediaType
from tests.support.pictures import HEIC, PLANTED, chunk, png

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><creator>PLANTED</creator></x:xmpmeta>'
# What a clean file may consist of.
JPEG_SEGMENTS = {0xD8, 0xE0, 0xDB, 0xC0, 0xC4, 0xDA, 0xD9}
PNG_CHUNKS = [b"IHDR", b"IDAT", b"IEND"]


def cleaned(content: bytes, media_type: MediaType) -> CleanPicture:
    made = SeparatePictures().clean(content, media_type)
    assert isinstance(made, CleanPicture), made
    return made


def picture(size: tuple[int, int] = (96, 64)) -> Image.Image:
    """A colour in each quarter, so that it shows which way is up."""
    shown, (width, height) = Image.new("RGB", size), (size[0] // 2, size[1] // 2)
    shown.paste((200, 30, 30), (0, 0, width, height))
    shown.paste((30, 160, 30), (width, 0, 2 * width, height))
    shown.paste((30, 30, 200), (0, height, width, 2 * height))
    shown.paste((240, 240, 240), (width, height, 2 * width, 2 * height))
    return shown


def exif(orientation: int = 1) -> Image.Exif:
    known = Image.Exif()
    known[0x010F], known[0x0110], known[0x013B] = "PLANTED make", "PLANTED model", "PLANTED artist"
    known[0x9C9D] = "PLANTED author".encode("utf-16-le")
    known[0x0112] = orientation
    known[0x8769] = {0xA431: "PLANTED serial", 0x927C: b"PLANTED maker note", 0xA420: "PLANTED id"}
    known[0x8825] = {1: "N", 2: (52.0, 31.0, 12.5), 3: "E", 4: (13.0, 24.0, 17.25), 29: "PLANTED date"}
    return known


def saved(shown: Image.Image, kind: str, **options: object) -> bytes:
    written = io.BytesIO()
    shown.save(written, kind, **options)
    return written.getvalue()


def segment(marker: int, data: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def profile() -> bytes:
    """sRGB, with a planted description."""
    known = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return known.replace("sRGB".encode("utf-16-be"), "PLAN".encode("utf-16-be")) + b"PLANTED"


def jpeg(orientation: int = 1, **more: object) -> bytes:
    plain = saved(
        picture(),
        "JPEG",
        quality=95,
        exif=exif(orientation),
        comment="PLANTED",
        icc_profile=profile(),
        **more,
    )
    inner = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
    inner += segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 40 + XMP)
    inner += segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0c\x1c\x02\x50\0\x07PLANTED")
    inner += segment(0xE2, b"MPF\0PLANTED") + b"".join(segment(it, b"PLANTED") for it in range(0xE3, 0xF0))
    inner += segment(0xE0, b"JFXX\0\x10" + saved(picture(), "JPEG", comment="PLANTED"))
    return plain[:2] + inner + plain[2:] + b"PLANTED after the end"


def two_pictures() -> bytes:
    """As phones write them, the second behind the first, with what it knows."""
    other = picture((48, 32))
    return saved(picture(), "MPO", save_all=True, append_images=[other], exif=exif()) + b"PLANTED"


def png_with_everything() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "PLANTED")
    texts.add_text("Comment", "PLANTED", zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    texts.add_itxt("Location", "PLANTED", "en", "Location", zip=True)
    texts.add(b"prVt", b"PLANTED", after_idat=True)
    made = saved(picture(), "PNG", pnginfo=texts, exif=exif(), icc_profile=profile(), dpi=(72, 72))
    return made + b"PLANTED after the end"


def webp(*, lossless: bool = False, mode: str = "RGB") -> bytes:
    made = saved(
        picture().convert(mode),
        "WEBP",
        exif=exif().tobytes(),
        xmp=XMP,
        icc_profile=profile(),
        lossless=lossless,
    )
    made += b"prVt" + struct.pack("<I", 8) + b"PLANTED!"
    return made[:4] + struct.pack("<I", len(made) - 8) + made[8:] + b"PLANTED after the end"


FILES = {
    "JPEG": (MediaType.JPEG, jpeg()),
    "progressive JPEG": (MediaType.JPEG, jpeg(progressive=True)),
    "JPEG with a second picture": (MediaType.JPEG, two_pictures()),
    "PNG": (MediaType.PNG, png_with_everything()),
    "WebP": (MediaType.WEBP, webp()),
    "WebP that can be seen through": (MediaType.WEBP, webp(lossless=True, mode="RGBA")),
    "HEIC": (MediaType.HEIC, HEIC + b"PLANTED after the end"),
}


def segments(content: bytes) -> Iterator[int]:
    """The markers of a JPEG up to its end, which must be the file's."""
    place = 0
    while place < len(content):
        assert content[place] == 0xFF
        marker = content[place + 1]
        yield marker
        place += 2
        if marker in (0xD8, 0xD9):
            continue
        (length,) = struct.unpack(">H", content[place : place + 2])
        place += length
        while marker == 0xDA and not (
            content[place] == 0xFF and content[place + 1] not in (0, *range(0xD0, 0xD8))
        ):
            place += 1


def chunks(content: bytes) -> Iterator[bytes]:
    place = 8
    while place < len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        yield content[place + 4 : place + 8]
        place += length + 12


@pytest.mark.parametrize("name", FILES)
def test_r49_nothing_that_was_planted_is_left_in_the_copy_or_the_thumbnail(name: str) -> None:
    media_type, content = FILES[name]
    assert any(word in content for word in PLANTED)
    made = cleaned(content, media_type)
    for one in (made.copy, made.thumbnail):
        assert not any(word in one for word in PLANTED)
        seen = Image.open(io.BytesIO(one))
        assert dict(seen.getexif()) == {}
        assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & set(seen.info)
    assert set(segments(made.thumbnail)) <= JPEG_SEGMENTS
    if made.media_type is MediaType.PNG:
        assert list(dict.fromkeys(chunks(made.copy))) == PNG_CHUNKS
    else:
        assert set(segments(made.copy)) <= JPEG_SEGMENTS
        assert made.copy.endswith(b"\xff\xd9")


@pytest.mark.parametrize("name", FILES)
def test_r49_the_copy_shows_what_the_picture_shows(name: str) -> None:
    media_type, content = FILES[name]
    made = cleaned(content, media_type)
    shown = picture() if media_type is not MediaType.HEIC else picture().transpose(Image.Transpose.ROTATE_270)
    assert _difference(Image.open(io.BytesIO(made.copy)), shown) < 4
    small = Image.open(io.BytesIO(made.thumbnail))
    assert max(small.size) <= cleaning.THUMBNAIL_SIDE
    # The wrong way round, it would be another picture.
    assert _difference(Image.open(io.BytesIO(made.copy)), shown.transpose(Image.Transpose.ROTATE_180)) > 20


def _difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of a pixel's colour, in 255ths."""
    assert one.size == other.size
    grey = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).convert("L").histogram()
    return sum(value * count for value, count in enumerate(grey)) / sum(grey)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_r49_the_copy_is_upright_where_the_file_only_says_so(orientation: int) -> None:
    content = jpeg(orientation)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    assert _difference(Image.open(io.BytesIO(cleaned(content, MediaType.JPEG).copy)), upright) < 4


def test_r49_a_png_is_copied_pixel_by_pixel() -> None:
    made = cleaned(png_with_everything(), MediaType.PNG)
    assert (made.media_type, _difference(Image.open(io.BytesIO(made.copy)), picture())) == (MediaType.PNG, 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_r49_pictures_of_every_kind_of_pixels_are_taken(mode: str) -> None:
    grey = picture().convert("L")
    kind, media_type = ("JPEG", MediaType.JPEG) if mode == "CMYK" else ("PNG", MediaType.PNG)
    shown = (
        grey.convert("I").point(lambda value: value * 256).convert("I;16")
        if mode == "I;16"
        else picture().convert(mode)
    )
    made = cleaned(saved(shown, kind), media_type)
    seen = Image.open(io.BytesIO(made.copy)).convert("L")
    assert _difference(seen, shown.convert("L") if mode in ("1", "P") else grey) < 6


def _wide(width: int, height: int) -> bytes:
    """A PNG that claims to be this large, and has hardly any content."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(*it) for it in ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    )


def _animated(kind: str) -> bytes:
    return saved(
        picture(), kind, save_all=True, append_images=[picture().transpose(Image.Transpose.ROTATE_180)]
    )


REFUSED = {
    "only the first bytes": (MediaType.PNG, b"\x89PNG\r\n\x1a\n and a picture", FileRefusal.NOT_READABLE),
    "cut off JPEG": (MediaType.JPEG, jpeg()[: len(jpeg()) * 2 // 3], FileRefusal.NOT_READABLE),
    "cut off PNG": (MediaType.PNG, saved(picture(), "PNG")[:-40], FileRefusal.NOT_READABLE),
    "cut off HEIC": (MediaType.HEIC, HEIC[:700], FileRefusal.NOT_READABLE),
    "cut off WebP": (MediaType.WEBP, webp()[:200], FileRefusal.NOT_READABLE),
    "JPEG that is a PNG": (MediaType.JPEG, b"\xff\xd8\xff" + png(), FileRefusal.NOT_READABLE),
    "a bomb": (MediaType.PNG, _wide(19_000, 19_000), FileRefusal.TOO_MANY_PIXELS),
    "just too many": (MediaType.PNG, _wide(10_000, MAX_PIXELS // 10_000 + 1), FileRefusal.TOO_MANY_PIXELS),
    "too long a side": (MediaType.PNG, _wide(1, 20_001), FileRefusal.TOO_MANY_PIXELS),
    "moving PNG": (MediaType.PNG, _animated("PNG"), FileRefusal.ANIMATED),
    "moving WebP": (MediaType.WEBP, _animated("WEBP"), FileRefusal.ANIMATED),
}


@pytest.mark.parametrize("name", REFUSED)
def test_r49_what_no_copy_can_be_made_of_is_refused(name: str) -> None:
    media_type, content, refusal = REFUSED[name]
    assert SeparatePictures().clean(content, media_type) is refusal


def test_r49_a_large_jpeg_of_a_phone_is_read_at_half_its_size() -> None:
    content = saved(Image.new("L", (10_000, 10_000), 128), "JPEG")
    made = cleaned(content, MediaType.JPEG)
    assert Image.open(io.BytesIO(made.copy)).size == (5_000, 5_000)


@pytest.mark.parametrize(
    "ending", ["os.kill(os.getpid(), signal.SIGSEGV)", "os.kill(os.getpid(), signal.SIGXCPU)"]
)
def test_r49_a_file_that_brings_the_process_down_is_refused(
    ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plays(monkeypatch, ending)
    assert SeparatePictures().clean(b"?", MediaType.JPEG) is FileRefusal.NOT_READABLE


@pytest.mark.parametrize("ending", ["sys.exit(3)", "os.kill(os.getpid(), signal.SIGKILL)", "pass"])
def test_r49_what_is_not_the_files_fault_is_tried_again(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _plays(monkeypatch, ending)
    with pytest.raises(CleaningFailedError):
        SeparatePictures().clean(b"?", MediaType.JPEG)


def test_r49_a_process_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    _plays(monkeypatch, "signal.pause()")
    monkeypatch.setattr(maker, "WAIT_SECONDS", 0.1)
    with pytest.raises(CleaningFailedError):
        SeparatePictures().clean(b"?", MediaType.JPEG)


def test_r49_the_process_knows_nothing_of_the_functions_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("TABLE_NAME", "cases")
    _plays(
        monkeypatch,
        "sys.stdout.write('ANIMATED' if not {'AWS_SECRET_ACCESS_KEY', 'TABLE_NAME'} & set(os.environ) else '')",
    )
    assert SeparatePictures().clean(b"?", MediaType.JPEG) is FileRefusal.ANIMATED


def _plays(monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    """Another program in the place of the one that cleans."""
    code = f"import os, signal, sys; {ending}"
    monkeypatch.setattr(maker, "COMMAND", ("-c", code))
