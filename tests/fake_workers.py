"""The ports that only the workers use: timers, refunds, outbox, executions, bus, queue, mail."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec import structs

from buyer_protection.application.ports import (
    DueRow,
    OutboundEvent,
    OutboxMail,
    TimerState,
)
from buyer_protection.application.seller_counters import SellerCounter, SellerTotals
from buyer_protection.domain.clock import Alarm
from buyer_protection.domain.dispute import Refund
from buyer_protection.domain.refunds import needs_operator
from buyer_protection.domain.vocabulary import RefundStatus

if TYPE_CHECKING:
    from tests.fakes import World

MAIL_GRACE = timedelta(minutes=2)


@dataclass
class MailRow:
    """One MAIL row."""

    mail: OutboxMail
    due_at: datetime | None
    leased_until: datetime | None = None
    message_id: str | None = None
    dropped: str | None = None


@dataclass
class MemoryTimers:
    """Port `TimerStore`."""

    world: "World"

    def timer(self, case_id: str) -> TimerState | None:
        return self.world.timers_kept.get(case_id)

    def due(self, now: datetime, *, limit: int) -> Sequence[DueRow]:
        timers = [DueRow(t.case_id, "TIMER", t.wake_at) for t in self.world.timers_kept.values() if t.wake_at]
        refunds = [
            DueRow(case_id, "REFUND", due) for case_id, (_, due) in self.world.refunds_kept.items() if due
        ]
        mails = [
            DueRow(case_id, f"MAIL#{seq:08d}#{role}", row.due_at)
            for (case_id, seq, role), row in self.world.mails.items()
            if row.due_at is not None
        ]
        due = [row for row in timers + refunds + mails if row.due_at <= now]
        return sorted(due, key=lambda row: (row.due_at, row.case_id, row.sort_key))[:limit]

    def next_generation(self, timer: TimerState) -> TimerState | None:
        kept = self.world.timers_kept[timer.case_id]
        if (kept.generation, kept.epoch) != (timer.generation, timer.epoch):
            return None
        self.world.writes += 1
        raised = structs.replace(kept, generation=kept.generation + 1, task_token=None)
        self.world.timers_kept[timer.case_id] = raised
        return raised


@dataclass
class MemoryRefunds:
    """Port `RefundStore`."""

    world: "World"

    def overdue(self, case_id: str, now: datetime) -> Refund | None:
        refund, due = self.world.refunds_kept.get(case_id, (None, now))
        if refund is None or due is None or due > now:
            return None
        self.world.writes += 1
        if refund.status is RefundStatus.FAILED:
            refund = replace(refund, attempt=refund.attempt + 1)
        later = None if needs_operator(refund) else now + timedelta(hours=1)
        self.world.refunds_kept[case_id] = (refund, later)
        return refund


@dataclass
class MemorySellers:
    """Port `SellerMetrics`."""

    counted: dict[tuple[str, SellerCounter], str] = field(default_factory=dict)

    def count(self, seller_id: str, dispute_id: str, counter: SellerCounter, now: datetime) -> None:
        self.counted.setdefault((dispute_id, counter), seller_id)

    def totals(self, seller_id: str) -> SellerTotals:
        mine = Counter(name.value for (_, name), of in self.counted.items() if of == seller_id)
        return SellerTotals(**mine)


@dataclass
class MemoryOutbox:
    """Port `Outbox`."""

    world: "World"

    def add(self, mails: Sequence[OutboxMail], now: datetime) -> None:
        for mail in mails:
            row = MailRow(mail, now + MAIL_GRACE)
            self.world.mails.setdefault((mail.case_id, mail.seq, mail.recipient), row)

    def unsent(self, case_id: str) -> Sequence[OutboxMail]:
        pending = [r.mail for r in self.world.mails.values() if r.message_id is None and r.dropped is None]
        mine = [mail for mail in pending if mail.case_id == case_id]
        return sorted(mine, key=lambda mail: (mail.seq, mail.recipient))

    def lease(self, mail: OutboxMail, now: datetime, seconds: int) -> bool:
        row = self._row(mail)
        settled = row.message_id is not None or row.dropped is not None
        if settled or (row.leased_until is not None and row.leased_until > now):
            return False
        row.leased_until = row.due_at = now + timedelta(seconds=seconds)
        row.mail = structs.replace(row.mail, attempts=row.mail.attempts + 1)
        return True

    def settle(
        self, mail: OutboxMail, now: datetime, *, message_id: str | None, dropped: str | None = None
    ) -> None:
        row = self._row(mail)
        row.message_id, row.dropped, row.due_at, row.leased_until = message_id, dropped, None, None

    def _row(self, mail: OutboxMail) -> MailRow:
        return self.world.mails[mail.case_id, mail.seq, mail.recipient]


class FakeExecutions:
    """Port `Executions`: remembers who was started and woken."""

    def __init__(self) -> None:
        self.started: dict[tuple[str, int], Alarm] = {}
        self.woken: dict[str, Alarm] = {}
        self.dead: set[tuple[str, int]] = set()

    def start(self, alarm: Alarm) -> None:
        self.started.setdefault((alarm.case_id, alarm.generation), alarm)

    def wake(self, task_token: str, alarm: Alarm) -> None:
        self.woken.setdefault(task_token, alarm)

    def is_running(self, case_id: str, generation: int) -> bool:
        return (case_id, generation) in self.started and (case_id, generation) not in self.dead


class FakeBus:
    """Port `EventBus`."""

    def __init__(self) -> None:
        self.published: list[OutboundEvent] = []

    def publish(self, events: Sequence[OutboundEvent]) -> None:
        self.published.extend(events)


class FakeQueue:
    """Port `NotificationQueue`."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def enqueue(self, case_id: str) -> None:
        self.asked.append(case_id)


class FakeTransport:
    """Port `MailTransport`; refuses every address in `broken`."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.broken: set[str] = set()

    def send(self, *, to: str, subject: str, html: str, text: str, tags: Mapping[str, str]) -> str:
        if to in self.broken:
            raise ConnectionError("the mail service is away")
        self.sent.append({"to": to, "subject": subject, "html": html, "text": text, **tags})
        return f"message-{len(self.sent)}"
