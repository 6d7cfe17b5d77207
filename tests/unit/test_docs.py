"""What the pages name exists: links, files and modules, decisions, terms, and every change of status in the README."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from buyer_protection.domain.transitions import TRANSITIONS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DECISIONS = DOCS / "decisions"
PACKAGE = ROOT / "layers" / "buyer_protection" / "python" / "buyer_protection"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
# Generated and compared elsewhere (test_contract_rules); it quotes the help page.
RULES = DOCS / "rules.md"
WRITTEN = [page for page in PAGES if page != RULES]
# CONTRIBUTING's example of an action that is still to be written.
EXAMPLES = {"functions/thank_party/handler.py"}

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
_NAMED = re.compile(r"`([a-z_]+(?:/[\w.-]+)*/(?:[\w-]+\.(?:py|md|json|txt|toml))?)`")
_ARROW = re.compile(r"^  (\S+) --> ([A-Z_]+):", re.MULTILINE)
_TERM = re.compile(r"^\| ([^|]+) \| [^|]+ \| `([^`|]+)` \|$", re.MULTILINE)


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _named(page: Path) -> Iterator[str]:
    """The files and folders in backticks, but for those of a placeholder such as `<action>`."""
    yield from (path for path in _NAMED.findall(page.read_text(encoding="utf-8")) if path not in EXAMPLES)


def _terms() -> list[tuple[str, str]]:
    """The glossary's terms with their modules, in the page's order; the first match is the table's head."""
    return [
        (term.strip("`"), module) for term, module in _TERM.findall((DOCS / "glossary.md").read_text("utf-8"))
    ]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_each_link_to_a_file_leads_to_one(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", WRITTEN, ids=_name)
def test_each_file_that_a_page_names_exists(page: Path) -> None:
    missing = [path for path in _named(page) if not any((base / path).exists() for base in (ROOT, PACKAGE))]

    assert missing == []


def test_the_pages_name_files_and_modules() -> None:
    named = {path for page in WRITTEN for path in _named(page)}

    assert {"domain/actions.py", "domain/", "infra/routes.py", "tests/e2e/"} <= named


def test_the_glossary_is_sorted_and_says_each_term_once() -> None:
    terms = [term.lower() for term, _ in _terms()]

    assert len(terms) > 50
    assert terms == sorted(set(terms))


def test_each_line_of_the_glossary_is_a_term_with_its_module() -> None:
    lines = [line for line in (DOCS / "glossary.md").read_text("utf-8").splitlines() if line.startswith("|")]

    assert len(lines) - 2 == len(_terms())


@pytest.mark.parametrize(("term", "module"), _terms())
def test_the_module_of_a_term_exists(term: str, module: str) -> None:
    assert (ROOT / module).is_file() or (PACKAGE / module).is_file(), term


def test_the_index_of_decisions_names_each_page_by_its_title() -> None:
    rows = re.findall(
        r"^\| \[\d{4}\]\(([^)]+)\) \| (.+) \|$", (DECISIONS / "README.md").read_text("utf-8"), re.MULTILINE
    )
    pages = {page.name: page.read_text("utf-8").splitlines()[0] for page in DECISIONS.glob("0*.md")}

    assert {name: f"# {name[:4]} {title}" for name, title in rows} == pages


def test_each_decision_that_the_code_names_exists() -> None:
    numbers = {page.name[:4] for page in DECISIONS.glob("0*.md")}
    folders = ("layers", "functions", "infra", "local", "ops", "tools", "tests", "bench")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    named = {
        number for path in sources for number in re.findall(r"decisions/(\d{4})", path.read_text("utf-8"))
    }

    assert named
    assert named <= numbers


def test_the_readme_shows_every_change_of_status_and_no_other() -> None:
    shown = _ARROW.findall((ROOT / "README.md").read_text("utf-8"))

    assert len(shown) == len(set(shown))
    assert set(shown) == {
        (row.source.value if row.source else "[*]", row.target.value) for row in TRANSITIONS
    }


@pytest.mark.parametrize("page", WRITTEN, ids=_name)
def test_only_quotations_of_the_help_page_stand_in_guillemets(page: Path) -> None:
    assert re.findall("[«»]", page.read_text(encoding="utf-8")) == []
