"""The sweeper: whatever the execution, the stream or a function failed to do, done within a minute or two.

It reads one index of what is due, and takes the same roads as everybody else; where nothing is overdue it writes
nothing.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from buyer_protection.application.close_window import close_window
from buyer_protection.application.dispatch_changes import alarm_of
from buyer_protection.application.notifications import refund_event
from buyer_protection.application.ports import (
    CaseStore,
    Clock,
    DueRow,
    EventBus,
    Executions,
    NotificationQueue,
    RefundStore,
    TimerStore,
)
from buyer_protection.domain.clock import CONTRACT, Alarm
from buyer_protection.domain.refunds import needs_operator
from buyer_protection.domain.vocabulary import TERMINAL

BATCH = 200


@dataclass(frozen=True, slots=True)
class Sweeper:
    """What sweeping needs."""

    cases: CaseStore
    timers: TimerStore
    refunds: RefundStore
    executions: Executions
    queue: NotificationQueue
    bus: EventBus
    clock: Clock


class UnwatchedError(Exception):
    """Step Functions did not answer, so that nobody may be waiting for the case; the message names the error."""


def sweep(sweeper: Sweeper) -> Counter[str]:
    """One round: every overdue deadline met, every dead execution restarted, stuck mails and refunds sent again.

    Returns how much of what was done. One case that fails keeps no other back; it is counted under `failed_` and
    the error's name.
    """
    done: Counter[str] = Counter()
    mails_of: set[str] = set()
    for row in sweeper.timers.due(sweeper.clock.now(), limit=BATCH):
        try:
            if row.sort_key == "TIMER":
                done.update(_meet_deadline(sweeper, row))
            elif row.sort_key == "REFUND":
                done.update(_emit_refund(sweeper, row))
            elif row.case_id not in mails_of:
                mails_of.add(row.case_id)
                sweeper.queue.enqueue(row.case_id)
                done["mails_requeued"] += 1
        except Exception as failure:  # noqa: BLE001 - one case's trouble keeps no other back
            done[f"failed_{type(failure).__name__}"] += 1
    return done


def _meet_deadline(sweeper: Sweeper, row: DueRow) -> Counter[str]:
    """R15, R22, R24, R36 without any execution; and see that an execution watches over what comes next.

    The execution comes first: once the deadline is met the row is not due any more, and a round that died in between
    would leave an open case that nobody waits for, and a claim that nobody brings before the team. Where Step Functions
    is away the deadline is met all the same, and the row is kept due.
    """
    done: Counter[str] = Counter()
    timer = sweeper.timers.timer(row.case_id)
    if timer is None:
        return done
    trouble = None
    try:
        done.update(restart_if_dead(sweeper, row.case_id))
    except UnwatchedError as unwatched:
        trouble = unwatched
    alarm = Alarm(timer.case_id, timer.generation, CONTRACT, timer.status, timer.epoch, 1)
    after = close_window(sweeper.cases, sweeper.clock, alarm)
    done["deadlines"] += 1
    if after.status != timer.status or after.epoch != timer.epoch:
        done["transitions"] += 1
    _keep_due(sweeper, row, timer.wake_at, is_unwatched=trouble is not None)
    if trouble is not None:
        raise trouble
    return done


def _keep_due(sweeper: Sweeper, row: DueRow, wake_at: datetime | None, *, is_unwatched: bool) -> None:
    """A case that nobody waits for is looked at again next minute; one that was only kept due is let go."""
    timer = sweeper.timers.timer(row.case_id)
    if timer is None or timer.wake_at is None:
        return
    if is_unwatched and timer.wake_at != wake_at:
        sweeper.timers.postpone(replace(row, due_at=timer.wake_at), sweeper.clock.now())
    elif not is_unwatched and timer.wake_at == wake_at and row.due_at != wake_at:
        sweeper.timers.postpone(row, wake_at)


def restart_if_dead(sweeper: Sweeper, case_id: str) -> Counter[str]:
    """Start the next generation where no execution runs for an open case any more; a closed one needs none.

    Whoever raised the generation, it is started here too: it may be our own success whose answer was lost, and starting
    it twice starts it once. Raises UnwatchedError where Step Functions is away.
    """
    timer = sweeper.timers.timer(case_id)
    if timer is None or timer.status in TERMINAL:
        return Counter()
    with _step_functions():
        if sweeper.executions.is_running(case_id, timer.generation):
            return Counter()
    raised = sweeper.timers.next_generation(timer) or sweeper.timers.timer(case_id)
    if raised is None or raised.generation == timer.generation:
        return Counter()
    with _step_functions():
        sweeper.executions.start(alarm_of(sweeper.clock, raised))
    return Counter(restarted=1)


@contextmanager
def _step_functions() -> Iterator[None]:
    try:
        yield
    except Exception as failure:
        raise UnwatchedError(type(failure).__name__) from failure


def _emit_refund(sweeper: Sweeper, row: DueRow) -> Counter[str]:
    refund = sweeper.refunds.overdue(row.case_id, sweeper.clock.now())
    if refund is None:
        return Counter()
    if needs_operator(refund):
        return Counter(refunds_given_up=1)
    sweeper.bus.publish([refund_event(refund)])
    return Counter(refunds_reemitted=1)
