"""`python -m ops report export` over moto: what pyarrow reads back adds up to the report of the same days."""

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from pyarrow import parquet

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.timeline import instant, whole_ms
from ops.__main__ import DONE, IMPOSSIBLE
from ops.report import command
from ops.report.case_rows import COLUMNS, VERSION
from ops.report.figures import Period
from ops.report.parquet import LOOKED_AT_KEY, VERSION_KEY
from tests.integration import test_report
from tests.integration.conftest import REGION
from tests.integration.operators import Run
from tests.integration.test_report import make_unreadable, report_of
from tests.simulation.year import YEAR

# A simulated year, and a process that imports pyarrow.
pytestmark = pytest.mark.verify

run = test_report.run
year = test_report.year
DAY = timedelta(days=1)
FIRST, LAST = YEAR.since.date(), YEAR.until.date()
WHOLE_YEAR = ("--since", FIRST.isoformat(), "--until", LAST.isoformat())


@pytest.fixture(autouse=True)
def the_year_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return YEAR.until + DAY

    monkeypatch.setattr(command, "datetime", Later)


def exported(run: Run, to: object, *words: str) -> None:
    assert run("report", "export", *words, "--to", str(to)) == DONE


def rows_in(folder: Path) -> list[dict[str, Any]]:
    """The rows of every day, oldest day first, with the day that their partition says."""
    files = sorted(folder.glob("day=*/*"))
    assert {file.name for file in files} == {"part-0.parquet"}
    return [
        row | {"day": date.fromisoformat(file.parent.name.removeprefix("day="))}
        for file in files
        for row in parquet.ParquetFile(file).read().to_pylist()
    ]


def within(rows: Sequence[Mapping[str, Any]], column: str, period: Period) -> list[Mapping[str, Any]]:
    return [row for row in rows if period.has(row[column])]


def test_the_rows_of_a_year_add_up_to_its_report(run: Run, tmp_path: Path) -> None:
    found = report_of(run, tmp_path / "report", *test_report.WHOLE_YEAR)
    exported(run, tmp_path / "rows", *WHOLE_YEAR)
    rows = rows_in(tmp_path / "rows")
    assert len(rows) == found["opened"]["count"]
    assert Counter(row["reason"] for row in rows) == found["opened"]["by_reason"]
    assert Counter(row["status"] for row in rows) == found["opened"]["by_status_now"]
    escalated = within(rows, "escalated_at", YEAR)
    assert Counter(row["escalated_by"] for row in escalated) == found["escalated"]["by"]
    ended = within(rows, "closed_at", YEAR)
    assert Counter(row["outcome"] for row in ended) == found["ended"]["by_outcome"]
    assert len(found["ended"]["by_outcome"]) > 5
    granted: Counter[str] = Counter()
    for row in ended:
        granted[row["currency"]] += row["granted_minor"]
    assert granted == found["refunds"]["granted_minor"]
    paid = Counter(str(row["refund_status"] or "NONE") for row in ended if row["granted_minor"])
    assert paid == found["refunds"]["by_status"]
    decided = [days for row in ended if (days := row["days_to_decision"]) is not None]
    assert len(decided) == found["decisions"]["days"]["count"] > 0
    assert sum(decided) / len(decided) == pytest.approx(found["decisions"]["days"]["mean"], abs=0.005)
    assert sum(row["decided_late"] for row in ended) == found["decisions"]["late"]
    assert sum(row["decision_overdue"] for row in rows) == found["decisions"]["overdue_now"]


def test_each_day_of_the_export_is_that_day_of_the_report(run: Run, tmp_path: Path) -> None:
    found = report_of(run, tmp_path / "report", *test_report.WHOLE_YEAR)
    exported(run, tmp_path / "rows", *WHOLE_YEAR)
    rows = rows_in(tmp_path / "rows")
    assert {row["opened_at"].date() == row["day"] for row in rows} == {True}
    opened = Counter(row["day"].isoformat() for row in rows)
    assert opened == {day["day"]: day["opened"] for day in found["by_day"] if day["opened"]}
    days = [folder.name for folder in sorted((tmp_path / "rows").iterdir())]
    assert days == [f"day={day['day']}" for day in found["by_day"]], "empty days are files without rows"
    ended = Counter((row["closed_at"].date().isoformat(), row["outcome"]) for row in rows if row["closed_at"])
    for day in found["by_day"]:
        assert {code: ended[day["day"], code] for code in day["ended"]} == day["ended"]


def test_a_row_holds_what_the_case_says(run: Run, year: list[Dispute], tmp_path: Path) -> None:
    exported(run, tmp_path, *WHOLE_YEAR)
    by_opening = {row["opened_at"]: row for row in rows_in(tmp_path)}
    assert len(by_opening) == len(year)
    for case in year:
        row, outcome = by_opening[whole_ms(case.opened_at)], case.outcome
        assert (row["status"], row["stage"], row["reason"]) == (case.status, case.stage, case.reason)
        assert (row["asked_minor"], row["currency"]) == (case.asked.amount_minor, case.asked.currency)
        assert row["requested_minor"] == case.requested_refund.amount_minor
        assert row["closed_at"] == (case.closed_at and whole_ms(case.closed_at))
        assert row["refund_status"] == case.refund_status
        assert row["decision_reasons"] == (None if outcome is None else list(outcome.reasons))
        assert row["granted_minor"] == (None if outcome is None else outcome.refund.amount_minor)
        assert row["era"] is None


