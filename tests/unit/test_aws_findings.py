"""`docs/aws-findings.md`: each finding about AWS has its row, and each test that a row names is one."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "aws-findings.md"
FINDINGS = {
    *(f"I{number}" for number in range(1, 17)),
    *(f"G{number}" for number in range(1, 5)),
    *("H1", "H2", "H3", "H8"),
}
_ROW = re.compile(r"^\| ([GHI]\d+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
# A file, and the tests of it that follow.
_WORD = re.compile(r"`(?:(?P<file>tests/[\w/]+\.py)|(?P<test>test_\w+))`")


@cache
def _tests_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def _named(text: str) -> list[tuple[str, str]]:
    """(file, test) in the text's order; AssertionError for a test before any file."""
    found, file = [], ""
    for word in _WORD.finditer(text):
        file = word["file"] or file
        if word["test"]:
            assert file, word["test"]
            found.append((file, word["test"]))
    return found


def test_each_finding_has_a_row_that_names_a_test() -> None:
    rows = dict(_ROW.findall(PAGE.read_text(encoding="utf-8")))

    assert set(rows) == FINDINGS
    assert [id for id, held in rows.items() if not _named(held)] == []


def test_each_test_that_the_page_names_exists() -> None:
    text = PAGE.read_text(encoding="utf-8").split("## AWS is not the emulator", 1)[1]

    assert [f"{file}: {test}" for file, test in _named(text) if test not in _tests_of(file)] == []
