"""The pages about security stay true: the tests and sections that they name exist, the generated part is fresh."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from infra.called import called
from infra.routes import SPECS
from tools import threats

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ASVS = (DOCS / "asvs.md").read_text(encoding="utf-8")
PAGES = (ROOT / "SECURITY.md", DOCS / "threat-model.md", DOCS / "asvs.md")
VERDICTS = ("met", "not met", "not ours")
_ROW = re.compile(
    r"^\| v5\.0\.0-(\d+)\.(\d+)\.(\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE
)
_SECTION = re.compile(r'\[[^\]]+\]\(([^)]+\.md)\) "([^"]+)"')
ROWS = _ROW.findall(ASVS)
# How many requirements of levels 1 and 2 each chapter of the standard has.
IN_CHAPTER = (27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7)


@cache
def _names_of_tests() -> frozenset[str]:
    texts = (file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    return frozenset(name for text in texts for name in re.findall(r"^\s*def (test_\w+)", text, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_each_test_that_a_page_of_security_names_exists(page: Path) -> None:
    functions = {row.id for row in SPECS}
    named = set(re.findall(r"\b(test_\w+)\b(?!\.py)", page.read_text(encoding="utf-8"))) - functions

    assert named - _names_of_tests() == set()


def test_the_table_of_asvs_has_each_requirement_once_and_in_order() -> None:
    ids = [(int(chapter), int(section), int(number)) for chapter, section, number, *_ in ROWS]

    assert ids == sorted(set(ids))
    assert tuple(Counter(chapter for chapter, *_ in ids).values()) == IN_CHAPTER
    assert len(ROWS) == ASVS.count("| v5.0.0-")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: ".".join(row[:3]))
def test_what_is_met_names_a_proof_and_what_is_not_says_why(row: tuple[str, ...]) -> None:
    *_, verdict, reason = row

    assert verdict in VERDICTS
    if verdict == "met":
        assert "`test_" in reason or _SECTION.search(reason)
    else:
        assert reason.strip()


def test_each_section_that_the_table_of_asvs_names_exists() -> None:
    for target, heading in _SECTION.findall(ASVS):
        text = (DOCS / target).read_text(encoding="utf-8")
        assert re.search(rf"^#+ {re.escape(heading)}$", text, re.MULTILINE), (target, heading)


def test_the_count_of_asvs_is_that_of_its_rows() -> None:
    total = Counter(row[5] for row in ROWS)

    assert f"| all | {total['met']} | {total['not met']} | {total['not ours']} |" in ASVS


def test_what_each_function_could_do_is_what_its_role_allows() -> None:
    text = threats.PAGE.read_text(encoding="utf-8")

    assert threats.page(text) == text, "python -m tools.threats"


def test_every_function_stands_in_the_threat_model() -> None:
    named = {name for names in threats.by_power().values() for name in names}

    assert named == {row.id for row in SPECS}


def test_a_function_that_gets_a_right_gets_a_worse_line() -> None:
    reading = called()["list_messages"]
    before = threats.powers_of(reading)
    after = threats.powers_of({**reading, "events:PutEvents": ("bus",)})

    assert after[0] is threats.POWERS[0]
    assert threats.POWERS.index(before[0]) > 0
