"""The ports that only the workers use: timers, refunds, outbox, executions, bus, queue, mail."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec import structs

from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.application.ports.mail_transport import AddressMark
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.application.ports.sellers import Counted, SellerCounter, SellerTotals
from buyer_protection.application.ports.switches import Hold
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundStatus, Role
from buyer_protection.domain.evidence_item import Evidence, EvidenceFile
from buyer_protection.domain.mail_alert import MailNotice, is_graver
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.refunds import pause_after
from buyer_protection.domain.windows import Alarm

if TYPE_CHECKING:
    from tests.support.fakes import World

MAIL_GRACE = timedelta(minutes=2)
MAIL_PATIENCE = timedelta(minutes=15)


@dataclass
class MailRow:
    """One MAIL row."""

    mail: OutboxMail
    due_at: datetime | None
    leased_until: datetime | None = None
    message_id: str | None = None
    dropped: str | None = None


@dataclass
class MemoryRefunds:
    """Port `RefundStore`."""

    world: "World"

    def overdue(self, dispute_id: str, now: datetime) -> Refund | None:
        refund, due = self.world.refunds_kept.get(dispute_id, (None, now))
        if refund is None or due is None or due > now:
            return None
        return replace(refund, attempt=refund.attempt + 1)

    def attempts(self, dispute_id: str) -> int:
        refund, _ = self.world.refunds_kept.get(dispute_id, (None, None))
        return 0 if refund is None else refund.attempt

    def note_asked(self, refund: Refund, now: datetime) -> bool:
        kept, due = self.world.refunds_kept.get(refund.dispute_id, (refund, None))
        before = refund.attempt - 1
        if due is None or due > now or (kept.status, kept.attempt) != (refund.status, before):
            return False
        self.world.writes += 1
        first = refund.attempt if kept.status is RefundStatus.FAILED and kept.first_retry is None else None
        noted = replace(kept, attempt=refund.attempt, first_retry=kept.first_retry or first)
        self.world.refunds_kept[refund.dispute_id] = (noted, now + pause_after(refund))
        return True


@dataclass
class MemorySellers:
    """Port `SellerMetrics`."""

    # What was counted of a case or order, under which name: whose it is, what it adds, and for which day.
    counted: dict[tuple[str, SellerCounter], tuple[str, Counted]] = field(default_factory=dict)

    def count(self, seller_id: str, dispute_id: str, counted: Counted, now: datetime) -> None:
        self.counted.setdefault((dispute_id, counted.name), (seller_id, counted))

    def totals(self, seller_id: str) -> SellerTotals:
        return sum_of(counted for of, counted in self.counted.values() if of == seller_id)

    def daily(self, seller_id: str, since: date) -> Mapping[date, SellerTotals]:
        mine = [counted for of, counted in self.counted.values() if of == seller_id and counted.day >= since]
        return {day: sum_of(one for one in mine if one.day == day) for day in {one.day for one in mine}}


def sum_of(counted: Iterable[Counted]) -> SellerTotals:
    total: Counter[str] = Counter()
    for one in counted:
        for name, count in one.adds.items():
            total[name.value] += count
    return SellerTotals(**total)


@dataclass
class MemoryOutbox:
    """Port `Outbox`."""

    world: "World"

    def add(self, mails: Sequence[OutboxMail]) -> None:
        for mail in mails:
            row = MailRow(mail, None)
            self.world.mails.setdefault((mail.dispute_id, mail.seq, mail.recipient), row)

    def leave_to_sweeper(self, mails: Sequence[OutboxMail], now: datetime) -> None:
        for mail in mails:
            self._index(mail, now + MAIL_GRACE)

    def _index(self, mail: OutboxMail, due_at: datetime) -> None:
        row = self._pending(mail)
        if row is not None and row.due_at is None:
            row.due_at = due_at

    def unsent(self, dispute_id: str) -> Sequence[OutboxMail]:
        pending = [r for r in self.world.mails.values() if r.message_id is None and r.dropped is None]
        mine = [
            structs.replace(row.mail, is_watched=row.due_at is not None)
            for row in pending
            if row.mail.dispute_id == dispute_id
        ]
        return sorted(mine, key=lambda mail: (mail.seq, mail.recipient))

    def lease(self, mail: OutboxMail, now: datetime, seconds: int) -> bool:
        row, until = self._pending(mail), now + timedelta(seconds=seconds)
        if row is None or (row.leased_until is not None and row.leased_until > now):
            if not mail.is_watched:
                self._index(mail, until)
            return False
        row.leased_until = until
        if mail.attempts:
            row.due_at = until
        row.mail = structs.replace(row.mail, attempts=row.mail.attempts + 1)
        return True

    def postpone(self, mail: OutboxMail, until: datetime) -> None:
        row = self._pending(mail)
        if row is not None:
            row.leased_until, row.due_at = until, until + MAIL_PATIENCE

    def hold(self, mail: OutboxMail, until: datetime) -> None:
        row = self._pending(mail)
        if row is not None:
            row.leased_until = row.due_at = until

    def settle(
        self, mail: OutboxMail, now: datetime, *, message_id: str | None, dropped: str | None = None
    ) -> None:
        row = self._pending(mail)
        if row is not None:
            row.message_id, row.dropped, row.due_at, row.leased_until = message_id, dropped, None, None

    def _pending(self, mail: OutboxMail) -> MailRow | None:
        row = self.world.mails.get((mail.dispute_id, mail.seq, mail.recipient))
        return None if row is None or row.message_id is not None or row.dropped is not None else row


@dataclass
class MemoryNotices:
    """What port `CaseStore` keeps beside a case's changes."""

    world: "World"

    def replace_notice(
        self, dispute_id: str, role: Role, kept: MailNotice | None, after: MailNotice | None
    ) -> bool:
        self.world.others_turn()
        case = self.world.cases_kept[dispute_id]
        if case.side(role).notice != kept:
            return False
        self.world.writes += 1
        noticed = case.side(role)._replace(notice=after)
        self.world.cases_kept[dispute_id] = case.with_side(role, noticed)
        return True

    def replace_metadata(self, dispute_id: str, metadata: Mapping[str, str]) -> bool:
        case = self.world.cases_kept.get(dispute_id)
        if case is None:
            return False
        self.world.cases_kept[dispute_id] = replace(case, metadata=dict(metadata))
        return True

    def replace_files(self, dispute_id: str, kept: Evidence, files: Sequence[EvidenceFile]) -> bool:
        self.world.others_turn()
        items = self.world.evidence[dispute_id]
        item = items.get(kept.evidence_id)
        if item is None or not item.counts or item.files != kept.files:
            return False
        self.world.writes += 1
        items[kept.evidence_id] = replace(item, files=tuple(files))
        return True