def test_the_schema_is_typed_and_says_its_version_and_when_cases_were_read(run: Run, tmp_path: Path) -> None:
    exported(run, tmp_path, "--since", "2026-12-31", "--until", "2027-01-01")
    schema = parquet.ParquetFile(tmp_path / "day=2026-12-31" / "part-0.parquet").schema_arrow
    types = {field.name: str(field.type) for field in schema}
    assert types == {column.name: TYPES[column.kind.name] for column in COLUMNS}
    assert {field.name for field in schema if not field.nullable} == {
        column.name for column in COLUMNS if not column.is_optional
    }
    for column in COLUMNS:
        assert schema.field(column.name).metadata[b"meaning"].decode() == column.meaning
    assert schema.metadata[VERSION_KEY.encode()].decode() == str(VERSION)
    assert schema.metadata[LOOKED_AT_KEY.encode()].decode() == instant(YEAR.until + DAY)


TYPES = {
    "CODE": "string",
    "CODES": "list<element: string>",
    "COUNT": "int64",
    "DAYS": "double",
    "FLAG": "bool",
    "INSTANT": "timestamp[ms, tz=UTC]",
}


def test_a_day_exported_anew_is_replaced(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        exported(run, tmp_path, *WHOLE_YEAR)
    files = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file()}
    assert files == {f"day={FIRST + DAY * number}/part-0.parquet" for number in range(365)}
    rows = rows_in(tmp_path)
    assert len(rows) == len({row["opened_at"] for row in rows})


def test_a_bucket_gets_the_same_files_and_no_other(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket="analysts")
    days = ("--since", "2026-03-01", "--until", "2026-04-01")
    exported(run, tmp_path, *days)
    capsys.readouterr()
    for prefix in ("disputes/test", ""):
        for _ in range(2):
            exported(run, f"s3://analysts/{prefix}", *days)
    said = capsys.readouterr().out
    assert said.startswith("s3://analysts/disputes/test/day=2026-03-30/part-0.parquet  1\n")
    assert said.endswith(f"{len(rows_in(tmp_path))} cases, 31 days\n")
    here = {file.relative_to(tmp_path).as_posix(): file for file in tmp_path.rglob("*.parquet")}
    kept = {it["Key"] for it in s3.list_objects_v2(Bucket="analysts")["Contents"]}
    assert kept == {*here, *(f"disputes/test/{name}" for name in here)}
    for name, file in here.items():
        answer = s3.get_object(Bucket="analysts", Key=f"disputes/test/{name}")
        assert answer["Body"].read() == file.read_bytes()
        assert answer["ContentType"] == "application/vnd.apache.parquet"


def test_without_a_first_day_it_begins_with_the_first_case_and_without_a_last_ends_before_today(
    run: Run, tmp_path: Path
) -> None:
    exported(run, tmp_path)
    days = sorted(folder.name for folder in tmp_path.iterdir())
    assert (days[0], days[-1], len(days)) == ("day=2026-01-01", "day=2027-01-01", 366)


def test_a_table_without_a_case_has_no_first_day(table: Any, run: Run, tmp_path: Path) -> None:
    exported(run, tmp_path / "none", "--until", "2025-12-31")
    assert not (tmp_path / "none").exists()


def test_nothing_in_an_export_names_anybody_or_quotes_them(
    run: Run, year: list[Dispute], tmp_path: Path
) -> None:
    exported(run, tmp_path, *WHOLE_YEAR)
    written = {str(value) for row in rows_in(tmp_path) for value in row.values()}
    columns = {column.name for column in COLUMNS}
    assert not [name for name in columns if "_id" in name or "name" in name or "email" in name]
    for case in year:
        private = {case.dispute_id, case.order_id, case.buyer_id, case.seller_id, case.description}
        private |= {case.assigned_to or case.buyer_id, case.refund_id or case.buyer_id}
        private |= {item.title for item in case.items if item.title}
        private |= {case.outcome.rationale} if case.outcome and case.outcome.rationale else set()
        assert not [text for text in written for one in private if one in text]


def test_a_case_that_cannot_be_read_is_named_and_in_no_file(
    run: Run, year: list[Dispute], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported(run, tmp_path, *WHOLE_YEAR)
    assert len(rows_in(tmp_path)) == len(year)
    name = make_unreadable(test_report.states()[0])
    assert run("report", "export", *WHOLE_YEAR, "--to", str(tmp_path)) == 1
    assert len(rows_in(tmp_path)) == len(year) - 1
    assert f"{name}: this version cannot read it\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--since", "2026-02-30"), "'2026-02-30' is no day such as 2026-03-09"),
        (("--since", "2026-03-01T00:00:00Z"), "is no day such as"),
        (("--since", "2026-03-02", "--until", "2026-03-02"), "--until is not after --since"),
        (("--until", "2027-01-04"), "--until is after tomorrow"),
        (("--to", "s3:///prefix"), "is no s3://bucket/prefix"),
        (("--to", "s3://nobodys-bucket/x"), "NoSuchBucket"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    run: Run, tmp_path: Path, words: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("report", "export", "--to", str(tmp_path / "new"), *words) == IMPOSSIBLE
    assert why in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_no_other_command_waits_for_pyarrow() -> None:
    asked = "import sys, ops.__main__; sys.exit(int('pyarrow' in sys.modules))"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_the_page_says_what_each_column_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    for column in COLUMNS:
        empty = ", or null" if column.is_optional else ""
        assert f"| `{column.name}` | {column.kind.value}{empty} | {column.meaning} |" in page
    assert f"`{VERSION_KEY}` (now {VERSION})" in page
