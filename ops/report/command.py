"""`report`: the figures of a period, written into a folder."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from buyer_protection.application.ports.case_lists import UnreadableCase
from buyer_protection.domain.dispute import Dispute
from ops.cases import pages
from ops.report.document import days_csv, document_of, fairness_csv
from ops.report.figures import Figures, Period
from ops.report.page import charts_of, page_of
from ops.statement import StatementError, instant_of

UNREADABLE: Final = 1


def report(arguments: argparse.Namespace) -> int:
    """Write the figures of a period into a folder: JSON, CSV, and a page with charts. Reads every case; exit code 1
    where one cannot be read."""
    now = datetime.now(UTC)
    until = instant_of(arguments.until) if arguments.until else now
    period = Period(instant_of(arguments.since), until)
    if period.until <= period.since:
        raise StatementError("--until is not after --since")
    figures = Figures(period, now)
    for page in pages():
        for listed in page:
            if isinstance(listed, UnreadableCase):
                print(f"{listed.dispute_id}: this version cannot read it")
                figures.unreadable += 1
            elif isinstance(listed, Dispute):
                figures.add(listed)
    folder = Path(arguments.to)
    for name, text in files_of(figures).items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        print(folder / name)
    print(f"{figures.opened} opened, {figures.escalated} escalated, {figures.ended} ended")
    return UNREADABLE if figures.unreadable else 0


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
    """`report`."""
    parser = commands.add_parser("report", help=report.__doc__)
    parser.add_argument("--since", required=True, help="from this instant on (RFC 3339)")
    parser.add_argument("--until", help="up to this instant, itself not included (RFC 3339); else now")
    parser.add_argument("--to", required=True, help="the folder that is written into")
    parser.set_defaults(command=report)