def with_notices_of(kept: Dispute | None, case: Dispute) -> Dispute:
    """A change of a case leaves alone what the parties are shown of their mails, and the shop's own keys."""
    if kept is None:
        return case
    notices = {"buyer_notice": kept.buyer_notice, "seller_notice": kept.seller_notice}
    return replace(case, metadata=kept.metadata, **notices)


@dataclass
class MemoryAddressBook:
    """Port `AddressBook`."""

    marks: dict[str, AddressMark] = field(default_factory=dict)

    def mark_of(self, address_id: str) -> AddressMark | None:
        return self.marks.get(address_id)

    def mark(self, address_id: str, mark: AddressMark) -> bool:
        kept = self.marks.get(address_id)
        if kept is not None and not is_graver(mark.trouble, than=kept.trouble):
            return False
        self.marks[address_id] = mark
        return True


@dataclass
class FakeSwitch:
    """Port `Switch`."""

    held: Hold | None = None

    def hold(self) -> Hold | None:
        return self.held


class FakeExecutions:
    """Port `Executions`: remembers who was started and woken."""

    def __init__(self) -> None:
        self.started: dict[tuple[str, int], Alarm] = {}
        self.woken: dict[str, Alarm] = {}
        self.dead: set[tuple[str, int]] = set()

    def start(self, alarm: Alarm) -> bool:
        return self.started.setdefault((alarm.dispute_id, alarm.generation), alarm) is alarm

    def wake(self, task_token: str, alarm: Alarm) -> None:
        self.woken.setdefault(task_token, alarm)

    def is_running(self, dispute_id: str, generation: int) -> bool:
        return (dispute_id, generation) in self.started and (dispute_id, generation) not in self.dead


class FakeBus:
    """Port `EventBus`."""

    def __init__(self) -> None:
        self.published: list[OutboundEvent] = []

    def publish(self, events: Sequence[OutboundEvent]) -> None:
        self.published.extend(events)


class FakeQueue:
    """Port `NotificationQueue`; takes nothing while it `is_away`."""

    def __init__(self) -> None:
        self.is_away = False
        self.asked: list[str] = []
        self.delays: list[int] = []
        self.correlation_ids: list[str | None] = []

    def enqueue(self, dispute_id: str, *, delay_seconds: int = 0, correlation_id: str | None = None) -> None:
        if self.is_away:
            raise ConnectionError("the queue is away")
        self.asked.append(dispute_id)
        self.delays.append(delay_seconds)
        self.correlation_ids.append(correlation_id)


class FakeRetryQueue:
    """Port `RetryQueue`."""

    def __init__(self) -> None:
        self.kept: list[Mapping[str, Any]] = []

    def put(self, record: Mapping[str, Any]) -> None:
        self.kept.append(record)


class FakeTransport:
    """Port `MailTransport`; fails for every address in `broken`, and raises what `answers` has for an address."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.broken: set[str] = set()
        self.answers: dict[str, Exception] = {}

    def send(
        self, *, to: str, subject: str, html: str, text: str, thread: str, tags: Mapping[str, str]
    ) -> str:
        if to in self.broken:
            raise ConnectionError("the mail service is away")
        if to in self.answers:
            raise self.answers[to]
        mail = {"to": to, "subject": subject, "html": html, "text": text, "thread": thread}
        self.sent.append({**mail, **tags})
        return f"message-{len(self.sent)}"
