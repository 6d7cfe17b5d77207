"""`make test` and `make verify` leave no folder of tests out, and their closing line counts what pytest counted."""

from pathlib import Path
from typing import Any

import pytest

from tools import run_tests
from tools.run_tests import (
    APART,
    AT_ONCE,
    E2E,
    PAGES,
    ROOT,
    TEMPLATES,
    WITHOUT_STACK,
    Part,
    closing_line,
    parts_of,
    play,
)

REPORT = (
    '<?xml version="1.0"?><testsuites name="pytest tests">'
    '<testsuite name="pytest" errors="{}" failures="{}" skipped="{}" tests="{}" time="9.1">'
)


def report(
    folder: Path, name: str, *, errors: int = 0, failures: int = 0, skipped: int = 0, tests: int
) -> Path:
    path = folder / f"{name}.xml"
    path.write_text(REPORT.format(errors, failures, skipped, tests))
    return path


def test_every_folder_with_tests_belongs_to_a_part() -> None:
    folders = {path.relative_to(ROOT).parts[1] for path in (ROOT / "tests").rglob("test_*.py")}
    assert {f"tests/{name}" for name in folders} == {*WITHOUT_STACK, E2E, PAGES, TEMPLATES}
    assert all((ROOT / path).exists() for path in APART)


def test_what_changes_a_stack_for_everybody_runs_once_and_apart() -> None:
    stacks = {part.name: part for part in parts_of("verify", [])}
    assert stacks["apart"].paths == APART
    assert {f"--ignore={path}" for path in APART} == set(stacks["stack"].options)


def test_the_readers_of_templates_and_document_run_beside_all_tests_of_verify_alone() -> None:
    readers = [part.command[-1] for part in parts_of("verify", []) if part.command]
    assert readers == ["lint-templates", "document-verify"]
    for goal, paths in (("test", []), ("verify", [TEMPLATES])):
        assert not any(part.command for part in parts_of(goal, paths))


def test_a_narrowed_choice_starts_only_what_it_needs() -> None:
    assert [part.name for part in parts_of("test", ["tests/unit"])] == ["local"]
    assert [part.paths for part in parts_of("test", ["tests/unit", "tests/e2e"])] == [
        ("tests/unit",),
        ("tests/e2e",),
    ]


def test_the_templates_are_tested_whole_by_verify_and_by_test_where_they_are_named() -> None:
    assert not any(path.startswith(TEMPLATES) for part in parts_of("test", []) for path in part.paths)
    (whole,) = (part for part in parts_of("verify", []) if TEMPLATES in part.paths)
    assert whole.is_whole
    assert parts_of("verify", [f"{TEMPLATES}/test_iam.py"]) == [
        Part("templates", (f"{TEMPLATES}/test_iam.py",), is_whole=True)
    ]
    (named,) = parts_of("test", [TEMPLATES])
    assert (named.name, named.is_whole) == ("local", False)


class Played:
    """A part that is over once `looks` were taken at it."""

    def __init__(self, part: Part, looks: int, under_way: list[str]) -> None:
        self.part, self.looks, self.shown, self.under_way = part, looks, 0, under_way
        under_way.append(part.name)

    @property
    def is_over(self) -> bool:
        self.looks -= 1
        if self.looks < 0 and self.part.name in self.under_way:
            self.under_way.remove(self.part.name)
        return self.looks < 0

    def show(self) -> None:
        self.shown += 1


def test_four_parts_run_at_a_time_and_the_next_begins_as_soon_as_one_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tools.run_tests.POLL_SECONDS", 0)
    with_stacks = {"stack": 90, "pages": 80, "apart": 85}
    looks = {"local": 300, **with_stacks, "readers": 10, "document": 5, "templates": 15}
    beside: dict[str, list[str]] = {}
    under_way: list[str] = []
    running: list[Any] = []

    def begin(part: Part) -> Any:
        made = Played(part, looks[part.name], under_way)
        beside[part.name] = list(under_way)
        return made

    play(parts_of("verify", []), running, begin)

    assert [one.part.name for one in running] == list(looks)
    assert all(one.shown for one in running)
    assert under_way == []
    assert beside["readers"] == ["local", "stack", "apart", "readers"]
    assert max(len(names) for names in beside.values()) == AT_ONCE


def test_the_closing_line_adds_up_and_reads_as_pytests_own(tmp_path: Path) -> None:
    one = report(tmp_path, "one", tests=10, skipped=1)
    other = report(tmp_path, "other", tests=5, failures=2, errors=1)
    assert closing_line([one], 61.5).strip("= ") == "9 passed, 1 skipped in 61.50s (0:01:02)"
    assert (
        closing_line([one, other], 3600).strip("= ")
        == "2 failed, 11 passed, 1 skipped, 1 error in 3600.00s (1:00:00)"
    )


def test_a_part_that_left_no_report_is_an_error(tmp_path: Path) -> None:
    assert "1 error" in closing_line([report(tmp_path, "one", tests=3), tmp_path / "absent.xml"], 1)
    assert "no tests ran" in closing_line([], 0)


def test_a_command_that_fails_fails_the_goal_and_both_closing_lines_count_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = [Part(name, command=(name,)) for name in ("true", "false")]
    monkeypatch.setattr(run_tests, "REPORTS", tmp_path)
    monkeypatch.setattr(run_tests, "parts_of", lambda _goal, _paths: parts)
    monkeypatch.setattr("signal.signal", lambda *_: None)

    assert run_tests.run("verify", [], []) == 1
    assert " 1 error in " in capsys.readouterr().out
    run_tests.main(["report", "1"])
    assert " 1 error in " in capsys.readouterr().out

    del parts[1]
    assert run_tests.run("verify", [], []) == 0
    assert " no tests ran in " in capsys.readouterr().out
