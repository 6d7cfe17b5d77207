"""The stream processor: from what was committed to what follows from it. Every effect is safe to repeat.

A service that does not answer keeps back what needs it, and nothing else: each effect of a record is tried by itself, a
mail that the queue does not take is left to the sweeper, and a record that a silent service fails is moved out of the
others' way at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from buyer_protection.application.actions.sellers import facts_of, is_counted
from buyer_protection.application.mails.recipients import mails_for, mails_for_order
from buyer_protection.application.ports.cases import CaseStore
from buyer_protection.application.ports.errors import UnreadableRowError
from buyer_protection.application.ports.events import (
    Committed,
    EventBus,
    OrderEnded,
    OutboundEvent,
    RetryQueue,
)
from buyer_protection.application.ports.mails import NotificationQueue, Outbox, OutboxMail
from buyer_protection.application.ports.orders import OrderStore
from buyer_protection.application.ports.sellers import SellerMetrics
from buyer_protection.application.ports.switches import RELEASED, Switch
from buyer_protection.application.ports.system import Clock
from buyer_protection.application.ports.timers import Executions, TimerMove, TimerState
from buyer_protection.application.schemas.outbound_events import completed_event, events_for
from buyer_protection.application.workers.breaker import Breaker, NoAnswerError
from buyer_protection.application.workers.refunds import Published, publish_refund
from buyer_protection.domain.enums import EventType
from buyer_protection.domain.era import Era
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.timeline import TimelineEntry
from buyer_protection.domain.windows import CONTRACT, Alarm, seconds_until

# For so long a record that fails is retried in its place in the stream; then it is moved to the retry queue.
PATIENCE = timedelta(minutes=2)


class Outcome(StrEnum):
    """What became of a record. HELD: operators hold the refund back, and the sweeper sends it once they let go; the
    next two, see `Published`. DECISION_OVERDUE: all of it was done, and the team is late with a decision (R44). LEFT:
    an alarm that neither Step Functions nor the retry queue took; the sweeper looks after the case at its next date."""

    DONE = "DONE"
    DECISION_OVERDUE = "DECISION_OVERDUE"
    HELD = "HELD"
    HELD_OVER_LEDGER = "HELD_OVER_LEDGER"
    NOT_OF_CASE = "NOT_OF_CASE"
    MOVED = "MOVED_TO_RETRY_QUEUE"
    LEFT = "LEFT_TO_SWEEPER"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamProcessor:
    """Starts, wakes, queues mails, publishes events and counts: what each record of the table's stream asks for.

    `parse` says what a record committed (None: nothing that anything follows from), `written_at` when (None: unknown).
    """

    outbox: Outbox
    queue: NotificationQueue
    bus: EventBus
    executions: Executions
    clock: Clock
    cases: CaseStore
    orders: OrderStore
    sellers: SellerMetrics
    retry_queue: RetryQueue
    parse: Callable[[Mapping[str, Any]], Committed | None]
    written_at: Callable[[Mapping[str, Any]], datetime | None]
    switch: Switch = RELEASED
    breaker: Breaker | None = None
    era: Era | None = None

    def begin(self) -> None:
        """A new batch asks again also the services that did not answer in the last one."""
        if self.breaker is not None:
            self.breaker.begin()

    def process(self, record: Mapping[str, Any], on_move: Callable[[Exception], None]) -> Outcome:
        """A record in its place in the stream. One that fails for longer than `PATIENCE`, over a service that does not
        answer, or over a row that cannot be read, is moved to the retry queue.

        `on_move` is called with the failure of one that was moved or left. Raises what went wrong where the record is
        to be retried in its place.
        """
        try:
            return self.retry(record)
        except (NoAnswerError, UnreadableRowError) as lasting:
            # To wait for it here would take the time of everything behind.
            outcome = self._move(record, lasting)
            on_move(lasting)
            return outcome
        except Exception as failure:
            written_at = self.written_at(record)
            if written_at is None or self.clock.now() < written_at + PATIENCE:
                raise
            outcome = self._move(record, failure)
            on_move(failure)
            return outcome

    def _move(self, record: Mapping[str, Any], failure: Exception) -> Outcome:
        """Into the retry queue. Where that fails too, an alarm is left to the sweeper; anything else stays."""
        try:
            self.retry_queue.put(record)
        except Exception:
            if isinstance(failure, NoAnswerError) and isinstance(self.parse(record), TimerMove):
                return Outcome.LEFT
            raise
        return Outcome.MOVED

    def retry(self, record: Mapping[str, Any]) -> Outcome:
        """A record from the retry queue, or one attempt in its place. Raises what went wrong."""
        match self.parse(record):
            case TimelineEntry() as entry:
                self._follow_entry(entry)
                return Outcome.DECISION_OVERDUE if entry.type is EventType.DEADLINE_MISSED else Outcome.DONE
            case TimerMove() as move:
                self._follow_timer(move)
            case Refund() as refund:
                if self.switch.hold() is not None:
                    return Outcome.HELD
                published = publish_refund(self.cases, self.orders, self.bus, self.clock, refund)
                return Outcome.DONE if published is Published.SENT else Outcome(published.value)
            case OrderEnded() as ended:
                self._follow_order(ended)
        return Outcome.DONE

    def _follow_order(self, ended: OrderEnded) -> None:
        """R44: the shop's systems hear of it, and the buyer where nobody collected the order."""
        _each(
            lambda: self._mail(mails_for_order(ended)),
            lambda: self.bus.publish([completed_event(ended)]),
        )

    def _follow_entry(self, entry: TimelineEntry) -> None:
        _each(
            lambda: self._mail(mails_for(entry), entry.correlation_id),
            lambda: self._publish(events_for(entry, self.era)),
            lambda: self._count_for_seller(entry),
        )

    def _mail(self, mails: Sequence[OutboxMail], correlation_id: str | None = None) -> None:
        if not mails:
            return
        self.outbox.add(mails)
        # Also where the execution delivers them: it may have looked before they were here. Leases keep it once. From
        # here on the message stands for them; where the queue does not take it, the sweeper finds them in two minutes.
        # Until either is so, this record does.
        try:
            self.queue.enqueue(mails[0].dispute_id, correlation_id=correlation_id)
        except Exception:  # noqa: BLE001 - whatever it was, the sweeper asks for them
            self.outbox.leave_to_sweeper(mails, self.clock.now())

    def _publish(self, events: Sequence[OutboundEvent]) -> None:
        if events:
            self.bus.publish(events)

    def _count_for_seller(self, entry: TimelineEntry) -> None:
        if not is_counted(entry):
            return
        loaded = self.cases.load(entry.dispute_id)
        order = self.orders.load(loaded.case.order_id) if loaded is not None else None
        if loaded is None or order is None:
            return
        for counted in facts_of(entry, loaded.case, order.ledger):
            self.sellers.count(loaded.case.seller_id, entry.dispute_id, counted, self.clock.now())

    def _follow_timer(self, move: TimerMove) -> None:
        """A new TIMER row starts the case's execution; a raised epoch wakes the one that sleeps on the old row."""
        before, after = move.old, move.new
        alarm = alarm_of(self.clock, after)
        if before is None:
            self.executions.start(alarm)
        elif after.epoch > before.epoch and before.task_token:
            self.executions.wake(before.task_token, alarm)


def _each(*effects: Callable[[], None]) -> None:
    """Every effect, whatever becomes of the others; then raises what failed first."""
    failures: list[Exception] = []
    for effect in effects:
        try:
            effect()
        except Exception as failure:  # noqa: BLE001 - raised below, after the others had their turn
            failures.append(failure)
    if failures:
        raise next((one for one in failures if isinstance(one, NoAnswerError)), failures[0])


def alarm_of(clock: Clock, timer: TimerState) -> Alarm:
    """The alarm that a TIMER row stands for."""
    seconds = seconds_until(timer.wake_at, clock.now()) if timer.wake_at else 1
    where = timer.dispute_id, timer.generation, CONTRACT, timer.status, timer.epoch
    return Alarm(*where, seconds, timer.correlation_id)
