"""Q23: how soon a sleeping execution wakes after a commit, and a window that ends is closed, many in the same second.

Cases are escalated by their buyers, which wakes each execution; then the team sets one instant for all their evidence
windows, at which the clock cancels every one of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from bench.figures import Line, percentile
from bench.lives import Case
from local import aws
from local.client import Client
from local.state import StackInfo
from local.workspace import Workspace

CASES = 40
AT_ONCE = 8
# From the first opening to the instant at which all windows end: in policy days, of which a window has 30 at most.
AHEAD_DAYS = 28


def measure(info: StackInfo, workspace: Workspace, report: Callable[[str], None]) -> list[Line]:
    """Two lines, in milliseconds, without a gate: they belong to the machine and to the emulator."""
    client = Client(info)
    for person in ("buyer", "case_manager"):
        client.token(person)
    report(f"{CASES} windows that end in the same second")
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=AHEAD_DAYS * info.day_seconds)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        cases = list(pool.map(lambda _: _claim(client, due), range(CASES)))
        documents = list(pool.map(_closed, cases))
    late = [_instant(document["closed_at"]) - due for document in documents]
    early = sum(delay < timedelta(0) for delay in late)
    woken = [_woken(case, info, workspace) for case in cases]
    return [
        _line("from the commit of an escalation to its execution's wake", woken, f"{len(woken)} cases"),
        _line(
            "from the end of a window to its transition",
            late,
            f"{len(late)} windows that end at one instant, each closed once, {early} early",
        ),
    ]


def _line(what: str, delays: Sequence[timedelta], cases: str) -> Line:
    taken = [delay / timedelta(milliseconds=1) for delay in delays]
    return Line(
        "Q23", f"{what}, p99", f"p50 {median(taken):.0f} ms", cases, round(percentile(taken, 0.99)), "ms"
    )


def _claim(client: Client, due: datetime) -> Case:
    case = Case(client, f"order-{secrets.token_hex(6)}")
    case.open()
    case.escalate()
    case.post("case_manager", "/claim/evidence-window", {"due_at": due.isoformat()})
    return case


def _closed(case: Case) -> dict[str, Any]:
    case.until("CANCELLED")
    return case.document()


def _woken(case: Case, info: StackInfo, workspace: Workspace) -> timedelta:
    """From the escalation, by the case, to the end of the execution's first wait, by its history."""
    machine = aws.client(workspace, "stepfunctions")
    arn = f"{info.state_machine_arn.replace(':stateMachine:', ':execution:')}:case-{case.dispute_id}-g1"
    pages = machine.get_paginator("get_execution_history").paginate(executionArn=arn)
    events = [event for page in pages for event in page["events"]]
    left = [
        event["timestamp"]
        for event in events
        if event.get("stateExitedEventDetails", {}).get("name") == "AwaitSettlement"
    ]
    at = _instant(case.document()["escalated_at"])
    woken: timedelta = min(moment for moment in left if moment >= at) - at
    return woken


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
