"""Evidence through the pages: files with their progress, another try, and what is in them."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.e2e.case import Case
from tests.e2e.world import World

Come = Callable[..., Visitor]


def png(side: int = 64) -> bytes:
    """A grey square."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x90" * side for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def choose(page: Page, name: str, content: bytes, media_type: str = "image/png") -> None:
    page.get_by_role("button", name="Add evidence", exact=True).last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What is it?").select_option("PHOTO")
    dialog.get_by_label("Choose files").set_input_files(
        {"name": name, "mimeType": media_type, "buffer": content}
    )
    expect(dialog.get_by_text(name)).to_be_visible()
    dialog.get_by_role("button", name="Add evidence").click()


def test_a_photo_is_uploaded_checked_and_shown_to_the_other_side(world: World, visitor: Come) -> None:
    case = Case.opened(world, "NOT_AS_DESCRIBED")
    buyer = visitor("buyer")
    page = buyer.visit(f"/disputes/{case.dispute_id}")
    choose(page, "scratch.png", png())
    expect(page.get_by_text("Everything has arrived")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    show = page.get_by_role("button", name="Show", exact=True)
    expect(show).to_be_visible(timeout=60_000)

    seller = visitor("seller")
    theirs = seller.visit(f"/disputes/{case.dispute_id}")
    # R49: the copy that was made of it, small at once and large on demand.
    small = theirs.locator("img.thumbnail")
    expect(small).to_be_visible()
    assert small.evaluate("image => [image.complete, image.naturalWidth]") == [True, 64]
    theirs.get_by_role("button", name="Show", exact=True).click()
    picture = theirs.get_by_role("img", name="scratch.png")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 64
    assert seller.violations() == []


def test_an_upload_that_fails_can_be_tried_again(world: World, visitor: Come) -> None:
    case = Case.opened(world, "NOT_AS_DESCRIBED")
    buyer = visitor("buyer")
    page = buyer.visit(f"/disputes/{case.dispute_id}")
    bucket = f"**/{world.stack.evidence_bucket}**"
    page.route(bucket, lambda route: route.abort())
    choose(page, "broken.png", png(32))
    expect(page.get_by_text("did not arrive")).to_be_visible()
    page.unroute(bucket)
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_text("Everything has arrived")).to_be_visible()
    buyer.expected.append("ERR_FAILED")


def test_evidence_is_taken_back_where_that_is_possible(world: World, visitor: Come) -> None:
    case = Case.opened(world, "NOT_AS_DESCRIBED")
    case.state_something("buyer")
    buyer, seller = visitor("buyer"), visitor("seller")
    theirs = seller.visit(f"/disputes/{case.dispute_id}")
    expect(theirs.get_by_text("The parcel was empty")).to_be_visible()
    assert theirs.get_by_role("button", name="Withdraw evidence").count() == 0
    page = buyer.visit(f"/disputes/{case.dispute_id}")
    page.get_by_role("button", name="Withdraw evidence").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("This cannot be undone.")).to_be_visible()
    dialog.get_by_role("button", name="Withdraw evidence").click()

    expect(dialog).to_be_hidden()
    expect(page.get_by_text("The parcel was empty")).to_be_hidden()
    assert case.read("buyer", f"{case.path}/evidence")["items"] == []


def test_a_text_alone_is_refused_before_it_is_sent_where_it_proves_nothing(
    world: World, visitor: Come
) -> None:
    case = Case.opened(world, "NOT_AS_DESCRIBED")
    page = visitor("buyer").visit(f"/disputes/{case.dispute_id}")
    page.get_by_role("button", name="Add evidence", exact=True).last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What is it?").select_option("PHOTO")
    dialog.get_by_label("What does it show?").fill("A scratch")
    expect(dialog.get_by_text(re.compile("You can do this .* more times"))).to_be_visible()
    dialog.get_by_role("button", name="Add evidence").click()

    expect(page.get_by_role("alert")).to_contain_text("Please choose a file")
    assert case.read("buyer", f"{case.path}/evidence")["items"] == []


def test_a_file_that_cannot_be_taken_is_refused_before_it_is_sent(world: World, visitor: Come) -> None:
    case = Case.opened(world, "NOT_AS_DESCRIBED")
    buyer = visitor("buyer")
    page = buyer.visit(f"/disputes/{case.dispute_id}")
    choose(page, "notes.html", b"<script>alert(1)</script>", "text/html")

    expect(page.get_by_role("alert")).to_contain_text("files are JPEG, PNG, WebP, HEIC, PDF, MP4 or MOV")
    assert case.read("buyer", f"{case.path}/evidence")["items"] == []
