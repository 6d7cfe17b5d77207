"""The team's queue: what is late, due, one's own and nobody's, on a desktop and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.claims import escalated, move, reviewed
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.e2e.case import Case
from tests.e2e.world import World

Come = Callable[..., Visitor]
TABLET = 768
LOOKS: list[tuple[int, Any, str]] = [
    (width, scheme, language)
    for width in (PHONE, TABLET, DESKTOP)
    for scheme in ("light", "dark")
    for language in ("en", "ar")
]


def row(page: Page, case: Case) -> Any:
    return page.locator(f"a[href='/desk/{case.dispute_id}']")


def test_the_queue_shows_each_claim_where_it_belongs(world: World, visitor: Come) -> None:
    mine, free, late = reviewed(world), escalated(world), reviewed(world)
    mine.take_claim()
    move(late, {"to": late.look()["decision_due_at"]})
    page = visitor("case_manager").visit("/desk")
    expect(row(page, mine)).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"Mine [1-9]"))).to_be_visible(timeout=90_000)

    for view, shown, hidden in (("Mine", mine, free), ("Nobody's", free, mine), ("Overdue", late, free)):
        page.get_by_role("button", name=view).click()
        expect(page.get_by_role("button", name=view)).to_have_attribute("aria-pressed", "true")
        expect(row(page, shown)).to_be_visible()
        expect(row(page, hidden)).to_have_count(0)
    expect(page.get_by_role("row").filter(has=row(page, late))).to_contain_text("late")
    page.get_by_role("button", name="Due later today").click()
    expect(row(page, late)).to_have_count(0)
    # Whoever comes back from a claim finds the list that they left.
    page.get_by_role("button", name="Mine").click()
    row(page, mine).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("It is your turn to decide")
    page.get_by_role("link", name="Back to the queue").click()
    expect(page.get_by_role("button", name="Mine")).to_have_attribute("aria-pressed", "true")


def test_what_is_due_today_is_shown_behind_any_number_of_late_ones(world: World, visitor: Come) -> None:
    """The list begins with what is late: the page goes on by the token, whatever characters that has."""
    case = escalated(world)
    one = visitor("case_manager")
    page = one.visit("/desk")
    page.get_by_role("button", name="All open").click()
    expect(row(page, case)).to_be_visible()
    token, asked = "a+b/c=&d", list[str]()
    claim = next(
        it
        for it in world.client.get("case_manager", "/v1/mediation/queue", {"page_size": 50}).body["items"]
        if it["dispute_id"] == case.dispute_id
    )
    late = claim | {"next_deadline": claim["next_deadline"] | {"due_at": "2020-01-01T00:00:00Z"}}
    parts = {
        "": {
            "items": [late | {"dispute_id": f"dp-late-{number}"} for number in range(50)],
            "next_page_token": token,
        },
        token: {"items": [claim]},
    }

    def answer(route: Route) -> None:
        asked.append(parse_qs(urlsplit(route.request.url).query).get("page_token", [""])[0])
        route.fulfill(json=parts[asked[-1]] | {"viewer": {"role": "CASE_MANAGER"}})

    page.route(re.compile(r"/v1/disputes\?.*due_before="), answer)
    page.get_by_role("button", name="Due later today").click()
    expect(row(page, case)).to_be_visible()

    assert page.locator("a[href^='/desk/dp-late']").count() == 0
    assert asked[:2] == ["", token]


def test_any_case_is_found_by_its_order_its_people_and_its_id(world: World, visitor: Come) -> None:
    case = Case.opened(world)
    page = visitor("case_manager").visit("/desk")
    for kind, text in (("Order", case.order_id), ("Buyer or seller", world.stack.people["buyer"].sub)):
        page.get_by_label("Search by").select_option(kind)
        page.get_by_label("Its id").fill(text)
        page.get_by_role("button", name="Search").click()
        expect(row(page, case)).to_be_visible()
    page.get_by_label("Search by").select_option("Case")
    page.get_by_label("Its id").fill(case.dispute_id)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("still negotiating")
    assert page.url.endswith(f"/desk/{case.dispute_id}")


def test_the_next_claim_is_taken_by_one_press(world: World, visitor: Come) -> None:
    escalated(world)
    page = visitor("second_case_manager").visit("/desk")
    page.get_by_role("button", name="Take the next claim").click()

    expect(page.get_by_text("You have this claim.")).to_be_visible()
    taken = page.url.rsplit("/", 1)[1]
    document = world.client.get("second_case_manager", f"/v1/disputes/{taken}").body
    assert document["assigned_to"] == world.stack.people["second_case_manager"].sub


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_the_queue_is_accessible_and_fits(
    world: World, visitor: Come, width: int, scheme: Any, language: str
) -> None:
    claim = escalated(world)
    one = visitor(
        "case_manager", viewport={"width": width, "height": 800}, color_scheme=scheme, locale=language
    )
    page = one.visit("/desk")
    expect(row(page, claim)).to_be_visible()

    assert (one.violations(), one.overflow()) == ([], 0)
    # On a phone each claim is a card: nothing is beside its title.
    first, second = (
        page.locator(".queue td").nth(0).bounding_box(),
        page.locator(".queue td").nth(1).bounding_box(),
    )
    assert first is not None
    assert second is not None
    assert (second["y"] > first["y"]) is (width == PHONE)
