"""Q23: how soon a sleeping execution wakes after a commit, and a window that ends is closed, many in the same second.

Cases are escalated by their buyers, which wakes each execution; then the team sets one instant for all their evidence
windows, at which the clock cancels every one of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from bench.figures import Line, not_measured, percentile
from bench.lives import Case, LifeError, client_of
from local.client import Client
from local.state import StackInfo
from local.workspace import Workspace

CASES = 40
BAR = 10_000
OPENED_AT_ONCE = 8
# From the last opening to the instant at which all windows end: in policy days, of which a window has 30 at most.
AHEAD_DAYS = 28
WAKE = "from the commit of an escalation to its execution's wake"
WINDOW = "from the end of a window to its transition"


def measure(info: StackInfo, workspace: Workspace, report: Callable[[str], None]) -> list[Line]:
    """Two lines, in milliseconds, without a gate: they belong to the machine and to the emulator. A case that could not
    be measured is left out of them and named by a line of its own."""
    client = Client(info)
    for person in ("buyer", "case_manager"):
        client.token(person)
    for service in ("dynamodb", "stepfunctions"):
        client_of(workspace.port, service)
    report(f"{CASES} windows that end in the same second")
    with ThreadPoolExecutor(OPENED_AT_ONCE) as pool:
        cases = list(pool.map(lambda _: _opened(client), range(CASES)))
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=AHEAD_DAYS * info.day_seconds)
    # A thread each: they only wait, and those that came first must not run into their ends before the last are there.
    with ThreadPoolExecutor(CASES) as pool:
        late = _results([pool.submit(_closed, case, due) for case in cases])
        woken = _results([pool.submit(_woken, case, info, workspace) for case in cases])
    early = sum(delay < timedelta(0) for delay in late.taken)
    once = f"{len(late.taken)} windows that end at one instant, each closed once, {early} early"
    return [
        *_lines(WAKE, woken, f"{len(woken.taken)} cases"),
        *_lines(WINDOW, late, f"{once}; the bar says {BAR:,}"),
    ]


@dataclass(frozen=True, slots=True)
class Results:
    """What was measured, and why the rest was not."""

    taken: list[timedelta]
    failures: list[BaseException]


def _results(futures: Sequence[Future[timedelta]]) -> Results:
    failures = [failure for future in futures if (failure := future.exception()) is not None]
    return Results([future.result() for future in futures if future.exception() is None], failures)


def _lines(what: str, results: Results, cases: str) -> list[Line]:
    lines = [_line(what, results.taken, cases)] if results.taken else []
    if results.failures:
        first = results.failures[0]
        why = f"{len(results.failures)} of {CASES} cases, first {type(first).__name__}: {first}"
        lines.append(not_measured("Q23", what, why))
    return lines


def _line(what: str, delays: Sequence[timedelta], cases: str) -> Line:
    taken = [delay / timedelta(milliseconds=1) for delay in delays]
    return Line(
        "Q23", f"{what}, p99", f"p50 {median(taken):.0f} ms", cases, round(percentile(taken, 0.99)), "ms"
    )


def _opened(client: Client) -> Case:
    case = Case(client, f"order-{secrets.token_hex(6)}")
    case.open()
    return case


def _closed(case: Case, due: datetime) -> timedelta:
    """Escalate the case, let its window end at `due`; how late the clock cancelled it."""
    case.escalate()
    case.take_claim()
    case.post("case_manager", "/claim/evidence-window", {"due_at": due.isoformat()})
    case.until("CANCELLED")
    return _instant(case.document()["closed_at"]) - due


def _woken(case: Case, info: StackInfo, workspace: Workspace) -> timedelta:
    """From the escalation, by the case, to the end of the execution's first wait, by its history."""
    machine = client_of(workspace.port, "stepfunctions")
    arn = f"{info.state_machine_arn.replace(':stateMachine:', ':execution:')}:case-{case.dispute_id}-g1"
    pages = machine.get_paginator("get_execution_history").paginate(executionArn=arn)
    events = [event for page in pages for event in page["events"]]
    left = [
        event["timestamp"]
        for event in events
        if event.get("stateExitedEventDetails", {}).get("name") == "AwaitSettlement"
    ]
    at = _instant(case.document()["escalated_at"])
    after = [moment for moment in left if moment >= at]
    if not after:
        raise LifeError(f"the execution of {case.dispute_id} did not wait when its case was escalated")
    woken: timedelta = min(after) - at
    return woken


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
