"""`make test` and `make verify` leave no folder of tests out, and their closing line counts what pytest counted."""

from pathlib import Path

from tools.run_tests import APART, E2E, PAGES, ROOT, WITHOUT_STACK, closing_line, parts_of

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
    assert {f"tests/{name}" for name in folders} == {*WITHOUT_STACK, E2E, PAGES}
    assert all((ROOT / path).exists() for path in APART)


def test_what_runs_on_a_stack_of_its_own_runs_once() -> None:
    stacks = {part.name: part for part in parts_of("verify", [])}
    assert stacks["apart"].paths == APART
    assert {f"--ignore={path}" for path in APART} == set(stacks["stack"].options)


def test_a_narrowed_choice_starts_only_what_it_needs() -> None:
    assert [part.name for part in parts_of("test", ["tests/unit"])] == ["local"]
    assert [part.paths for part in parts_of("test", ["tests/unit", "tests/e2e"])] == [
        ("tests/unit",),
        ("tests/e2e",),
    ]


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
