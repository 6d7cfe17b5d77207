"""`report`: the figures of a period, written into a folder. `report export`: its cases as rows for analysts."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

from buyer_protection.application.ports.case_lists import UnreadableCase
from buyer_protection.domain.dispute import Dispute
from ops.cases import pages
from ops.report.case_rows import by_day, rows_of
from ops.report.document import days_csv, document_of, fairness_csv
from ops.report.figures import DAY, Figures, Period
from ops.report.page import charts_of, page_of
from ops.report.parquet import file_of
from ops.report.places import place_of
from ops.statement import StatementError, instant_of

UNREADABLE: Final = 1


def report(arguments: argparse.Namespace) -> int:
    """Write the figures of a period into a folder: JSON, CSV, and a page with charts. Reads every case; exit code 1
    where one cannot be read."""
    if not (arguments.since and arguments.to):
        raise StatementError("--since and --to are missing")
    now = datetime.now(UTC)
    until = instant_of(arguments.until) if arguments.until else now
    period = Period(instant_of(arguments.since), until)
    if period.until <= period.since:
        raise StatementError("--until is not after --since")
    figures = Figures(period, now)
    unreadable: list[str] = []
    for case in _read(unreadable):
        figures.add(case)
    figures.unreadable = len(unreadable)
    folder = Path(arguments.to)
    for name, text in files_of(figures).items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        print(folder / name)
    print(f"{figures.opened} opened, {figures.escalated} escalated, {figures.ended} ended")
    return UNREADABLE if figures.unreadable else 0


def export(arguments: argparse.Namespace) -> int:
    """Write the cases that were opened on each day as rows of a Parquet file, without ids or texts; a file that is
    there is replaced. Exit code 1 where a case cannot be read."""
    now = datetime.now(UTC)
    since = _day_of(arguments.since) if arguments.since else None
    until = _day_of(arguments.until) if arguments.until else now.date()
    if since is not None and until <= since:
        raise StatementError("--until is not after --since")
    if until > now.date() + DAY:
        raise StatementError("--until is after tomorrow")
    write = place_of(arguments.to, arguments.target)
    unreadable: list[str] = []
    days = total = 0
    cases = _read(unreadable, None if since is None else _midnight(since), _midnight(until))
    for day, opened in by_day(cases, since, until):
        where = write(f"day={day.isoformat()}/part-0.parquet", file_of(rows_of(opened, now), now))
        if opened:
            print(f"{where}  {len(opened)}")
        days, total = days + 1, total + len(opened)
    print(f"{total} cases, {days} days")
    return UNREADABLE if unreadable else 0


def _read(
    unreadable: list[str], since: datetime | None = None, until: datetime | None = None
) -> Iterator[Dispute]:
    """Every case opened in `[since, until)`, newest first; one that cannot be read is named, and added to the list."""
    for page in pages(since, until):
        for listed in page:
            if isinstance(listed, UnreadableCase):
                print(f"{listed.dispute_id}: this version cannot read it")
                unreadable.append(listed.dispute_id)
            else:
                yield listed


def _day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise StatementError(f"{text!a} is no day such as 2026-03-09") from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def files_of(figures: Figures) -> dict[str, str]:
    """Every file of a report, by its name."""
    return {
        "report.json": json.dumps(document_of(figures), indent=1, ensure_ascii=False) + "\n",
        "days.csv": days_csv(figures),
        "fairness.csv": fairness_csv(figures),
        "report.html": page_of(figures),
        **charts_of(figures),
    }


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`report`, and `report export`."""
    parser = commands.add_parser("report", help=report.__doc__)
    parser.add_argument("--since", help="from this instant on (RFC 3339)")
    parser.add_argument("--until", help="up to this instant, itself not included (RFC 3339); else now")
    parser.add_argument("--to", help="the folder that is written into")
    parser.set_defaults(command=report)
    rows = parser.add_subparsers(metavar="export").add_parser("export", help=export.__doc__)
    rows.add_argument("--since", metavar="DAY", help="from this day on (UTC); else that of the first case")
    rows.add_argument("--until", metavar="DAY", help="up to this day, itself not included; else today")
    rows.add_argument("--to", required=True, help="a folder, or s3://bucket/prefix")
    rows.set_defaults(command=export)
