"""The mails are ready for other languages: all their words can be translated, and only their words."""

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from buyer_protection.adapters.mail import catalogue
from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.ports.mail_view import MailKind
from tests.support.mail_words import extracted
from tests.unit.test_mail_rendering import MATRIX, view


def marked(message: str) -> str:
    return f"⟦{message}⟧"


def write_language(folder: Path, language: str) -> int:
    """A catalogue in which every English message stands in brackets; how many messages there are."""
    words = Catalog(locale=language)
    for message in extracted():
        if isinstance(message, tuple):
            words.add(message, tuple(marked(message[min(n, 1)]) for n in range(words.num_plurals)))
        else:
            words.add(message, marked(message))
    buffer = BytesIO()
    write_po(buffer, words)
    target = folder / language / "LC_MESSAGES" / "mails.po"
    target.parent.mkdir(parents=True)
    target.write_bytes(buffer.getvalue())
    return len(words)


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locale")
    for language in ("pt_BR", "ar"):
        assert write_language(folder, language) > 150
    return folder


@pytest.mark.parametrize(("kind", "role"), MATRIX)
def test_no_english_is_left_outside_the_catalogue(
    kind: MailKind, role: str, translated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "LOCALE", translated)
    mail = render(replace(view(kind, role), locale="pt-BR", recipient_name="", item_titles=()))
    for line in mail.text.splitlines():
        if line.startswith("> "):
            continue
        rest = line
        while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", "", rest)) != rest:
            rest = shorter
        assert not re.search(r"[A-Za-z]{3,}", re.sub(r"https://\S+|ord-77|\S* UTC", "", rest)), line
    assert mail.subject.startswith("⟦")


def test_dates_and_amounts_follow_the_language(translated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "LOCALE", translated)
    mail = render(replace(view(), locale="pt", currency="BRL"))
    assert "terça-feira, 10 de março de 2026" in mail.text
    assert "R$\u00a07,00" in mail.text
    assert "5 dias" in mail.text
    assert '<html lang="pt-BR" dir="ltr">' in mail.html


def test_arabic_runs_from_right_to_left(translated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "LOCALE", translated)
    mail = render(replace(view(), locale="ar-SA"))
    assert '<html lang="ar" dir="rtl">' in mail.html
    assert '<bdi dir="ltr" style="white-space:nowrap;">2026-03-10 17:03:27 UTC</bdi>' in mail.html
    assert "\u20662026-03-10 17:03:27 UTC\u2069" in mail.text
    assert "\u2068ord-77\u2069" in mail.text.splitlines()[0]
    assert "\u2068" not in mail.html + mail.subject + mail.preheader


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("pt-BR", "pt_BR"),
        ("pt", "pt_BR"),
        ("PT_br", "pt_BR"),
        ("pt-PT", "pt_BR"),
        ("es-419", "es"),
        ("es-MX", "es"),
        ("de", "en"),
        ("zh-Hant-TW", "en"),
    ],
)
def test_the_nearest_language_is_chosen(wanted: str, language: str) -> None:
    assert catalogue.language_for(wanted, frozenset({"en", "es", "pt_BR"})) == language
