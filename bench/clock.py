"""Q23: how soon a sleeping execution wakes after a commit, and a window that ends is closed, many in the same second.

Some cases are escalated by their buyers, one after the other, which wakes each execution. Then many more are, and the
team sets one instant for all their evidence windows, at which the clock cancels every one of them.
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
# One after the other: many at once would measure how busy the emulator is.
WOKEN = 10
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
    report(f"{WOKEN} executions that are woken")
    with ThreadPoolExecutor(1) as pool:
        woken = _results([pool.submit(_woken, client) for _ in range(WOKEN)])
    report(f"{CASES} windows that end in the same second")
    with ThreadPoolExecutor(OPENED_AT_ONCE) as pool:
        cases = list(pool.map(lambda _: _opened(client), range(CASES)))
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=AHEAD_DAYS * info.day_seconds)
    # A thread each: they only wait, and those that came first must not run into their ends before the last are there.
    with ThreadPoolExecutor(CASES) as pool:
        late = _results([pool.submit(_closed, case, due) for case in cases])
    early = sum(delay < timedelta(0) for delay in late.taken)
    once = f"{len(late.taken)} windows that end at one instant, each closed once, {early} early"
    return [
        *_lines(WAKE, woken, f"{len(woken.taken)} cases, one after the other", WOKEN),
        *_lines(WINDOW, late, f"{once}; the bar says {BAR:,}", CASES),
    ]


@dataclass(frozen=True, slots=True)
class Results:
    """What was measured, and why the rest was not."""

    taken: list[timedelta]
    failures: list[BaseException]


def _results(futures: Sequence[Future[timedelta]]) -> Results:
    failures = [failure for future in futures if (failure := future.exception()) is not None]
    return Results([future.result() for future in futures if future.exception() is None], failures)


def _lines(what: str, results: Results, cases: str, of: int) -> list[Line]:
    lines = [_line(what, results.taken, cases)] if results.taken else []
    if results.failures:
        first = results.failures[0]
        why = f"{len(results.failures)} of {of} cases, first {type(first).__name__}: {first}"
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


def _woken(client: Client) -> timedelta:
    """From an escalation, by the case, to the end of the execution's wait for a settlement, by its history."""
    case = _opened(client)
    case.escalate()
    case.parked()
    left = [
        event["timestamp"]
        for event in case.history()
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
