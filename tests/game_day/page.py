"""`docs/game-day.md`: what the last whole game day has measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.game_day.day import BOUND_SECONDS, Measured, table_of

PAGE = Path(__file__).parents[2] / "docs" / "game-day.md"
_HEAD = """\
# Game day: twelve failures, seen and mended

Written by `make game-day`, which plays all of it on the local stack (some twenty minutes): {date}.

Each failure is caused on a stack with open cases. The metric of its own alarm, as the row of the
[table of alarms](runbook.md#all-alarms) reads it, must leave its rest within {bound} seconds. Then its section of the
runbook is followed by a script that refuses every command and step that the section (or the page that it leads to) does
not name. Afterwards everything must be whole: every case at its right end with its history unbroken, each mail once,
each refund asked for and paid once, all dates met, nothing given up in a queue, no disagreement in the audit.

- **metric after**: seconds from the failure until the metric moved. The alarm itself is red later where its row asks
  for several periods, or for an age of many minutes.
- **whole after**: seconds from there until everything was right again.
"""
_CAUSED = """\

## How each is caused

The emulator has no CloudWatch alarms and lacks some metrics ([emulator.md](emulator.md)): what our functions count is
read from their log lines as on AWS, Lambda's calls and errors from what the runtime logs of each call, depths from SQS.
Where something is caused otherwise than it would happen on AWS, this says how.

"""


def page(rows: Sequence[Measured], summary: str) -> str:
    """The page's text."""
    date = f"{datetime.now(UTC):%d %B %Y}".lstrip("0")
    caused = [f"- **{row.failure}**: {row.caused}." for row in rows]
    head = _HEAD.format(date=date, bound=BOUND_SECONDS)
    return f"{head}\n{table_of(rows)}\n\n{summary}\n{_CAUSED}" + "\n".join(caused) + "\n"
