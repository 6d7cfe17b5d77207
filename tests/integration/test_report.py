"""`python -m ops report` over moto: the figures add up to the rows of the table, and the files to each other."""

import csv
import io
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import boto3
import pytest

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import FactsRow, StateRow
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.timeline import instant
from ops.__main__ import DONE, IMPOSSIBLE
from tests.integration.conftest import REGION, TABLE_NAME
from tests.integration.operators import Run, runner
from tests.simulation.year import YEAR, cases_of, spread_over_the_year

LIVES = 24
UNTIL = ("--until", instant(YEAR.until))
WHOLE_YEAR = ("--since", instant(YEAR.since), *UNTIL)


@pytest.fixture(scope="module")
def year() -> list[Dispute]:
    return list(spread_over_the_year(cases_of("20260310", 0, LIVES)))


@pytest.fixture
def run(table: Any, year: list[Dispute], monkeypatch: pytest.MonkeyPatch) -> Run:
    for case in year:
        for kind, key, values in (
            (FactsRow, keys.facts(case.dispute_id), mapping.facts_values(case)),
            (StateRow, keys.state(case.dispute_id), mapping.state_values(case)),
        ):
            kind(*key, **{name: it for name, it in values.items() if it is not None}).save()
    return runner(monkeypatch)


def report_of(run: Run, folder: Path, *words: str) -> dict[str, Any]:
    assert run("report", *words, "--to", str(folder)) == DONE
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return found


def states() -> list[StateRow]:
    return [row for row in Row.scan() if isinstance(row, StateRow)]


def make_unreadable(row: StateRow) -> str:
    """Give the case a status that no version knows; its id."""
    boto3.client("dynamodb", region_name=REGION).update_item(
        TableName=TABLE_NAME,
        Key={"pk": {"S": row.pk}, "sk": {"S": row.sk}},
        UpdateExpression="SET #status = :later",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":later": {"S": "FROM_LATER"}},
    )
    return keys.id_of(row.pk)


def test_the_figures_add_up_to_the_rows_of_the_table(run: Run, tmp_path: Path) -> None:
    found = report_of(run, tmp_path, *WHOLE_YEAR)
    rows = states()
    assert found["opened"]["count"] == len(rows) > LIVES
    assert found["opened"]["by_status_now"] == dict(Counter(row.status for row in rows))
    closed = [row for row in rows if row.attribute_values.get("closed_at")]
    ended = Counter(row.outcome.code for row in closed if row.closed_at < YEAR.until)
    assert found["ended"]["by_outcome"] == dict(ended)
    assert found["ended"]["count"] == sum(ended.values()) == found["ended"]["days"]["count"]
    assert len(ended) > 5


def test_days_add_up_to_the_period_and_two_halves_to_the_whole(run: Run, tmp_path: Path) -> None:
    middle = instant(YEAR.since + timedelta(days=181, hours=7))
    whole = report_of(run, tmp_path / "whole", *WHOLE_YEAR)
    halves = [
        report_of(run, tmp_path / "first", "--since", instant(YEAR.since), "--until", middle),
        report_of(run, tmp_path / "second", "--since", middle, *UNTIL),
    ]
    for part in ("opened", "escalated", "ended"):
        assert sum(half[part]["count"] for half in halves) == whole[part]["count"]
    days = whole["by_day"]
    assert len(days) == 365
    for part in ("opened", "escalated"):
        assert sum(day[part] for day in days) == whole[part]["count"]
    for part, total in (
        ("ended", whole["ended"]["by_outcome"]),
        ("granted_minor", whole["refunds"]["granted_minor"]),
    ):
        summed: Counter[str] = Counter()
        for day in days:
            summed.update(day[part])
        assert summed == total


def test_the_tables_and_the_page_say_what_the_document_says(run: Run, tmp_path: Path) -> None:
    found = report_of(run, tmp_path, *WHOLE_YEAR)
    days = list(csv.DictReader(io.StringIO((tmp_path / "days.csv").read_text(encoding="utf-8"))))
    assert sum(int(day["opened"]) for day in days) == found["opened"]["count"]
    for code, count in found["ended"]["by_outcome"].items():
        assert sum(int(day[code]) for day in days) == count
    fairness = list(csv.DictReader(io.StringIO((tmp_path / "fairness.csv").read_text(encoding="utf-8"))))
    assert {(row["group"], row["value"]): int(row["claims"]) for row in fairness} == {
        (group, value): one["claims"]
        for group, values in found["fairness"].items()
        for value, one in values.items()
    }
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"<h2>Opened: {found['opened']['count']}</h2>" in page
    for name in ("opened.svg", "outcomes.svg", "reasons.svg"):
        drawn = (tmp_path / name).read_text(encoding="utf-8")
        ElementTree.fromstring(drawn)
        assert drawn.strip() in page


def test_nothing_in_a_report_names_a_party_or_an_order(run: Run, year: list[Dispute], tmp_path: Path) -> None:
    report_of(run, tmp_path, *WHOLE_YEAR)
    written = "".join(file.read_text(encoding="utf-8") for file in tmp_path.iterdir())
    for case in year:
        for private in (case.dispute_id, case.order_id, case.buyer_id, case.seller_id):
            assert private not in written


def test_a_case_that_cannot_be_read_is_named_counted_and_in_no_figure(
    run: Run, year: list[Dispute], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = make_unreadable(states()[0])
    assert run("report", *WHOLE_YEAR, "--to", str(tmp_path)) == 1
    found = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert found["unreadable"] == 1
    assert found["opened"]["count"] == len(year) - 1
    assert name in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [UNTIL, ("--since", "2026-02-30T00:00:00Z"), (*WHOLE_YEAR[2:], "--since", "2028-01-01T00:00:00Z")],
)
def test_a_period_that_cannot_be_meant_is_refused_and_nothing_is_written(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert run("report", *words, "--to", str(tmp_path / "new")) == IMPOSSIBLE
    assert not (tmp_path / "new").exists()
