"""The team's texts for reasons: written and changed on a page of the desk, by the mouse and by the keys alone (R24)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.keyboard import Keys
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.e2e.world import World

Come = Callable[..., Visitor]
TEXT = "Nothing proves the delivery of the parcel."
LOOKS: list[tuple[int, Any, str]] = [
    (width, scheme, language)
    for width in (PHONE, DESKTOP)
    for scheme in ("light", "dark")
    for language in ("en", "ar")
]


@pytest.fixture
def name() -> str:
    """A name that no other test of a shared stack uses."""
    return f"Not proved {secrets.token_hex(4)}"


def kept(world: World, name: str) -> list[dict[str, Any]]:
    listed = world.client.get("case_manager", "/v1/mediation/templates").body["items"]
    return [one for one in listed if one["name"] == name]


def put(world: World, name: str, texts: dict[str, str]) -> None:
    path = f"/v1/mediation/templates/{name.lower().replace(' ', '-')}"
    assert world.client.put("second_case_manager", path, {"name": name, "texts": texts}).status < 300


def row(page: Page, name: str) -> Locator:
    return page.locator(".templates li").filter(has_text=name)


def opened(page: Page, name: str) -> Locator:
    row(page, name).get_by_role("button").click()
    return page.get_by_role("dialog")


def test_r24_a_case_manager_writes_a_template_in_two_languages(
    world: World, visitor: Come, name: str
) -> None:
    one = visitor("case_manager")
    page = one.visit("/desk")
    page.get_by_role("link", name="Templates").click()
    page.get_by_role("button", name="Write a template").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Its name").fill(name)
    dialog.get_by_role("button", name="Keep the template").click()
    expect(dialog.get_by_role("alert")).to_contain_text("in at least one language")
    assert kept(world, name) == []
    dialog.get_by_label("English").fill(TEXT)
    # What was begun is there again, and the template is one.
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Write a template").click()
    expect(dialog.get_by_label("English")).to_have_value(TEXT)
    dialog.get_by_label("العربية").fill("لا شيء يثبت التسليم.")
    dialog.get_by_role("button", name="Keep the template").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(row(page, name)).to_contain_text("\u2068English\u2069 · \u2068العربية\u2069")
    (template,) = kept(world, name)
    assert template["texts"] == {"en": TEXT, "ar": "لا شيء يثبت التسليم."}
    # The next one begins empty.
    page.get_by_role("button", name="Write a template").click()
    expect(dialog.get_by_label("Its name")).to_have_value("")


def test_r24_a_template_is_changed_and_keeps_the_languages_that_the_pages_do_not_have(
    world: World, visitor: Come, name: str
) -> None:
    put(world, name, {"en": TEXT, "de": "Nichts beweist die Zustellung.", "es": "Nada prueba la entrega."})
    page = visitor("case_manager").visit("/desk/templates")
    dialog = opened(page, name)
    dialog.get_by_label("English").fill(f"{TEXT} So it was.")
    dialog.get_by_label("Español").fill("")
    dialog.get_by_role("button", name="Keep the template").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    (template,) = kept(world, name)
    assert template["texts"] == {"en": f"{TEXT} So it was.", "de": "Nichts beweist die Zustellung."}
    assert template["version"] == 2


def test_what_somebody_else_has_changed_meanwhile_is_shown_and_nothing_typed_is_lost(
    world: World, visitor: Come, name: str
) -> None:
    put(world, name, {"en": TEXT})
    one = visitor("case_manager")
    page = one.visit("/desk/templates")
    dialog = opened(page, name)
    dialog.get_by_label("English").fill("Mine.")
    put(world, name, {"en": "Theirs."})
    dialog.get_by_role("button", name="Keep the template").click()

    expect(dialog.get_by_role("alert")).to_contain_text("Somebody else has changed the template meanwhile")
    expect(dialog.get_by_text("It says now:")).to_contain_text("Theirs.")
    expect(dialog.get_by_label("English")).to_have_value("Mine.")
    assert kept(world, name)[0]["texts"] == {"en": "Theirs."}
    dialog.get_by_role("button", name="Keep the template").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert kept(world, name)[0]["texts"] == {"en": "Mine."}
    one.expected.append("412")


def test_a_template_is_written_and_changed_by_the_keys_alone(world: World, visitor: Come, name: str) -> None:
    member = Keys(visitor("case_manager"))
    page = member.visit("/desk/templates")
    for text in (TEXT, "Changed."):
        button = page.get_by_role("button", name="Write a template")
        dialog, opener = member.open(button if text == TEXT else row(page, name).get_by_role("button"))
        member.write(dialog.get_by_label("Its name"), name)
        member.write(dialog.get_by_label("English"), text)
        member.confirm(dialog.get_by_role("button", name="Keep the template"), opener)
        assert [one["texts"] for one in kept(world, name)] == [{"en": text}]


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_the_templates_are_accessible_and_fit(
    world: World, visitor: Come, name: str, width: int, scheme: Any, language: str
) -> None:
    put(world, name, {"en": TEXT * 40})
    one = visitor(
        "case_manager", viewport={"width": width, "height": 800}, color_scheme=scheme, locale=language
    )
    page = one.visit("/desk/templates")
    expect(row(page, name)).to_be_visible()
    assert (one.violations(), one.overflow()) == ([], 0)
    expect(opened(page, name)).to_be_visible()
    assert (one.violations(), one.overflow()) == ([], 0)
    assert page.evaluate("() => document.querySelectorAll('*').length") <= 800
    assert len([it for it in one.requests if "/v1/" in it.url and it.method == "GET"]) <= 3
