"""Every language says all that English says, with the same values in it, and each has its own plural forms."""

import re
from dataclasses import replace
from functools import cache
from itertools import product

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from buyer_protection.adapters.mail import catalogue
from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.ports.mail_view import MailKind
from tests.support.each import each_case
from tests.support.mail_words import extracted
from tests.unit.test_mail_rendering import MATRIX, view

# How many plural forms each has (gettext's own table); a form for one or two may say it without the number.
LANGUAGES = {"ar": 6, "es": 2, "fr": 2, "pt_BR": 2, "ru": 3}
# Words that are the same in two languages.
SAME = {("fr", "photo"), ("pt_BR", "%(label)s: %(value)s")}


@cache
def words(language: str) -> Catalog:
    with (catalogue.LOCALE / language / "LC_MESSAGES" / "mails.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def entries(language: str) -> list[Message]:
    return [message for message in words(language) if message.id]


def forms(message: Message) -> list[str]:
    return [str(form) for form in (message.string if message.pluralizable else [message.string])]


def variables(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def test_the_mails_are_written_in_six_languages() -> None:
    assert catalogue.languages(catalogue.LOCALE) == {"en", *LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_exactly_the_words_of_the_templates(language: str) -> None:
    """`make messages` would change nothing."""
    assert {tuple(m.id) if m.pluralizable else m.id for m in entries(language)} == set(extracted())
    assert not words(language).obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_none_is_a_guess(language: str) -> None:
    for message in entries(language):
        assert not message.fuzzy, message.id
        assert all(form.strip() for form in forms(message)), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_values_of_its_original(language: str) -> None:
    for message in entries(language):
        if message.pluralizable:
            assert variables(forms(message)[-1]) == variables(message.id[1])
            assert all(variables(form) <= variables(message.id[1]) for form in forms(message))
        else:
            assert variables(str(message.string)) == variables(str(message.id)), message.id
        for form in forms(message):
            assert not re.search(r"%(?!\(\w+\)s)", form), form


@pytest.mark.parametrize(("language", "count"), LANGUAGES.items())
def test_plural_forms_are_complete_and_differ(language: str, count: int) -> None:
    assert words(language).num_plurals == count
    plural = [message for message in entries(language) if message.pluralizable]
    assert plural
    for message in plural:
        assert len(set(forms(message))) == count


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_ends_as_its_original_does_and_holds_nothing_invisible(language: str) -> None:
    full_stops = {":": ":", ".": ".", "?": "?؟", "!": "!"}
    for message in entries(language):
        original = str(message.id[0] if message.pluralizable else message.id)
        for form in forms(message):
            assert form == form.strip()
            assert "  " not in form
            assert not re.search(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069<>]", form)
            if original[-1] in full_stops:
                assert form[-1] in full_stops[original[-1]], form


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_english(language: str) -> None:
    for message in entries(language):
        if (
            not message.pluralizable
            and (language, message.id) not in SAME
            and re.search(r" \w+ ", str(message.id))
        ):
            assert message.string != message.id


@each_case((language, *mail) for language, mail in product(LANGUAGES, MATRIX))
def test_every_mail_can_be_read_in_every_language(language: str, kind: MailKind, role: str) -> None:
    mail = render(replace(view(kind, role), locale=language.replace("_", "-")))
    assert "ord-77" in mail.subject
    assert "ord-77" in mail.text.splitlines()[0]
    assert "%(" not in mail.text + mail.html
    assert "duration-" not in mail.text
    assert f'lang="{language.replace("_", "-")}"' in mail.html
    for english in ("If you do nothing", "What you can do", "What happens now", "This case"):
        assert english.lower() not in mail.text.lower()


@pytest.mark.parametrize(
    ("language", "counts"),
    [
        ("ru", {1: "и ещё 1 товар", 2: "и ещё 2 товара", 5: "и ещё 5 товаров", 21: "и ещё 21 товар"}),
        (
            "ar",
            {
                1: "ومنتج واحد آخر",
                2: "ومنتجان آخران",
                3: "و3 منتجات أخرى",
                11: "و11 منتجًا آخر",
                100: "و100 منتج آخر",
            },
        ),
        ("fr", {1: "et 1 autre article", 2: "et 2 autres articles"}),
    ],
)
def test_items_are_counted_as_the_language_counts(language: str, counts: dict[int, str]) -> None:
    for hidden, said in counts.items():
        titles = tuple(f"Item {n}" for n in range(5 + hidden))
        mail = render(replace(view(), locale=language, item_titles=titles))
        assert re.search(rf"{re.escape(said)}$", mail.text, re.MULTILINE)
