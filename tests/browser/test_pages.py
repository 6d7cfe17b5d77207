"""Every page for everybody: accessible on phone and desktop, in both schemes, and safe from what people write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Response, expect

from tests.browser.visitor import DESKTOP, PHONE, Visitor, late, places
from tests.e2e.case import Case
from tests.e2e.world import World

Come = Callable[..., Visitor]
PLANTED = "<img src=x onerror=alert(1)><script>alert(2)</script>\u202e{{7*7}}</p><a href='javascript:alert(3)'>x</a>"
LOOKS: list[tuple[int, Any]] = [(width, scheme) for width in (PHONE, DESKTOP) for scheme in ("light", "dark")]


@pytest.fixture(scope="module")
def case(world: World) -> Case:
    """A case with offers, evidence and messages of both sides."""
    case = Case.opened(world, "NOT_AS_DESCRIBED")
    for who in ("buyer", "seller"):
        case.world.client.post(who, f"{case.path}/messages", {"text": f"{PLANTED} by the {who}"})
        evidence = {"type": "STATEMENT", "text": f"{PLANTED} of the {who}"}
        case.world.client.post(who, f"{case.path}/evidence", evidence)
    offer = {"type": "REFUND", "refund": {"amount_minor": 1_000, "currency": "USD"}, "note": PLANTED}
    assert case.world.client.post("seller", f"{case.path}/offers", offer).status == 201
    return case


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("who", ["buyer", "seller"])
def test_the_page_of_a_case_is_accessible_and_fits(
    visitor: Come, case: Case, who: str, width: int, scheme: Any
) -> None:
    one = visitor(who, viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = one.visit(f"/disputes/{case.dispute_id}")
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    page.get_by_text("Everything that happened").click()

    assert one.violations() == []
    assert one.overflow() == 0
    assert page.evaluate("() => document.querySelectorAll('*').length") <= 800


def test_a_page_takes_few_calls_and_a_look_while_nothing_changes_is_one(
    world: World, visitor: Come, case: Case
) -> None:
    for path, most in ((f"/disputes/{case.dispute_id}", 1), ("/", 3), (f"/orders/{case.order_id}", 3)):
        one = visitor("other_buyer" if path == "/" else "buyer")
        page = one.visit(path)
        expect(page.locator(".loading")).to_have_count(0)
        page.wait_for_load_state("networkidle")

        # Saying that messages were read is no part of the page.
        calls = [it for it in one.requests if "/v1/" in it.url and it.method == "GET"]
        assert len(calls) <= most, [it.url for it in calls]

    answers = [one_more.status for one_more in _answers(visitor("seller"), f"/disputes/{case.dispute_id}")]
    assert answers.count(304) >= 1
    assert set(answers) <= {200, 304}


def _answers(one: Visitor, path: str) -> list[Response]:
    """The answers for the page of a case, until one says that nothing has changed."""
    answers: list[Response] = []
    one.context.on("response", lambda it: answers.append(it) if it.url.endswith("/page") else None)
    page = one.visit(path)
    with page.expect_response(lambda it: it.url.endswith("/page") and it.status == 304, timeout=60_000):
        pass
    return answers


def test_what_is_unread_is_marked_until_it_was_on_the_screen(world: World, visitor: Come) -> None:
    fresh = Case.opened(world)
    for text in ("Where is it?", "Please answer."):
        world.client.post("buyer", f"{fresh.path}/messages", {"text": text})
    seller = visitor("seller", viewport={"width": PHONE, "height": 600})
    page = seller.visit("/")
    row = page.locator(f"a[href='/disputes/{fresh.dispute_id}']")
    expect(row).to_contain_text("New message")
    row.click()
    link = page.locator(".now a[href='#messages']")
    expect(link).to_contain_text("2")
    expect(page.locator(".thread .by", has_text="new")).to_have_count(2)
    # The seller reads who wrote, in the form that the policy gives sellers.
    name = fresh.look("seller")["buyer"]["display_name"]
    expect(page.locator(".thread .by").first).to_contain_text(f"Buyer {name}")
    link.click()

    expect(link).to_be_hidden(timeout=60_000)
    assert fresh.look("seller")["unread_messages"] == 0


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_other_pages_are_accessible_and_fit(
    world: World, visitor: Come, case: Case, width: int, scheme: Any
) -> None:
    fresh = Case(world)
    fresh.ship()
    one = visitor("buyer", viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = one.visit(f"/orders/{fresh.order_id}/open")
    expect(page.get_by_role("button", name="Open a case")).to_be_visible()
    page.get_by_label("The order is not as described").check()
    expect(page.get_by_role("heading", name="What helps in a case like this")).to_be_visible()
    expect(page.locator(".checklist")).to_contain_text("Photo")
    assert (one.violations(), one.overflow()) == ([], 0)
    page.get_by_role("link", name="Buyer Protection").click()
    expect(page.locator(f"a[href='/disputes/{case.dispute_id}']")).to_be_visible()
    assert (one.violations(), one.overflow()) == ([], 0)


def test_what_comes_late_moves_nothing_that_is_in_use(world: World, visitor: Come) -> None:
    """The guide of what helps is read once the reason is chosen, and comes while somebody fills in what follows."""
    fresh = Case(world)
    fresh.ship()
    page = visitor("buyer", viewport={"width": PHONE, "height": 640}).visit(f"/orders/{fresh.order_id}/open")
    form = page.locator("form")
    with late(page, "**/evidence-guide?**"):
        page.get_by_label("The order is not as described").check()
        page.get_by_label("I have written to the seller already.").focus()
        before = places(form)

    expect(page.get_by_role("heading", name="What helps in a case like this")).to_be_attached()
    assert len(before) > 5
    assert places(form) == before


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_forms_are_accessible_and_fit(visitor: Come, case: Case, width: int, scheme: Any) -> None:
    one = visitor("buyer", viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = one.visit(f"/disputes/{case.dispute_id}")
    for name in (
        "Accept the offer",
        "Make an offer",
        "Change the reason",
        "Add evidence",
        "Cancel this case",
    ):
        button = page.get_by_role("button", name=name, exact=True).last
        button.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert (name, one.violations(), one.overflow()) == (name, [], 0)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        # The focus is where it was.
        expect(button).to_be_focused()


@pytest.mark.parametrize("language", ["ar", "es", "fr", "pt-BR", "ru"])
def test_the_page_of_a_case_is_in_the_readers_language_and_direction(
    visitor: Come, case: Case, language: str
) -> None:
    one = visitor("buyer", viewport={"width": PHONE, "height": 800}, locale=language)
    page = one.visit(f"/disputes/{case.dispute_id}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    expect(page.locator(".now")).to_be_visible()

    assert page.get_by_text("What you can do").count() == 0
    assert (one.violations(), one.overflow()) == ([], 0)
    if language == "ar":
        # From the right a sign and its letters would part.
        expect(page.locator(".amount").first).to_contain_text("\u2068US$\u2069")
    # The language can be chosen, and what is typed stays.
    page.locator("textarea").first.fill("…")
    page.locator("nav select").select_option("en")
    expect(page.get_by_text("What you can do")).to_be_visible()
    expect(page.locator("textarea").first).to_have_value("…")


def test_what_people_write_is_shown_as_text(visitor: Come, case: Case) -> None:
    buyer = visitor("buyer")
    page = buyer.visit(f"/disputes/{case.dispute_id}")

    for text in (f"{PLANTED} by the seller", f"{PLANTED} of the seller"):
        expect(page.get_by_text(text)).to_be_visible()
    assert page.locator("main img, main script, main a[href^=javascript]").count() == 0


def test_the_pages_are_not_framed_by_others(world: World, visitor: Come) -> None:
    buyer = visitor("buyer")
    page = buyer.page
    page.route(
        "**/frame",
        lambda route: route.fulfill(
            body=f"<iframe src='{world.stack.site_url}/'></iframe>", content_type="text/html"
        ),
    )
    page.goto(f"{world.stack.endpoint_url}/frame")
    frame = page.frame_locator("iframe")

    # What the browser shows instead of the page.
    expect(frame.locator("body")).not_to_contain_text("Buyer Protection")
    assert page.frames[1].url.startswith("chrome-error://")
    buyer.expected.append("frame-ancestors")


def test_without_a_network_the_last_state_stays_with_its_time(visitor: Come, case: Case) -> None:
    buyer = visitor("buyer")
    page = buyer.visit(f"/disputes/{case.dispute_id}")
    page.get_by_label("Your message").fill("Are you there?")
    page.route("**/v1/**", lambda route: route.abort())
    page.get_by_role("button", name="Send the message").click()

    expect(page.get_by_role("alert").first).to_contain_text("We cannot be reached")
    expect(page.get_by_text("You see what we knew on")).to_be_visible(timeout=60_000)
    expect(page.get_by_label("Your message")).to_have_value("Are you there?")
    page.unroute("**/v1/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("You see what we knew on")).to_be_hidden()
    buyer.expected.append("ERR_FAILED")


def test_a_seller_sees_the_order_without_being_asked_to_dispute_it(world: World, visitor: Come) -> None:
    fresh = Case(world)
    fresh.ship()
    page = visitor("seller").visit(f"/orders/{fresh.order_id}")

    expect(page.get_by_role("heading", name="What was ordered")).to_be_visible()
    assert page.get_by_role("button", name="Open a case").count() == 0


def test_there_is_a_page_for_addresses_without_one(visitor: Come) -> None:
    buyer = visitor("buyer")
    page = buyer.visit("/no/such/page")

    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    assert buyer.violations() == []
