"""What carries things from one process to the next: the stream, the mail queue, the bus, and the payment system.

Everything is delivered at least once, after a little while; a delivery can meet a delay, a duplicate or a change of
order.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from random import Random
from typing import NamedTuple

from buyer_protection.application.ports.events import Committed, OutboundEvent
from buyer_protection.application.ports.timers import TimerMove
from buyer_protection.application.schemas.events import RefundFailed, RefundSucceeded
from buyer_protection.application.workers.inbound_events import receive_event
from buyer_protection.domain.errors import ContentionError, DisputeError, NotFoundError
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.timeline import TimelineEntry
from tests.simulation.faults import Fault, Gate, Kind
from tests.simulation.scheduler import Scheduler

BATCH = 10
# As `infra.constructs.feeds` and `infra.stacks.messaging` set them.
RECEIVES = 5
RECEIVES_IN_AN_OUTAGE = 450
PATIENT_VISIBILITY = 240
MAIL_VISIBILITY = 180
INBOUND_VISIBILITY = 60


class Written(NamedTuple):
    """A record of the stream, and when it was written."""

    row: Committed
    at: datetime


class Stream:
    """The table's stream: each case's records in order, in batches, again from the batch's first when one fails."""

    def __init__(
        self,
        schedule: Scheduler,
        gate: Gate,
        dice: Random,
        handle: Callable[[Written], None],
        stalled: Callable[[str], None],
        begin: Callable[[], None],
    ) -> None:
        self._schedule, self._gate, self._dice = schedule, gate, dice
        self._handle, self._stalled, self._begin = handle, stalled, begin
        self._waiting: dict[str, list[Written]] = defaultdict(list)
        self._busy: set[str] = set()

    def add(self, records: Sequence[Committed]) -> None:
        for record in records:
            dispute_id = case_of(record)
            self._waiting[dispute_id].append(Written(record, self._schedule.clock.at))
            self._arm(dispute_id, self._dice.uniform(0.05, 2))

    @property
    def is_empty(self) -> bool:
        return not any(self._waiting.values())

    def _arm(self, dispute_id: str, seconds: float, tried: int = 0, size: int = BATCH) -> None:
        if dispute_id not in self._busy:
            self._busy.add(dispute_id)
            self._schedule.plan_in(seconds, "stream", lambda: self._deliver(dispute_id, tried, size))

    def _deliver(self, dispute_id: str, tried: int, size: int) -> None:
        fault = self._gate.delivery("stream", dispute_id) if tried == 0 else None
        if fault is not None and fault.kind is Kind.DELAY:
            self._schedule.plan_in(fault.seconds, "stream", lambda: self._deliver(dispute_id, 1, size))
            return
        batch = self._waiting[dispute_id][:size]
        times = 2 if fault is not None and fault.kind is Kind.DUPLICATE else 1
        ordered = batch[::-1] if fault is not None and fault.kind is Kind.REORDER else batch
        failed = self._run(dispute_id, ordered * times)
        self._busy.discard(dispute_id)
        if not failed:
            del self._waiting[dispute_id][: len(batch)]
            if self._waiting[dispute_id]:
                self._arm(dispute_id, self._dice.uniform(0.05, 2))
        else:
            self._stalled(dispute_id)
            # A batch that failed comes back in halves, for as long as the stream lives.
            self._arm(dispute_id, min(60, 2 ** min(tried, 6)), tried + 1, max(1, len(batch) // 2))

    def _run(self, dispute_id: str, records: Sequence[Written]) -> bool:
        self._begin()
        with self._gate.running("reader", dispute_id):
            return not survives(lambda: [self._handle(record) for record in records])


class LateQueue:
    """Port `RetryQueue`, and the queue behind it. What it gives up lies there for an operator."""

    def __init__(
        self,
        schedule: Scheduler,
        gate: Gate,
        dice: Random,
        handle: Callable[[Written], object],
        stalled: Callable[[str], None],
    ) -> None:
        self.given_up: list[Written] = []
        self.set_aside = 0
        self._schedule, self._gate, self._dice = schedule, gate, dice
        self._handle, self._stalled = handle, stalled

    def put(self, record: Written) -> None:
        self.set_aside += 1
        self._stalled(case_of(record.row))
        self._schedule.plan_in(self._dice.uniform(0.05, 3), "late queue", lambda: self._receive(record))

    def _receive(self, record: Written, received: int = 1) -> None:
        dispute_id = case_of(record.row)
        fault = self._gate.delivery("late queue", dispute_id) if received == 1 else None
        if fault is not None and fault.kind is not Kind.DUPLICATE:
            self._schedule.plan_in(late(fault), "late queue", lambda: self._receive(record, 2))
            return
        for _ in range(2 if fault else 1):
            with self._gate.running("late reader", dispute_id):
                taken = survives(lambda: self._handle(record))
        if taken:
            return
        self._stalled(dispute_id)
        if received < RECEIVES_IN_AN_OUTAGE:
            again = partial(self._receive, record, received + 1)
            self._schedule.plan_in(PATIENT_VISIBILITY, "late queue", again)
        else:
            self.given_up.append(record)


class MailQueue:
    """Port `NotificationQueue`, and the queue behind it."""

    def __init__(
        self, schedule: Scheduler, gate: Gate, dice: Random, deliver: Callable[[str], object]
    ) -> None:
        self._schedule, self._gate, self._dice, self._deliver = schedule, gate, dice, deliver

    def enqueue(self, dispute_id: str, *, delay_seconds: int = 0, correlation_id: str | None = None) -> None:
        pause = delay_seconds + self._dice.uniform(0.05, 3)
        self._schedule.plan_in(pause, "mail queue", lambda: self._receive(dispute_id))

    def _receive(self, dispute_id: str, received: int = 1) -> None:
        fault = self._gate.delivery("mail queue", dispute_id) if received == 1 else None
        if fault is not None and fault.kind is not Kind.DUPLICATE:
            self._schedule.plan_in(late(fault), "mail queue", lambda: self._receive(dispute_id, 2))
            return
        for _ in range(2 if fault else 1):
            with self._gate.running("notifier", dispute_id):
                taken = survives(lambda: self._deliver(dispute_id))
            if not taken and received < RECEIVES_IN_AN_OUTAGE:
                self._schedule.plan_in(
                    MAIL_VISIBILITY, "mail queue", lambda: self._receive(dispute_id, received + 1)
                )


@dataclass
class Payments:
    """The shop's payment system: pays each refund id once, answers each request, sometimes late, twice or wrongly."""

    schedule: Scheduler
    gate: Gate
    dice: Random
    receive: Callable[[RefundSucceeded | RefundFailed], None]
    paid: list[OutboundEvent] = field(default_factory=list)
    failures_left: int = 0

    def __post_init__(self) -> None:
        self.failures_left = self.dice.choices((0, 1, 2, 99), (80, 10, 7, 3))[0]

    def asked(self, event: OutboundEvent) -> None:
        pause = self.dice.choices((self.dice.uniform(0.5, 30), self.dice.uniform(30, 9_000)), (9, 1))[0]
        self.schedule.plan_in(pause, "payment", lambda: self._decide(event))

    def _decide(self, event: OutboundEvent) -> None:
        known = [paid for paid in self.paid if paid.detail["refund_id"] == event.detail["refund_id"]]
        if not known and self.failures_left > 0:
            self.failures_left -= 1
            self._answer(event, succeeded=False)
            return
        if not known:
            self.paid.append(event)
        silent = self.dice.random() < 0.05
        if not silent:
            self._answer(event, succeeded=True)
        if self.dice.random() < 0.03:
            # The bank sends it back, or an earlier failure comes late.
            self._answer(event, succeeded=False)

    def _answer(self, event: OutboundEvent, *, succeeded: bool) -> None:
        said = {
            "refund_id": event.detail["refund_id"],
            "amount_minor": event.detail["amount_minor"],
            "currency": event.detail["currency"],
            "occurred_at": self.schedule.clock.at,
        }
        word = RefundSucceeded(**said) if succeeded else RefundFailed(**said)
        self.schedule.plan_in(self.dice.uniform(0.1, 5), "payment answer", lambda: self._deliver(word))

    def _deliver(self, word: RefundSucceeded | RefundFailed) -> None:
        fault = self.gate.delivery("payment answer")
        if fault is not None and fault.kind is not Kind.DUPLICATE:
            self.schedule.plan_in(late(fault), "payment answer", lambda: self.receive(word))
            return
        for _ in range(2 if fault else 1):
            self.receive(word)


class Bus:
    """Port `EventBus`: keeps the published events, and delivers the requests for refunds to the payment system."""

    def __init__(self, schedule: Scheduler, gate: Gate, dice: Random) -> None:
        self.events: dict[str, OutboundEvent] = {}
        self.first_at: dict[str, datetime] = {}
        self.published = 0
        self.payments: Payments | None = None
        # What looks at a refund as it leaves.
        self.leaving: Callable[[OutboundEvent], None] = lambda _event: None
        self._schedule, self._gate, self._dice = schedule, gate, dice

    def publish(self, events: Sequence[OutboundEvent]) -> None:
        for event in events:
            self.published += 1
            self.events.setdefault(event.event_id, event)
            self.first_at.setdefault(event.event_id, self._schedule.clock.at)
            if event.type == "RefundRequested":
                self.leaving(event)
                self._schedule.plan_in(
                    self._dice.uniform(0.1, 2), "bus", lambda event=event: self._bring(event)
                )

    def _bring(self, event: OutboundEvent) -> None:
        assert self.payments is not None
        fault = self._gate.delivery("bus", event.detail["dispute_id"])
        if fault is not None and fault.kind is not Kind.DUPLICATE:
            self._schedule.plan_in(late(fault), "bus", lambda: self.payments.asked(event))
            return
        for _ in range(2 if fault else 1):
            self.payments.asked(event)


class Inbox:
    """The inbound queue: each word of the shop's systems until it is taken, five times at most."""

    def __init__(self, schedule: Scheduler, gate: Gate, context: object) -> None:
        self.refused: list[str] = []
        self._schedule, self._gate, self._desk = schedule, gate, context

    def take(self, word: RefundSucceeded | RefundFailed, received: int = 1) -> None:
        def work() -> None:
            try:
                receive_event(self._desk, word, self._schedule.clock.at)
            except (ContentionError, NotFoundError):
                raise
            except DisputeError as refusal:
                # It would be refused as often as it came; the dead-letter queue keeps it.
                self.refused.append(refusal.code)

        with self._gate.running("receiver"):
            taken = survives(work)
        if not taken and received < RECEIVES:
            self._schedule.plan_in(INBOUND_VISIBILITY, "inbox", lambda: self.take(word, received + 1))


def late(fault: Fault) -> float:
    """How much later it comes: for a change of order, as long as it takes for others to overtake it."""
    return fault.seconds if fault.kind is Kind.DELAY else 30


def case_of(record: Committed) -> str:
    """The case that a row belongs to."""
    match record:
        case TimelineEntry() | Refund():
            return record.dispute_id
        case TimerMove():
            return record.new.dispute_id


def survives(work: Callable[[], object]) -> bool:
    """Whether a process did its work; what it says of why not is its own business."""
    from tests.simulation.checks import UnexpectedError
    from tests.simulation.faults import CrashError

    try:
        work()
    except CrashError:
        return False
    except (AssertionError, AttributeError, KeyError, TypeError, IndexError) as mistake:
        raise UnexpectedError(repr(mistake)) from mistake
    except Exception:  # noqa: BLE001 - a broken port, or what the product makes of one
        return False
    return True
