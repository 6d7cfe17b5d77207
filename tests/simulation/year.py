"""A year of a marketplace: simulated cases without faults, opened over its days, and the report of them.

`python -m tests.simulation.year --cases 10000 --to docs/reports` writes what `docs/reports.md` shows.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from buyer_protection.domain.dispute import Dispute
from ops.report.command import files_of
from ops.report.figures import Figures, Period, of_cases
from tests.simulation.life import Plan, lived

SEED: Final = "20260310"
YEAR: Final = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
CHUNK: Final = 50
# What is kept beside the words: the tables and the page can be made again from the same seed.
KEPT: Final = ("report.json", "opened.svg", "outcomes.svg", "reasons.svg")


def cases_of(seed: str, first: int, lives: int) -> list[Dispute]:
    """The cases of these lives, at the times of their own."""
    found: list[Dispute] = []
    for number in range(first, first + lives):
        life, violation = lived(Plan(f"{seed}:{number}"))
        if violation is not None:
            raise violation
        found += life.world.cases_kept.values()
    return found


def spread_over_the_year(cases: list[Dispute]) -> Iterator[Dispute]:
    """The same cases under ids of their own, opened one after the other at equal distances."""
    step = (YEAR.until - YEAR.since) / len(cases)
    for number, case in enumerate(cases):
        moved = moved_by(case, YEAR.since + step * number - case.opened_at)
        yield replace(moved, dispute_id=f"dp-{number:08}", order_id=f"o-{number:08}")


def moved_by(case: Dispute, time: timedelta) -> Dispute:
    """The case with every instant of its own later by `time`."""
    instants: dict[str, Any] = {
        field.name: value + time
        for field in fields(case)
        if isinstance(value := getattr(case, field.name), datetime)
    }
    return replace(case, **instants)


def a_year(cases: int, seed: str = SEED, jobs: int = 1) -> list[Dispute]:
    """So many cases, spread over the year."""
    found: list[Dispute] = []
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        first = 0
        while len(found) < cases:
            starts = range(first, first + jobs * CHUNK, CHUNK)
            for chunk in pool.map(cases_of, [seed] * jobs, starts, [CHUNK] * jobs):
                found += chunk
            first += jobs * CHUNK
            print(f"... {min(len(found), cases):,} cases", flush=True)
    return list(spread_over_the_year(found[:cases]))


def main() -> None:
    """Simulate the year, and write its report."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.year")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", default=SEED)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--to", required=True)
    asked = parser.parse_args()
    figures: Figures = of_cases(a_year(asked.cases, asked.seed, asked.jobs), YEAR, YEAR.until)
    files = files_of(figures)
    Path(asked.to).mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        (Path(asked.to) / name).write_text(files[name], encoding="utf-8")
    print(f"{figures.opened:,} opened, {figures.ended:,} ended")


if __name__ == "__main__":
    main()
