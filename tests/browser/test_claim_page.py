"""The page of a claim: what it shows to whom, in how many calls; accessible everywhere, and safe."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from local.people import NAMES
from tests.browser.claims import reviewed
from tests.browser.test_pages import PLANTED
from tests.browser.test_queue import LOOKS
from tests.browser.visitor import PHONE, Visitor, late, places
from tests.e2e.case import Case
from tests.e2e.world import World

Come = Callable[..., Visitor]


@pytest.fixture(scope="module")
def claim(world: World) -> Case:
    """A claim of the case manager's under review, with pictures and planted markup of both sides."""
    case = reviewed(world, "NOT_AS_DESCRIBED", text=PLANTED, photos=True)
    case.take_claim()
    for who in ("case_manager", "second_case_manager"):
        case.act(who, "claim/notes", {"text": f"{PLANTED} of the {who}"})
    return case


def test_a_page_of_the_team_takes_three_calls_and_its_script_is_nobody_elses(
    visitor: Come, claim: Case
) -> None:
    for path in ("/desk", f"/desk/{claim.dispute_id}"):
        one = visitor("case_manager")
        page = one.visit(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        calls = [it.url for it in one.requests if "/v1/" in it.url]
        assert len(calls) <= 3, calls
        assert page.evaluate("() => document.querySelectorAll('*').length") <= 800

    buyer = visitor("buyer")
    buyer.visit(f"/disputes/{claim.dispute_id}")
    assert [it.url for it in buyer.requests if "/team-" in it.url or "-team-" in it.url] == []


def test_the_team_reads_its_members_by_name_and_the_parties_do_not(visitor: Come, claim: Case) -> None:
    name = NAMES["case_manager"]
    page = visitor("second_case_manager").visit("/desk")
    row = page.get_by_role("row").filter(has=page.locator(f"a[href='/desk/{claim.dispute_id}']"))
    expect(row).to_contain_text(name)
    row.get_by_role("link").click()
    expect(page.get_by_text(re.compile(f"Somebody else works on this claim: .?.?{name}"))).to_be_visible()
    expect(page.locator(".internal .by").filter(has_text=name)).to_be_visible()
    page.get_by_role("button", name="Assign", exact=True).click()
    choices = page.get_by_role("dialog").get_by_label("Who shall have it?")
    expect(choices).to_contain_text(NAMES["second_case_manager"])

    for party in ("buyer", "seller"):
        one = visitor(party)
        theirs = one.visit(f"/disputes/{claim.dispute_id}")
        theirs.get_by_text("Everything that happened").click()
        expect(theirs.locator(".history li").first).to_be_visible()
        answers = [it.response() for it in one.requests if "/v1/" in it.url]
        assert all(name not in answer.text() for answer in answers if answer and answer.status == 200)
        assert name not in theirs.content()


def test_the_members_that_come_late_move_no_button_of_their_dialog(visitor: Come, claim: Case) -> None:
    page = visitor("case_manager", viewport={"width": PHONE, "height": 640}).visit(
        f"/desk/{claim.dispute_id}"
    )
    dialog = page.get_by_role("dialog")
    with late(page, "**/v1/mediation/team"):
        page.get_by_role("button", name="Assign", exact=True).click()
        expect(dialog.get_by_label("Who shall have it?")).to_contain_text("Loading")
        before = places(dialog)

    expect(dialog.get_by_label("Who shall have it?")).to_contain_text(NAMES["second_case_manager"])
    assert len(before) == 4
    assert places(dialog) == before


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_the_claim_its_forms_and_its_viewer_are_accessible_and_fit(
    visitor: Come, claim: Case, width: int, scheme: Any, language: str
) -> None:
    one = visitor(
        "case_manager", viewport={"width": width, "height": 800}, color_scheme=scheme, locale=language
    )
    page = one.visit(f"/desk/{claim.dispute_id}")
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    expect(page.locator(".thumb")).to_have_count(2)
    for details in page.locator("summary").all():
        details.click()
    assert (one.violations(), one.overflow()) == ([], 0)

    for opener in (*page.locator(".now .buttons button").all(), page.locator(".thumb").first):
        opener.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        expect(page.locator(".loading")).to_have_count(0)
        name = opener.inner_text()
        assert (name, one.violations(), one.overflow()) == (name, [], 0)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(opener).to_be_focused()


@pytest.mark.parametrize("language", ["es", "fr", "pt-BR", "ru"])
def test_the_team_reads_its_own_language(visitor: Come, claim: Case, language: str) -> None:
    one = visitor("case_manager", viewport={"width": PHONE, "height": 800}, locale=language)
    page = one.visit(f"/desk/{claim.dispute_id}")
    expect(page.locator(".thumb")).to_have_count(2)
    assert page.get_by_text("Notes of the team").count() == 0
    assert one.overflow() == 0
    page.locator("#decide textarea").fill("…")
    page.locator("nav select").select_option("en")

    expect(page.get_by_role("heading", name="Notes of the team")).to_be_visible()
    expect(page.locator("#decide textarea")).to_have_value("…")
    page.locator("#decide textarea").fill("")


def test_what_people_write_is_shown_to_the_team_as_text(visitor: Come, claim: Case) -> None:
    page = visitor("case_manager").visit(f"/desk/{claim.dispute_id}")
    for place in (".offer", ".item", ".thread", ".internal"):
        expect(page.locator(place).get_by_text(PLANTED).first).to_be_visible()

    assert page.locator("main script, main a[href^=javascript]").count() == 0
    assert page.locator("main img:not(.thumb img)").count() == 0


def test_the_teams_notes_reach_neither_side(visitor: Come, claim: Case) -> None:
    for who in ("buyer", "seller"):
        page = visitor(who).visit(f"/disputes/{claim.dispute_id}")
        expect(page.get_by_role("heading", name="History")).to_be_visible()
        assert page.get_by_text("of the case_manager").count() == 0


def test_files_are_enlarged_turned_and_compared_by_keys(world: World, visitor: Come) -> None:
    case = reviewed(world, "NOT_AS_DESCRIBED", photos=True)
    page = visitor("case_manager").visit(f"/desk/{case.dispute_id}")
    page.locator(".thumb").first.click()
    picture = page.get_by_role("dialog").get_by_role("img", name="buyer.png")
    expect(picture).to_be_visible()
    narrow = picture.bounding_box()
    page.keyboard.press("+")
    page.keyboard.press("r")
    expect(picture).to_have_attribute("style", re.compile("rotate: 90deg"))
    wide = picture.bounding_box()
    assert narrow is not None
    assert wide is not None
    assert wide["width"] > narrow["width"] * 1.4
    page.keyboard.press("-")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog").get_by_role("img", name="seller.png")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("s")

    expect(page.get_by_role("dialog").get_by_role("img")).to_have_count(2)
    expect(page.get_by_role("region", name="Second file").get_by_role("img")).to_have_attribute(
        "alt", "seller.png"
    )
    page.keyboard.press("f")
    expect(page.locator(".viewer:fullscreen")).to_be_visible()


def test_a_film_keeps_its_own_keys(visitor: Come, claim: Case) -> None:
    """The arrows move it on and back while it has the focus; beside it they lead to the next file."""
    one = visitor("case_manager")
    one.page.route("**/page", _filmed)
    page = one.visit(f"/desk/{claim.dispute_id}")
    page.get_by_role("button", name="Look at it").first.click()
    film, choice = page.locator(".stage video"), page.get_by_role("dialog").get_by_role("combobox")
    expect(film).to_be_visible()
    film.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    expect(choice).to_have_value("0")
    expect(film).not_to_have_attribute("style", re.compile("90deg"))
    page.locator(".stage").focus()
    page.keyboard.press("R")
    expect(film).to_have_attribute("style", re.compile("rotate: 90deg"))
    page.keyboard.press("ArrowRight")
    expect(choice).to_have_value("1")


def _filmed(route: Route) -> None:
    """The case with its pictures called films."""
    answer = route.fetch()
    document = answer.json()
    for file in (file for item in document["evidence"] for file in item["files"]):
        file["media_type"] = "video/mp4"
    route.fulfill(response=answer, json=document)
