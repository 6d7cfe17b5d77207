"""The stream's reader: from what was committed to what follows from it. Every effect is safe to repeat."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from buyer_protection.application.actions.sellers import counters_of
from buyer_protection.application.mails.recipients import mails_for
from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.events import Committed, EventBus, RetryQueue
from buyer_protection.application.ports.mails import NotificationQueue, Outbox
from buyer_protection.application.ports.refund_switch import RELEASED, RefundSwitch
from buyer_protection.application.ports.sellers import SellerMetrics
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.ports.timers import Executions, TimerMove, TimerState
from buyer_protection.application.schemas.outbound_events import events_for, refund_event
from buyer_protection.domain.dispute import Refund
from buyer_protection.domain.timeline import TimelineEntry
from buyer_protection.domain.windows import CONTRACT, Alarm, seconds_until

# For so long a change that fails is tried again in its place in the stream; then it waits in a queue of its own.
PATIENCE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """What dispatching needs."""

    outbox: Outbox
    queue: NotificationQueue
    bus: EventBus
    executions: Executions
    clock: Clock
    cases: CaseStore
    sellers: SellerMetrics
    switch: RefundSwitch = RELEASED


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading the stream needs: what a record says was committed (None: nothing that anything follows from), when
    it was written (None: nobody knows), and where those wait that fail."""

    board: Dispatcher
    parse: Callable[[Mapping[str, Any]], Committed | None]
    written_at: Callable[[Mapping[str, Any]], datetime | None]
    late: RetryQueue


class Taken(StrEnum):
    """What became of a record. HELD: operators hold the refund back, and the sweeper sends it once they let go."""

    DONE = "DONE"
    HELD = "HELD"
    SET_ASIDE = "SET_ASIDE"


def take(reader: Reader, record: Mapping[str, Any], told: Callable[[Exception], None]) -> Taken:
    """A record in its place in the stream. One that fails for longer than `PATIENCE` is set aside, and `told` why.

    Raises whatever went wrong where it is to be tried again in its place.
    """
    try:
        return retry(reader, record)
    except Exception as failure:
        written_at = reader.written_at(record)
        if written_at is None or reader.board.clock.now() < written_at + PATIENCE:
            raise
        reader.late.put(record)
        told(failure)
        return Taken.SET_ASIDE


def retry(reader: Reader, record: Mapping[str, Any]) -> Taken:
    """A record that had been set aside, or one that is tried in its place."""
    committed = reader.parse(record)
    return Taken.DONE if committed is None or dispatch(reader.board, committed) else Taken.HELD


def dispatch(board: Dispatcher, record: Committed) -> bool:
    """Start, wake, queue mails, publish events, count: what one committed row asks for. False: see `Taken.HELD`."""
    match record:
        case TimelineEntry():
            _dispatch_entry(board, record)
        case TimerMove():
            _dispatch_timer(board, record)
        case Refund():
            if board.switch.hold() is not None:
                return False
            board.bus.publish([refund_event(record)])
    return True


def _dispatch_entry(board: Dispatcher, entry: TimelineEntry) -> None:
    mails = mails_for(entry)
    if mails:
        board.outbox.add(mails, board.clock.now())
        # Also where the execution delivers them itself: it may have looked before they were here. Leases keep it once.
        board.queue.enqueue(entry.dispute_id)
    events = events_for(entry)
    if events:
        board.bus.publish(events)
    counters = counters_of(entry)
    loaded = board.cases.load(entry.dispute_id) if counters else None
    if loaded is not None:
        for counter in counters:
            board.sellers.count(loaded.case.seller_id, entry.dispute_id, counter, board.clock.now())


def _dispatch_timer(board: Dispatcher, move: TimerMove) -> None:
    """A new TIMER row starts the case's execution; a raised epoch wakes the one that sleeps on the old row."""
    before, after = move.old, move.new
    alarm = alarm_of(board.clock, after)
    if before is None:
        board.executions.start(alarm)
    elif after.epoch > before.epoch and before.task_token:
        board.executions.wake(before.task_token, alarm)


def alarm_of(clock: Clock, timer: TimerState) -> Alarm:
    """The alarm that a TIMER row stands for."""
    seconds = seconds_until(timer.wake_at, clock.now()) if timer.wake_at else 1
    return Alarm(timer.dispute_id, timer.generation, CONTRACT, timer.status, timer.epoch, seconds)
