"""The pages agree with the contract, the mails and the API where a browser would not notice that they do not."""

from __future__ import annotations

import inspect
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from buyer_protection.adapters.mail import catalogue
from buyer_protection.adapters.mail.formats import _DECIMALS
from buyer_protection.domain import brief
from infra.pages import _DOCS
from tests.browser.gates import lines_of_web
from tools.page_types import TYPES, header

WEB = Path(__file__).resolve().parent.parent.parent / "web"
SOURCES = sorted(path for path in (WEB / "src").rglob("*.ts*") if path != TYPES)
LANGUAGES = {"ar": 6, "es": 2, "fr": 2, "pt_BR": 2, "ru": 3}
MOST_LINES, MOST_LINES_OF_A_FILE = 6_000, 400


@cache
def words(language: str, domain: str = "pages") -> Catalog:
    folder = WEB / "locale" if domain == "pages" else catalogue.LOCALE
    with (folder / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@cache
def extracted() -> frozenset[str | tuple[str, ...]]:
    """What the pages say, as `make messages` finds it."""
    found = extract_from_dir(
        str(WEB / "src"),
        method_map=[("**.tsx", "javascript"), ("**.ts", "javascript")],
        options_map={"**": {"parse_template_string": "true"}},
        keywords={"t": None, "n": (1, 2), "N": None},
    )
    return frozenset(message for _, _, message, _, _ in found)


def entries(language: str) -> list[Message]:
    return [message for message in words(language) if message.id]


def forms(message: Message) -> list[str]:
    return [str(form) for form in (message.string if message.pluralizable else [message.string])]


def variables(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def test_the_types_are_those_of_the_contract() -> None:
    """`make page-types` would change nothing."""
    assert TYPES.read_text(encoding="utf-8").startswith(header())


def test_the_source_stays_small() -> None:
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}

    assert max(lines.values()) <= MOST_LINES_OF_A_FILE
    assert sum(lines.values()) < lines_of_web() < MOST_LINES


def test_amounts_have_the_decimals_of_the_api() -> None:
    source = (WEB / "src" / "money.ts").read_text(encoding="utf-8")
    table = re.findall(r'^  (\d): "([A-Z ]+)",$', source, re.MULTILINE)

    assert {code: int(digits) for digits, codes in table for code in codes.split()} == _DECIMALS


def test_one_module_calls_the_network_and_none_makes_markup_of_text() -> None:
    """The token, retries and the clock are in one place; evidence goes to the bucket by a form."""
    using = {
        word: {path.name for path in SOURCES if re.search(pattern, path.read_text(encoding="utf-8"))}
        for word, pattern in {
            "fetch": r"\bfetch\(",
            "XMLHttpRequest": r"XMLHttpRequest",
            "markup": r"dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write|\beval\(",
        }.items()
    }

    assert using["fetch"] == {"auth.ts", "client.ts", "words.ts"}
    assert using["XMLHttpRequest"] == {"upload.ts"}
    assert using["markup"] == set()


def test_every_number_of_the_operators_has_its_section_in_the_runbook() -> None:
    """As web/runbook.mjs names the sections: by the headings' anchors, with a prefix for the mails."""
    anchors: set[str] = set()
    for name, prefix in (("operations.md", ""), ("operations-mail.md", "mail-")):
        text = (WEB.parent / "docs" / name).read_text(encoding="utf-8")
        titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
        anchors |= {prefix + re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    source = (WEB / "src" / "operations" / "summary.tsx").read_text(encoding="utf-8")
    named = re.findall(r'section: "([\w-]+)"', source)

    assert len(named) > 10
    assert set(named) <= anchors


def test_the_pages_have_the_runbook_of_the_alarms_too_and_change_with_it() -> None:
    text = (WEB / "runbook.mjs").read_text(encoding="utf-8")
    read = re.findall(r'\["([\w-]+\.md)", "[\w-]*"\]', text)

    assert tuple(read) == _DOCS
    assert "runbook.md" in read
    assert all(f"docs/{name}" in text for name in read)


def test_the_pictures_of_the_documents_are_few_and_small() -> None:
    root = WEB.parent
    pictures = sorted((root / "docs" / "pictures").iterdir())
    readme = (root / "README.md").read_text(encoding="utf-8")

    assert [picture.name for picture in pictures] == ["case.png", "mail.png"]
    assert all(f'src="docs/pictures/{picture.name}"' in readme for picture in pictures)
    assert all(picture.stat().st_size < 60_000 for picture in pictures)


def test_no_colon_stands_between_two_values() -> None:
    """French has a space before it, which its catalogue has; a line that joins things has " · "."""
    joins = re.compile(r"[^\s{]\}:[ {]|</\w+>:")
    assert joins.search("`${side}: ${name}`")
    assert joins.search('<bdi>{id}</bdi>:{" "}')
    assert [path.name for path in SOURCES if joins.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_and_its_date_are_kept_apart_as_in_the_mails(language: str) -> None:
    """English labels end with "until": what they are translated by is a noun in places."""
    assert ":" in str(words(language).get("%(label)s %(date)s").string)


def test_french_apostrophes_are_the_typographic_ones() -> None:
    assert [m.id for m in entries("fr") if any("'" in form for form in forms(m))] == []


def test_texts_are_found_by_babel() -> None:
    assert len(extracted()) > 300
    assert "My cases" in extracted()
    assert ("%(count)s new message", "%(count)s new messages") in extracted()


def test_a_value_of_the_contract_has_the_words_of_the_mails() -> None:
    """Where the mails name a value, the pages name it alike."""
    template = (catalogue.TEMPLATES / "words.txt.j2").read_text(encoding="utf-8")
    mails: dict[str, set[str]] = {}
    for value, text in re.findall(r'"([A-Z_]+)": _\("([^"]+)"\)', template):
        mails.setdefault(value, set()).add(text)
    source = (WEB / "src" / "enums.ts").read_text(encoding="utf-8")
    named = {
        "REASONS", "SUB_REASONS", "CLAIM_REASONS", "FILE_REFUSALS", "EVIDENCE_TYPES", "DECISION_REASONS",
        "RETURN_CONDITIONS",
    }  # fmt: skip
    compared = 0
    for name, body in re.findall(r"export const (\w+) = \{(.*?)\} satisfies", source, re.DOTALL):
        for value, text in re.findall(r'^  ([A-Z_]+): N\("([^"]+)"\),$', body, re.MULTILINE):
            if name in named and (name, value) != ("RETURN_CONDITIONS", "ITEM_RECEIVED"):
                assert text in mails[value], (name, value)
                compared += 1
    assert compared > 55


def test_the_team_reads_words_for_every_code_of_a_brief() -> None:
    """Rules, grounds and what a suggestion does not look at are open texts in the contract: no type compares them."""
    source = (WEB / "src" / "desk" / "words.ts").read_text(encoding="utf-8")
    has = {
        name: set(re.findall(r"^  ([A-Z0-9_]+): N\(", body, re.MULTILINE))
        for name, body in re.findall(
            r"export const (\w+): Record<string, string> = \{(.*?)\n\};", source, re.DOTALL
        )
    }
    grounds = "".join(map(inspect.getsource, (brief.suggest, brief._pointed_to, brief._not_received)))

    assert has["RULES"] == set(re.findall(r'"(R\d+)"', inspect.getsource(brief.rules_that_bear)))
    assert has["GROUNDS"] == set(re.findall(r'"([A-Z_]+)"', grounds))
    assert has["UNSEEN"] == set(re.findall(r'"([A-Z]+)"', inspect.getsource(brief._unseen)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_exactly_the_words_of_the_pages(language: str) -> None:
    """`make messages` would change nothing."""
    assert {tuple(m.id) if m.pluralizable else m.id for m in entries(language)} == extracted()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_with_the_values_of_its_original(language: str) -> None:
    for message in entries(language):
        assert not message.fuzzy, message.id
        original = message.id[1] if message.pluralizable else message.id
        for form in forms(message):
            assert form.strip(), message.id
            assert variables(form) <= variables(original), message.id
        assert variables(forms(message)[-1]) == variables(original), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_pages_and_mails_both_say_is_translated_alike(language: str) -> None:
    mails = {m.id: m.string for m in words(language, "mails") if m.id and not m.pluralizable}
    both = [m for m in entries(language) if not m.pluralizable and m.id in mails]

    assert len(both) > 80
    for message in both:
        assert message.string == mails[message.id], message.id
