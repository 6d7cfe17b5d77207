"""An in-memory world behind the ports: the same conditions as the Protocols state, and nothing cleverer.

`World.stream` holds what DynamoDB's stream would bring, in order; `World.before_commit` lets somebody else come first.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from msgspec import structs

from buyer_protection.application.actions.context import Context
from buyer_protection.application.ports.beside import Look, Note
from buyer_protection.application.ports.cases import Assignment, Dossier, LoadedCase, Page
from buyer_protection.application.ports.errors import (
    ConflictingWriteError,
    IdempotencyRecordExistsError,
    OrderHeldError,
    RefundExceedsPaidError,
)
from buyer_protection.application.ports.events import Committed, OrderEnded
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.application.ports.orders import TrackingReport
from buyer_protection.application.ports.timers import TimerMove, TimerState
from buyer_protection.application.workers.dispatch import StreamProcessor
from buyer_protection.domain.agreement import Offer
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import RefundStatus, Role
from buyer_protection.domain.evidence_item import Evidence
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.ledger import RefundElsewhere
from buyer_protection.domain.numbers import message_number
from buyer_protection.domain.order import Order, OrderLedger
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC, Policy
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.refunds import ANSWER_AFTER, due_after_entry
from buyer_protection.domain.rulings import KeptRuling
from buyer_protection.domain.settlement import exceeds_left
from buyer_protection.domain.sides import Message
from buyer_protection.domain.timeline import TimelineEntry
from buyer_protection.domain.windows import alarm_status, due_at, wake_at
from tests.support.fake_beside import MemoryBeside
from tests.support.fake_case_lists import MemoryCaseLists
from tests.support.fake_files import MemoryEvidenceFiles
from tests.support.fake_orders import MemoryOrderStore
from tests.support.fake_system import FakeTeam, FixedClock, SequentialIds
from tests.support.fake_timers import MemoryTimers
from tests.support.fake_webhooks import FakeSender, FakeWebhookQueue, MemoryFeed, MemoryWebhooks
from tests.support.fake_workers import (
    FakeBus,
    FakeExecutions,
    FakeQueue,
    FakeRetryQueue,
    FakeSwitch,
    FakeTransport,
    MailRow,
    MemoryAddressBook,
    MemoryNotices,
    MemoryOutbox,
    MemoryRefunds,
    MemorySellers,
    with_notices_of,
)
from tests.support.pictures import FakePictures


@dataclass
class World:
    """Everything that is kept, and the adapters around it."""

    clock: FixedClock
    policy: Policy = ALIEXPRESS_CLASSIC
    orders_kept: dict[str, Order] = field(default_factory=dict)
    orders_updated: dict[str, datetime | None] = field(default_factory=dict)
    clock_switch: FakeSwitch = field(default_factory=FakeSwitch)
    openings_held: bool = False
    refunds_elsewhere: dict[tuple[str, str], RefundElsewhere] = field(default_factory=dict)
    ledgers: dict[str, OrderLedger] = field(default_factory=dict)
    tracks: dict[tuple[str, str], TrackingReport] = field(default_factory=dict)
    cases_kept: dict[str, Dispute] = field(default_factory=dict)
    offers: dict[str, dict[str, Offer]] = field(default_factory=lambda: defaultdict(dict))
    evidence: dict[str, dict[str, Evidence]] = field(default_factory=lambda: defaultdict(dict))
    messages: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    timeline: dict[str, list[TimelineEntry]] = field(default_factory=lambda: defaultdict(list))
    rulings: dict[tuple[str, str], KeptRuling] = field(default_factory=dict)
    notes: dict[str, list[Note]] = field(default_factory=lambda: defaultdict(list))
    looks: dict[str, list[Look]] = field(default_factory=lambda: defaultdict(list))
    # Calls whose answer alone was kept.
    already_so: set[str] = field(default_factory=set)
    assignments: list[tuple[datetime, Assignment]] = field(default_factory=list)
    briefs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    timers_kept: dict[str, TimerState] = field(default_factory=dict)
    refunds_kept: dict[str, tuple[Refund, datetime | None]] = field(default_factory=dict)
    idempotency_records: dict[str, IdempotencyRecord] = field(default_factory=dict)
    mails: dict[tuple[str, int, Role], MailRow] = field(default_factory=dict)
    stream: list[Committed] = field(default_factory=list)
    writes: int = 0
    before_commit: Callable[[], object] | None = None

    def __post_init__(self) -> None:
        self.cases, self.orders = MemoryCaseStore(self), MemoryOrderStore(self)
        self.timers, self.refunds, self.outbox = MemoryTimers(self), MemoryRefunds(self), MemoryOutbox(self)
        self.executions, self.bus = FakeExecutions(), FakeBus()
        self.queue, self.transport = FakeQueue(), FakeTransport()
        self.files, self.sellers, self.switch = MemoryEvidenceFiles(), MemorySellers(), FakeSwitch()
        self.team, self.pictures = FakeTeam(), FakePictures()
        self.context = Context(
            self.cases, self.orders, self.clock, SequentialIds(), self.policy, self.team.has_member
        )
        self.addresses = MemoryAddressBook()
        self.feed, self.webhooks = MemoryFeed(self.clock), MemoryWebhooks(self)
        self.webhook_queue, self.sender = FakeWebhookQueue(), FakeSender()
        self.processor = StreamProcessor(
            outbox=self.outbox,
            queue=self.queue,
            bus=self.bus,
            executions=self.executions,
            clock=self.clock,
            cases=self.cases,
            orders=self.orders,
            sellers=self.sellers,
            retry_queue=FakeRetryQueue(),
            parse=lambda committed: committed,
            written_at=lambda _: None,
            switch=self.switch,
        )

    def deliver_stream(self, times: int = 1) -> None:
        """Process what was committed since the last time, each record so many times."""
        records, self.stream = self.stream, []
        for record in records:
            for _ in range(times):
                self.processor.retry(record)

    def others_turn(self) -> None:
        """Whoever was to come first, once."""
        first, self.before_commit = self.before_commit, None
        if first is not None:
            first()

    def ledger(self, order_id: str) -> OrderLedger:
        return self.ledgers.get(order_id, OrderLedger(order_id))

    def keep_ledger(self, after: OrderLedger) -> None:
        self.orders_updated[after.order_id] = self.clock.now()
        ended = after.finished_at
        if ended is not None and ended != self.ledger(after.order_id).finished_at:
            self.stream.append(OrderEnded(after.order_id, ended, after.finished_by or ""))
        self.ledgers[after.order_id] = after

    def keep_idempotency_record(self, idempotency: IdempotencyRecord | None) -> None:
        if idempotency is not None:
            self.idempotency_records[idempotency.idempotency_id] = idempotency

    def is_new(self, change: Change) -> bool:
        """Whether the rows that must not be there yet are not there."""
        seqs = {entry.seq for entry in change.entries}
        is_stored = any(entry.seq in seqs for entry in self.timeline[change.after.dispute_id])
        return not is_stored and not (
            change.refund is not None and change.after.dispute_id in self.refunds_kept
        )

    def keep_change(self, change: Change) -> None:
        """The rows of the case, as one transaction writes them."""
        kept = self.cases_kept.get(change.after.dispute_id)
        case = with_notices_of(kept, change.after)
        if kept is not None:
            # Who has the claim, a yes to the team's proposal and a ruling that waits are written beside the case (R45).
            same = change.before.proposal == change.after.proposal
            case = replace(
                case,
                assigned_to=kept.assigned_to,
                proposal=kept.proposal if same else case.proposal,
                waiting_ruling=None if change.voids_ruling else kept.waiting_ruling,
            )
        if change.ruling is not None:
            self.rulings[case.dispute_id, change.ruling.decision_id] = change.ruling
        self.writes += 1
        self.cases_kept[case.dispute_id] = case
        self.timeline[case.dispute_id].extend(change.entries)
        self.stream.extend(change.entries)
        if change.new_offer is not None:
            self.offers[case.dispute_id][change.new_offer.offer_id] = change.new_offer
        for offer_id, status in (change.closed_offers or {}).items():
            offer = self.offers[case.dispute_id][offer_id]
            self.offers[case.dispute_id][offer_id] = replace(offer, status=status, closed_at=change.entry.at)
        if change.new_message is not None:
            self.messages[case.dispute_id].append(change.new_message)
        for item in (change.new_evidence, change.changed_evidence):
            if item is not None:
                self.evidence[case.dispute_id][item.evidence_id] = item
        if change.refund is not None:
            self.refunds_kept[case.dispute_id] = (change.refund, change.entry.at + ANSWER_AFTER)
            self.stream.append(change.refund)
        elif case.refund_status is not change.before.refund_status:
            self._keep_refund_status(change)
        self._keep_timer(case, change.entry.correlation_id)
        self._keep_due(change)

    def _keep_due(self, change: Change) -> None:
        due, again = due_at(change.after), change.look_again_at
        if due is not None and again is not None:
            self.timers.moved[change.after.dispute_id] = (due, min(due, again))

    def _keep_refund_status(self, change: Change) -> None:
        case, now = change.after, change.entry.at
        refund, _ = self.refunds_kept[case.dispute_id]
        assert case.refund_status is not None
        noted = replace(refund, status=case.refund_status, first_retry=None)
        self.refunds_kept[case.dispute_id] = (noted, due_after_entry(case, now))
        books = self.ledger(case.order_id)
        held = {*books.held} - {case.dispute_id}
        if case.refund_status is RefundStatus.HELD:
            held.add(case.dispute_id)
        self.ledgers[case.order_id] = replace(
            books, paid_minor=books.paid_minor + change.paid_minor, held=tuple(sorted(held))
        )

    def _keep_timer(self, case: Dispute, call: str | None) -> None:
        before = self.timers_kept.get(case.dispute_id)
        token = None
        if before and before.epoch == case.epoch:
            token, call = before.task_token, before.correlation_id
        generation = before.generation if before else 1
        status, wake = alarm_status(case), wake_at(case)
        after = TimerState(case.dispute_id, generation, status, case.epoch, wake, token, call)
        if after != before:
            self.timers_kept[case.dispute_id] = after
            self.stream.append(TimerMove(before, after))

    def park(self, dispute_id: str, token: str) -> None:
        """The execution waits on its TIMER row with this token."""
        before = self.timers_kept[dispute_id]
        self.timers_kept[dispute_id] = structs.replace(before, task_token=token)
        self.stream.append(TimerMove(before, self.timers_kept[dispute_id]))


@dataclass
class MemoryCaseStore(MemoryCaseLists, MemoryNotices, MemoryBeside):
    """Port `CaseStore`."""

    def load(
        self,
        dispute_id: str,
        *,
        idempotency_id: str | None = None,
        evidence_ids: Sequence[str] = (),
        decision_id: str | None = None,
    ) -> LoadedCase | None:
        case = self.world.cases_kept.get(dispute_id)
        if case is None:
            return None
        given = self.world.evidence[dispute_id]
        found = {one: given[one] for one in evidence_ids if one in given} if evidence_ids else None
        ruling = self.world.rulings.get((dispute_id, decision_id or ""))
        return LoadedCase(case, self.world.idempotency_records.get(idempotency_id or ""), found, ruling)

    def commit(
        self,
        change: Change,
        *,
        now: datetime,
        idempotency: IdempotencyRecord | None = None,
        brief: Mapping[str, Any] | None = None,
    ) -> None:
        self.world.others_turn()
        if exceeds_left(change):
            raise RefundExceedsPaidError
        if idempotency is not None and idempotency.idempotency_id in self.world.idempotency_records:
            raise IdempotencyRecordExistsError
        if change.is_opening:
            self._check_opening(change)
        else:
            self._check_version(change)
            self._check_guard(change, now)
            self._check_room(change)
        self._keep_ledger(change)
        self.world.keep_change(change)
        self.world.keep_idempotency_record(idempotency)
        if brief is not None:
            # As it comes back from the table: plain JSON.
            self.world.briefs[change.after.dispute_id] = json.loads(json.dumps(brief))

    def idempotency_record(self, idempotency_id: str) -> IdempotencyRecord | None:
        return self.world.idempotency_records.get(idempotency_id)

    def keep_assignment(
        self, assignment: Assignment, *, now: datetime, idempotency: IdempotencyRecord | None = None
    ) -> None:
        self.world.others_turn()
        if idempotency is not None and idempotency.idempotency_id in self.world.idempotency_records:
            raise IdempotencyRecordExistsError
        kept = self.world.cases_kept[assignment.dispute_id]
        if kept.assigned_to != assignment.previous or not (kept.window and kept.window.is_queued):
            raise ConflictingWriteError
        self.world.cases_kept[kept.dispute_id] = replace(kept, assigned_to=assignment.assignee)
        self.world.assignments.append((now, assignment))
        self.world.keep_idempotency_record(idempotency)

    def _check_opening(self, change: Change) -> None:
        case = change.after
        if case.dispute_id in self.world.cases_kept:
            raise ConflictingWriteError
        books = self.world.ledger(case.order_id)
        read, order = change.ledger_read, self.world.orders_kept.get(case.order_id)
        assert read is not None
        if order is not None and order.revision != change.order_revision:
            raise ConflictingWriteError
        held = books.active_dispute_id is not None or books.finished_at is not None
        seen = (read.disputes_opened, read.version, read.tracking)
        if held or (books.disputes_opened, books.version, books.tracking) != seen:
            raise OrderHeldError

    def _check_version(self, change: Change) -> None:
        kept = self.world.cases_kept.get(change.after.dispute_id)
        if kept is None or kept.version != change.before.version or not self.world.is_new(change):
            raise ConflictingWriteError
        if change.ruling is not None and kept.waiting_ruling != change.before.waiting_ruling:
            raise ConflictingWriteError

    def _check_guard(self, change: Change, now: datetime) -> None:
        deadline = change.before.deadline
        before, after = deadline is not None and now < deadline, deadline is not None and deadline <= now
        taken = {Guard.BEFORE_DEADLINE: before, Guard.AFTER_DEADLINE: after, Guard.NONE: True}
        if not taken[change.guard]:
            raise ConflictingWriteError

    def _check_room(self, change: Change) -> None:
        read, books = change.ledger_read, self.world.ledger(change.after.order_id)
        others = {*read.held} - {change.after.dispute_id} if read is not None else set()
        if read is not None and (books.version != read.version or not others <= {*books.held}):
            raise ConflictingWriteError

    def _keep_ledger(self, change: Change) -> None:
        case = change.after
        books = self.world.ledger(case.order_id)
        if change.is_opening:
            opened = books.disputes_opened + 1
            books = replace(
                books,
                active_dispute_id=case.dispute_id,
                disputes_opened=opened,
                currency=case.max_refundable.currency,
                version=books.version + 1,
            )
        elif change.finishes_order or change.releases_order:
            refunded = books.refunded_minor + (change.refund.amount.amount_minor if change.refund else 0)
            if books.active_dispute_id != case.dispute_id or books.version != case.ledger_version:
                raise ConflictingWriteError
            settled = (*books.settlements, change.settles) if change.settles else books.settlements
            books = replace(
                books,
                active_dispute_id=None,
                refunded_minor=refunded,
                version=books.version + 1,
                settlements=tuple(sorted(settled, key=lambda one: one.dispute_id)),
            )
            if change.finishes_order:
                books = replace(books, finished_at=change.entry.at, finished_by=case.dispute_id)
        self.world.keep_ledger(books)

    def timeline(self, dispute_id: str, *, after_seq: int = 0, limit: int = 50) -> Page[TimelineEntry]:
        later = [entry for entry in self.world.timeline[dispute_id] if entry.seq > after_seq]
        more = {"after_seq": later[limit - 1].seq} if len(later) > limit else None
        return Page(later[:limit], more)

    def messages(self, dispute_id: str, *, after: int = 0, limit: int = 50) -> Page[Message]:
        later = [one for one in self.world.messages[dispute_id] if message_number(one.message_id) > after]
        more = {"after": message_number(later[limit - 1].message_id)} if len(later) > limit else None
        return Page(later[:limit], more)

    def offers(self, dispute_id: str) -> Sequence[Offer]:
        return list(self.world.offers[dispute_id].values())

    def evidence(self, dispute_id: str) -> Sequence[Evidence]:
        return list(self.world.evidence[dispute_id].values())

    def dossier(self, dispute_id: str) -> Dossier | None:
        case = self.world.cases_kept.get(dispute_id)
        if case is None:
            return None
        timeline, brief = list(self.world.timeline[dispute_id]), self.world.briefs.get(dispute_id)
        messages = list(self.world.messages[dispute_id])
        rulings = [ruling for (case_id, _), ruling in self.world.rulings.items() if case_id == dispute_id]
        return Dossier(
            case, self.offers(dispute_id), self.evidence(dispute_id), timeline, messages, brief, rulings
        )
