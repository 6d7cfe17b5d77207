"""Write `docs/runbook.md` anew from the table of alarms: `python -m tools.runbook`. A test compares both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import fill

from infra.alarms.rows import AlarmRow, Row, Urgency
from infra.alarms.table import TABLE

PAGE = Path(__file__).parents[1] / "docs" / "runbook.md"
_WIDTH = 120
_URGENCIES = {
    Urgency.PAGE: "wakes somebody",
    Urgency.TICKET: "waits for the morning",
    Urgency.PART: "notifies nobody by itself",
}
_HEAD = """\
# Runbook: what each alarm means, and what to do

Generated from `infra/alarms/` by `python -m tools.runbook`: change the table, never this page. Every alarm is called
`BuyerProtection-<stage>-<name>`; what it says of itself leads to its section here.
[operations.md](operations.md) explains the commands, which take `--stage <stage>` on AWS and `--port` on your own
machine, and the saved queries, which are in CloudWatch Logs Insights below `BuyerProtection-<stage>/`. The dashboard is
called `BuyerProtection-<stage>`.

An alarm that **wakes somebody** is about people's deadlines, money or access now; one that **waits for the morning**
loses nothing until then.

## After an outage

1. `python -m ops cases list --overdue` and `python -m ops queues list`: is anything still late? The sweeper and the
   queues make up for everything by themselves, deadlines first.
2. `python -m ops refunds list` and `python -m ops dead-letters show inbound`: is money held up?
3. `python -m ops audit run --why "after the outage"`: does everything agree? The saved query "what the audit found"
   says so within minutes.
4. Could people not act meanwhile? `python -m ops clock extend --run outage-1 --hours 12 --status NEGOTIATION --why "the
   outage"` moves the dates that are still ahead, and informs both parties: see "Time given back" in
   [operations.md](operations.md). A window that has ended stays ended: as long as the outage lasts, `python -m ops
   clock hold --why "the outage"` keeps windows from ending. Give time, then `python -m ops clock release --why "time
   was given"`.
"""


def page() -> str:
    """The page's text."""
    return "\n".join((_HEAD, _overview(), *(_section(row) for row in TABLE)))


def _overview() -> str:
    lines = ["## All alarms", "", "| alarm | urgency | red when |", "|---|---|---|"]
    lines += [f"| [{row.name}](#{row.name.lower()}) | {row.urgency} | {row.condition} |" for row in TABLE]
    return "\n".join((*lines, ""))


def _section(row: Row) -> str:
    lines = [f"## {row.name}", "", _wrapped(row.symptom), ""]
    lines += [
        _wrapped(f"**{row.urgency.capitalize()}** ({_URGENCIES[row.urgency]}). Red when {row.condition}."),
        "",
    ]
    if isinstance(row, AlarmRow) and row.watch.expression is not None:
        lines += [f"Computed as `{row.watch.expression}`.", ""]
    lines += _steps(row)
    return "\n".join((*lines, ""))


def _steps(row: Row) -> Iterator[str]:
    for number, step in enumerate(row.do, 1):
        yield fill(
            step,
            _WIDTH,
            initial_indent=f"{number}. ",
            subsequent_indent="   ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def _wrapped(text: str) -> str:
    return fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
