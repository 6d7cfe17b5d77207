"""`<buyer-protection-case>` in a page of a shop: another origin, its policy, its colours, its sign-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.shop import Shop, opened
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.e2e.case import Case
from tests.e2e.world import World

Come = Callable[..., Visitor]


@pytest.fixture
def case(world: World) -> Case:
    return Case.opened(world, "NOT_AS_DESCRIBED")


@pytest.fixture
def shop(world: World, case: Case) -> Iterator[Shop]:
    with opened(Shop(world, case.dispute_id)) as running:
        yield running


def enter(one: Visitor, shop: Shop) -> Page:
    one.page.goto(shop.url)
    return one.page


def test_a_shop_shows_a_case_and_its_customer_acts_on_it(visitor: Come, shop: Shop, case: Case) -> None:
    one = visitor("buyer")
    page = enter(one, shop)

    expect(page.get_by_role("heading", level=1).last).to_contain_text("It is the seller's turn to answer")
    assert page.title() == "Your order · Lamp Shop"
    assert page.locator("iframe").count() == 0
    page.get_by_label("Your message").fill("Is a new one on its way?")
    page.get_by_role("button", name="Send the message").click()
    expect(page.locator(".thread")).to_contain_text("Is a new one on its way?")
    page.get_by_role("button", name="Cancel this case", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("I know that I get no refund").check()
    dialog.get_by_role("button", name="Cancel this case").click()

    expect(page.get_by_role("heading", level=1).last).to_contain_text("The buyer cancelled the case")
    assert case.look("buyer")["status"] == "CANCELLED"
    # The token is asked for before each call and kept nowhere.
    assert len(shop.asked) >= 3
    stored = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "eyJ" not in stored


def test_the_element_has_the_colours_of_the_shop(visitor: Come, shop: Shop) -> None:
    page = enter(visitor("buyer", color_scheme="dark"), shop)
    main = page.locator(".button.main").first
    expect(main).to_be_visible()

    assert main.evaluate("it => getComputedStyle(it).backgroundColor") == "rgb(122, 75, 18)"
    assert "Georgia" in main.evaluate("it => getComputedStyle(it).fontFamily")
    # A page that is light alone gets a light element, whatever its reader's system prefers.
    card = page.locator(".card").first
    assert card.evaluate("it => getComputedStyle(it).backgroundColor") == "rgb(255, 255, 255)"


def test_the_element_speaks_the_language_of_the_page_around_it(visitor: Come, shop: Shop) -> None:
    shop.changes['<html lang="en">'] = '<html lang="ar" dir="rtl">'
    one = visitor("buyer")
    page = enter(one, shop)

    expect(page.locator("buyer-protection-case > div, .case").first).to_be_visible()
    expect(page.get_by_role("button", name="إرسال الرسالة")).to_be_visible()
    assert (one.violations(), one.overflow()) == ([], 0)


def test_a_script_with_another_digest_does_not_run(visitor: Come, shop: Shop) -> None:
    shop.changes["sha384-"] = "sha384-AAAA"
    one = visitor("buyer")
    page = enter(one, shop)

    expect(page.get_by_role("heading", name="Your order")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("() => customElements.get('buyer-protection-case') === undefined")
    assert shop.asked == []
    one.expected.append("integrity")


def test_a_token_that_is_refused_is_asked_for_once_more(visitor: Come, shop: Shop) -> None:
    one = visitor("buyer")
    refused = iter([True])

    def refuse_once(route: Route) -> None:
        if next(refused, False):
            headers = {"access-control-allow-origin": shop.url}
            route.fulfill(status=401, json={"code": "UNAUTHENTICATED"}, headers=headers)
        else:
            route.continue_()

    one.page.route("**/v1/**", refuse_once)
    page = enter(one, shop)

    expect(page.get_by_label("Your message")).to_be_visible()
    assert shop.asked[:2] == ["/session/token", "/session/token?renew"]
    one.expected.append("401")


def test_a_customer_who_is_signed_out_is_sent_to_the_shops_sign_in(visitor: Come, shop: Shop) -> None:
    shop.customer = ""
    one = visitor("buyer")
    page = enter(one, shop)
    with page.expect_request("**/sign-in"):
        page.get_by_role("button", name="Sign in").click()

    one.expected.append("401")


def test_the_order_is_a_page_of_the_shops(visitor: Come, shop: Shop, case: Case) -> None:
    page = enter(visitor("buyer"), shop)
    with page.expect_request(f"{shop.url}/orders/{case.order_id}"):
        page.get_by_role("link", name=case.order_id).click()


@pytest.mark.parametrize(
    ("width", "scheme"), [(width, scheme) for width in (PHONE, DESKTOP) for scheme in ("light", "dark")]
)
def test_the_shops_page_is_accessible_and_fits(visitor: Come, shop: Shop, width: int, scheme: Any) -> None:
    # A shop without colours of its own, in the scheme of the reader.
    shop.style = ":root { color-scheme: light dark; background: Canvas; color: CanvasText; }"
    one = visitor("buyer", viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = enter(one, shop)
    expect(page.locator(".case")).to_be_visible()
    assert (one.violations(), one.overflow()) == ([], 0)
    page.get_by_role("button", name="Add evidence", exact=True).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert (one.violations(), one.overflow()) == ([], 0)
    page.keyboard.press("Escape")
    button = page.get_by_role("button", name="Add evidence", exact=True).first
    expect(button).to_be_focused()
