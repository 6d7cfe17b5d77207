"""Files and functions stay small enough to be read (Q25)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TREES = ("functions", "infra", "layers", "local", "ops", "tools", "tests", "bench")
MOST_LINES_OF_A_FILE, MOST_LINES_OF_A_FUNCTION = 400, 50
# One call with a field of the document on each line: to cut it in two would take the types of its fields away.
FLAT = {"layers/buyer_protection/python/buyer_protection/application/schemas/documents.py:dispute_document"}


def sources() -> Iterator[tuple[str, str]]:
    for tree in TREES:
        for path in sorted((ROOT / tree).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def long_functions(name: str, text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            end = node.end_lineno or node.lineno
            if end - node.lineno + 1 > MOST_LINES_OF_A_FUNCTION:
                yield f"{name}:{node.name}"


def test_no_file_is_longer_than_400_lines() -> None:
    files = dict(sources())

    assert len(files) > 500, "the trees were looked for in the wrong place"
    assert [name for name, text in files.items() if text.count("\n") > MOST_LINES_OF_A_FILE] == []


def test_no_function_is_longer_than_50_lines() -> None:
    assert {one for name, text in sources() for one in long_functions(name, text)} == FLAT


def test_a_function_of_51_lines_is_found() -> None:
    text = "def planted() -> None:\n" + "    print()\n" * 50

    assert list(long_functions("a.py", text)) == ["a.py:planted"]
