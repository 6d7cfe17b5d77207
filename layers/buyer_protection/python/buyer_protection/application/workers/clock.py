"""The steps that the clock takes: the same load, decide, commit as a person's (R15, R22, R24, R36)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from buyer_protection.application.changes import Decision, change_case
from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.switches import RELEASED, Switch
from buyer_protection.application.ports.system import Clock
from buyer_protection.domain import windows
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.windows import CONTRACT, Alarm

# A case with nothing due (a late decision) is looked at again after a month: an execution may sleep, not forget.
_LONG_SLEEP_SECONDS = 30 * 86_400
# How often an execution asks whether operators still hold the clock. After a release the sweeper is first.
HELD_SECONDS = 300
# More steps than any case can owe at once: the end of three windows with their reminders.
_MOST_STEPS = 12


# What the state machine ends an execution on whose case the table does not know.
CASE_MISSING = "CASE_MISSING"


class CaseMissingError(LookupError):
    """An execution for a case that does not exist: somebody's mistake, never retried into being right."""


def or_missing(step: Callable[[], Alarm], alarm: Alarm) -> Alarm:
    """What a step of an execution answers; CASE_MISSING where there is no such case, as on a table that was restored to
    an earlier instant. To fail would be to be called again for months."""
    try:
        return step()
    except CaseMissingError:
        return replace(alarm, status=CASE_MISSING)


def close_window(cases: CaseStore, clock: Clock, alarm: Alarm, switch: Switch = RELEASED) -> Alarm:
    """Take every step that is due, each in its own transaction, and say where and how long to wait next.

    Early, late, twice, or beside the sweeper: what is not due is not done, and what is done is done once. While
    operators hold the clock nothing is done, and the execution looks again after HELD_SECONDS.
    """
    if switch.hold() is not None:
        return replace(_where_it_stands(cases, clock, alarm), seconds=HELD_SECONDS)
    for _ in range(_MOST_STEPS):
        case, stepped = _step(cases, clock, alarm.dispute_id)
        if not stepped:
            return next_alarm(case, alarm.generation, clock.now())
    raise AssertionError(f"case {alarm.dispute_id} owes more steps than a case can owe")


def _where_it_stands(cases: CaseStore, clock: Clock, alarm: Alarm) -> Alarm:
    loaded = cases.load(alarm.dispute_id)
    if loaded is None:
        raise CaseMissingError(alarm.dispute_id)
    return next_alarm(loaded.case, alarm.generation, clock.now())


def _step(cases: CaseStore, clock: Clock, dispute_id: str) -> tuple[Dispute, bool]:
    """The case after the one step that is due, and whether there was one."""

    def load() -> Dispute:
        loaded = cases.load(dispute_id)
        if loaded is None:
            raise CaseMissingError(dispute_id)
        return loaded.case

    def decide(case: Dispute, now: datetime) -> Decision[tuple[Dispute, bool]]:
        change = windows.close_window(case, now)
        if change is None:
            return Decision((case, False))
        return Decision((change.after, True), change)

    return change_case(cases, clock, load, decide)


def next_alarm(case: Dispute, generation: int, now: datetime) -> Alarm:
    """Where the case's execution waits next, and for how long."""
    wake = windows.wake_at(case)
    seconds = windows.seconds_until(wake, now) if wake else _LONG_SLEEP_SECONDS
    return Alarm(case.dispute_id, generation, CONTRACT, windows.alarm_status(case), case.epoch, seconds)
