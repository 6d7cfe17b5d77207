"""Mails can be read: contrast of WCAG 2 AA in light and dark, headings in order, language and direction said."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise, product

import pytest

from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.ports.mail_view import BUYER, MailKind, MailView
from tests.support.each import each_case
from tests.unit.test_mail_rendering import MATRIX, Outline, view

AA_TEXT = 4.5
# What shows on what: (class of the text's element, class of the ground).
PAIRS = (
    ("text", "card"),
    ("quiet", "card"),
    ("due", "due"),
    ("text", "quote"),
    ("button", "button"),
    ("plain", "card"),
)


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def light(html: str, name: str, what: str) -> set[str]:
    """The inline colours of the elements of that class."""
    styles = re.findall(rf'class="(?:[^"]* )?{name}(?: [^"]*)?"[^>]*style="([^"]*)"', html)
    found = {colour for style in styles for colour in re.findall(rf"(?:^|;){what}:(#[0-9a-f]{{6}})", style)}
    assert found, (name, what)
    return found


def dark(html: str, name: str, what: str) -> set[str]:
    """The colours that the dark scheme gives that class."""
    scheme = html.split("prefers-color-scheme: dark")[1].split("</style>", maxsplit=1)[0]
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", scheme)
    found = {
        colour
        for selectors, body in rules
        if f".{name}" in [selector.strip() for selector in selectors.split(",")]
        for colour in re.findall(rf"(?:^|[; ]){what}: (#[0-9a-f]{{6}}) !important", body)
    }
    assert found, (name, what)
    return found


def with_everything() -> MailView:
    """A mail with a quotation, a date and a button."""
    return view(MailKind.ESCALATED, BUYER)


def test_the_measure_of_contrast_is_the_one_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", [light, dark])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground_in_light_and_dark(
    scheme: Callable[[str, str, str], set[str]], text: str, ground: str
) -> None:
    html = render(with_everything()).html
    for colour in scheme(html, text, "color"):
        for behind in scheme(html, ground, "background"):
            assert contrast(colour, behind) >= AA_TEXT, (text, colour, ground, behind)


def test_every_colour_on_the_card_is_one_of_those_that_were_measured() -> None:
    html = render(with_everything()).html
    inline = set(re.findall(r"(?<![-\w])color:(#[0-9a-f]{6})", html))
    measured = {colour for text, _ in PAIRS for colour in light(html, text, "color")}
    assert inline <= measured


@each_case((*mail, locale) for mail, locale in product(MATRIX, ["en", "pt-BR", "es", "fr", "ru", "ar"]))
def test_headings_follow_each_other_and_the_language_is_said(kind: MailKind, role: str, locale: str) -> None:
    page = Outline(render(replace(view(kind, role), locale=locale)).html)
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert ("lang", locale) in page.attributes
    assert ("dir", "rtl" if locale == "ar" else "ltr") in page.attributes
    assert page.tags.count("main") == 1
