"""What must hold after every step, and at the end (Q1). Each breach names itself, so that shrinking looks for the same.

The rule for deadlines: a deadline is acted on never before it, and within 120 seconds after it. Where a fault has
taken both its watchers away (the case's execution, and the sweeper), within 120 seconds after the first is back.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from buyer_protection.application.mails.recipients import mails_for
from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.application.ports.mails import subject_of_order
from buyer_protection.application.schemas.outbound_events import ends_case, events_for
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import TERMINAL, EventType, RefundStatus, Role, Status
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.refund_room import fits
from buyer_protection.domain.timeline import UNVERSIONED, first_break
from buyer_protection.domain.windows import next_reminder, wake_at
from tests.simulation.faults import Kind
from tests.simulation.folding import differences
from tests.support.timeline_shapes import misfit

if TYPE_CHECKING:
    from tests.simulation.life import Life

PROMISED = timedelta(seconds=120)
MINUTE = timedelta(minutes=1)
# A refund is paid, given up after its days of failing, or was sent back by the bank.
ENDED = frozenset({RefundStatus.SUCCEEDED, RefundStatus.GIVEN_UP, RefundStatus.RETURNED})

# Where a case can go from each status, written down here a second time on purpose.
ALLOWED: Mapping[Status | None, frozenset[Status]] = {
    None: frozenset({Status.NEGOTIATION}),
    Status.NEGOTIATION: frozenset(
        {Status.CLAIM_EVIDENCE, Status.RESOLVED, Status.AWAITING_RETURN, Status.CANCELLED}
    ),
    Status.CLAIM_EVIDENCE: frozenset({Status.UNDER_REVIEW, Status.RESOLVED, Status.CANCELLED}),
    Status.UNDER_REVIEW: frozenset(
        {Status.DECIDED, Status.RESOLVED, Status.AWAITING_RETURN, Status.CANCELLED, Status.CLAIM_EVIDENCE}
    ),
    Status.AWAITING_RETURN: frozenset(
        {Status.RESOLVED, Status.DECIDED, Status.RETURN_SHIPPED, Status.CANCELLED}
    ),
    Status.RETURN_SHIPPED: frozenset(
        {Status.RESOLVED, Status.DECIDED, Status.CLAIM_EVIDENCE, Status.CANCELLED}
    ),
}
# What becomes of the refund comes after the end, and moves no version.
PAYMENT_WORDS = frozenset(
    {
        EventType.REFUND_SUCCEEDED,
        EventType.REFUND_FAILED,
        EventType.REFUND_GIVEN_UP,
        EventType.REFUND_RETURNED,
        EventType.REFUND_HELD,
        EventType.REFUND_RELEASED,
    }
)
# The clock's steps at the end of a window, and those before it.
ENDS = frozenset(
    {
        EventType.ESCALATED,
        EventType.REVIEW_STARTED,
        EventType.UPLOADS_AWAITED,
        EventType.RETURN_PROBLEM,
        EventType.CANCELLED,
        EventType.RETURN_CLOSED,
        EventType.DEADLINE_MISSED,
    }
)
REMINDERS = frozenset({EventType.REMINDED, EventType.ESCALATION_AVAILABLE})


class ViolationError(BaseException):
    """An invariant is broken. No code of the product can catch it."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind


class UnexpectedError(ViolationError):
    """The product failed in a way that is a mistake of its own."""

    def __init__(self, text: str) -> None:
        super().__init__("unexpected error", text)


@dataclass
class Watch:
    """What is known of a case's watchers: whether the execution was struck, and since when one of the two is fine."""

    struck: bool = False
    clear_since: datetime | None = None
    asleep_since: datetime | None = None


@dataclass
class Checks:
    """All invariants of one life, and the figures that they bring along."""

    life: "Life"
    watches: dict[str, Watch] = field(default_factory=dict)
    transitions: int = 0
    lateness: timedelta = timedelta(0)
    lateness_unwatched: timedelta = timedelta(0)
    unwatched: int = 0
    met: int = 0

    def watch(self, dispute_id: str) -> Watch:
        return self.watches.setdefault(dispute_id, Watch())

    # --- every change -----------------------------------------------------------------------------------------

    def change(self, before: Dispute | None, change: Change) -> None:
        """Called with what is stored before the change is."""
        after, entry, now = change.after, change.entry, self.life.clock.at
        source = before.status if before else None
        version, seq = (before.version, before.timeline_seq) if before else (0, 0)
        seqs = [one.seq for one in change.entries]
        rises = sum(one.type not in UNVERSIONED for one in change.entries)
        follows = seqs == [seq + n for n in range(1, len(seqs) + 1)]
        self._hold(follows and after.version == version + rises, "lost change", f"{entry}")
        if source != after.status:
            self.transitions += 1
            allowed = after.status in ALLOWED.get(source, frozenset())
            self._hold(allowed, "illegal transition", f"{source} -> {after.status}")
        if before is None:
            return
        self._hold(
            not before.is_closed or entry.type in PAYMENT_WORDS,
            "terminal is final",
            f"{entry.type} after {source}",
        )
        self._hold(after.epoch >= before.epoch, "epoch fell", f"{before.epoch} -> {after.epoch}")
        first = change.entries[0]
        self._hold(first.prev_hash == before.timeline_hash, "broken chain", f"entry {first.seq}")
        self._hold(entry.at >= (before.updated_at or entry.at), "time ran backwards", f"entry {entry.seq}")
        self._hold(entry.at <= now, "time ran ahead", f"entry {entry.seq} at {entry.at}")
        self._in_time(before, change)
        if change.refund is not None:
            self._refund(change)

    def _in_time(self, before: Dispute, change: Change) -> None:
        entry = change.entry
        by_clock = entry.actor.role is Role.SYSTEM and entry.actor.actor_id == "clock"
        if by_clock and entry.type in ENDS:
            due = before.deadline
        elif by_clock and entry.type in REMINDERS:
            reminder = next_reminder(before)
            due = reminder[0] if reminder else None
        else:
            windowed = before.deadline is not None and before.status is not Status.UNDER_REVIEW
            late = windowed and entry.actor.role is not Role.SYSTEM and entry.at >= before.deadline
            self._hold(
                not late, "person after the deadline", f"{entry.type} at {entry.at}, due {before.deadline}"
            )
            return
        self._hold(
            due is not None and entry.at >= due,
            "before the deadline",
            f"{entry.type} at {entry.at}, due {due}",
        )
        self._met(before.dispute_id, due)

    def _met(self, dispute_id: str, due: datetime) -> None:
        late = self.life.clock.at - due
        clear = self.watch(dispute_id).clear_since
        self.met += 1
        if clear is not None and clear > due:
            self.unwatched += 1
            self.lateness_unwatched = max(self.lateness_unwatched, self.life.clock.at - clear)
        else:
            self.lateness = max(self.lateness, late)

    def _refund(self, change: Change) -> None:
        case, refund = change.after, change.refund
        self._hold(case.dispute_id not in self.life.world.refunds_kept, "second refund", refund.refund_id)
        right = case.outcome is not None and refund.amount == case.outcome.refund
        self._hold(right and refund.refund_id == f"rf-{case.dispute_id}", "wrong refund", f"{refund}")

    # --- every step -------------------------------------------------------------------------------------------

    def before_step(self, until: datetime) -> None:
        """Nothing has changed since the last step; look at what the time up to `until` leaves undone."""
        for case in list(self.life.world.cases_kept.values()):
            if case.is_closed:
                continue
            watch = self.watch(case.dispute_id)
            self._note_watchers(case, watch, until)
            self._not_asleep(case, watch, until)
            wake = wake_at(case)
            if wake is None:
                continue
            due = max(wake, watch.clear_since) if watch.clear_since else wake
            late = until > due + PROMISED
            self._hold(not late, "deadline missed", f"{case.dispute_id} {case.status} due {due}, now {until}")

    def _note_watchers(self, case: Dispute, watch: Watch, until: datetime) -> None:
        life = self.life
        back_at = life.sweeper_back_at
        sweeper_is_fine = life.clock.at >= back_at
        if not sweeper_is_fine and not self._execution_is_fine(case, watch):
            watch.clear_since = min(until, back_at)

    def _execution_is_fine(self, case: Dispute, watch: Watch) -> bool:
        """It sleeps on the case's present alarm, or no fault has kept it from doing so."""
        if self.life.machine.is_down:
            return False
        running = self.life.machine.of(case.dispute_id)
        return not watch.struck or any(run.parked_epoch == case.epoch and not run.is_late for run in running)

    def _not_asleep(self, case: Dispute, watch: Watch, until: datetime) -> None:
        """An execution that nothing has struck never sleeps on an epoch that is over: its wake was not lost."""
        running = self.life.machine.of(case.dispute_id)
        sleeping = [run for run in running if run.parked_epoch is not None]
        stale = bool(sleeping) and all(run.parked_epoch != case.epoch for run in sleeping)
        if not stale or watch.struck or self.life.machine.is_down or len(sleeping) < len(running):
            watch.asleep_since = None
            return
        since = watch.asleep_since = watch.asleep_since or self.life.clock.at
        self._hold(
            until <= since + PROMISED, "lost wake", f"{case.dispute_id} sleeps on an old epoch since {since}"
        )

    def after_step(self) -> None:
        """Money, orders and disputes fit together."""
        world = self.life.world
        for order_id, order in world.orders_kept.items():
            books = world.ledger(order_id)
            cases = [case for case in world.cases_kept.values() if case.order_id == order_id]
            refunds = [refund for refund, _ in world.refunds_kept.values() if refund.order_id == order_id]
            total = sum(refund.amount.amount_minor for refund in refunds)
            self._hold(books.refunded_minor == total, "ledger and refunds differ", f"{books} {refunds}")
            # What the shop says after a case has ended bears on no refund that was granted before.
            paid = max(order.paid().amount_minor, *(case.order_paid.amount_minor for case in cases), 0)
            self._hold(total <= paid, "refunded above what was paid", f"{total}")
            open_cases = [case.dispute_id for case in cases if not case.is_closed]
            held = [books.active_dispute_id] if books.active_dispute_id else []
            self._hold(open_cases == held, "order and disputes differ", f"open {open_cases}, held by {held}")
            ended = any(case.status in {Status.RESOLVED, Status.DECIDED} for case in cases)
            self._hold(not ended or books.finished_at is not None, "order not finished", order_id)

    # --- the end ----------------------------------------------------------------------------------------------

    def at_the_end(self) -> None:
        world = self.life.world
        for dispute_id, case in world.cases_kept.items():
            entries = world.timeline[dispute_id]
            self._hold(case.status in TERMINAL, "never ended", f"{dispute_id} is {case.status}")
            self._hold(first_break(entries) is None, "broken chain", dispute_id)
            counted = case.version + sum(entry.type in UNVERSIONED for entry in entries)
            whole = len(entries) == case.timeline_seq == counted
            self._hold(whole, "lost change", f"{dispute_id}: {len(entries)} of {counted}")
            counting = frozenset(one.evidence_id for one in world.evidence[dispute_id].values() if one.counts)
            counted = case.evidence_by_buyer + case.evidence_by_seller
            self._hold(
                counted == len(counting), "evidence counted wrongly", f"{dispute_id}: {counting} {counted}"
            )
            wrong = differences(entries, case, counting, self.life.delivered_before[dispute_id])
            self._hold(not wrong, "timeline and case differ", f"{dispute_id}: {wrong}")
            misfits = {misfit(entry.type, entry.data) for entry in entries} - {None}
            self._hold(
                not misfits, "an entry that the contract does not describe", f"{dispute_id}: {misfits}"
            )
            self._refund_ended(case)
        self._payments()
        self._mails_and_events()
        self._nothing_after_the_end()
        self._answers()

    def refund_leaves(self, event: OutboundEvent) -> None:
        """Q30: what leaves was paid, and was not given back by anybody."""
        case = self.life.world.cases_kept[event.detail["dispute_id"]]
        books, order = self.life.world.ledger(case.order_id), self.life.world.orders_kept[case.order_id]
        back = books.refunded_minor + books.elsewhere_minor
        most = max(order.paid().amount_minor, case.order_paid.amount_minor)
        self._hold(back <= most, "given back twice", f"{event.event_id}: {back} of {most}")

    def _refund_ended(self, case: Dispute) -> None:
        refund, _ = self.life.world.refunds_kept.get(case.dispute_id, (None, None))
        owed = case.outcome.refund if case.outcome and not case.outcome.refund.is_zero() else None
        self._hold(
            (refund.amount if refund else None) == owed, "missing refund", f"{case.dispute_id}: {refund}"
        )
        if refund is not None and case.refund_status is RefundStatus.HELD:
            order, books = self.life.world.orders_kept[case.order_id], self.life.world.ledger(case.order_id)
            self._hold(not fits(case, refund, order, books), "held without a reason", case.dispute_id)
            return
        ended = refund is None or refund.status in ENDED
        self._hold(ended, "refund not asked for", f"{refund}")
        if refund is not None:
            self._no_attempt_passed_over(refund)

    def _no_attempt_passed_over(self, refund: Refund) -> None:
        """Each number that was used up was asked for under: but the reader's, where the sweeper was faster.

        The reader asks first. Where it comes to that after an hour, the sweeper has asked under the next number
        (decision 0043), and what that has settled is not asked for once more.
        """
        events = self.life.bus.events.values()
        asked = {
            event.detail["attempt"]
            for event in events
            if event.type == "RefundRequested" and event.detail["dispute_id"] == refund.dispute_id
        }
        first = 2 if refund.dispute_id in self.life.overtaken else 1
        used = set(range(first, refund.attempt + 1))
        self._hold(used <= asked, "attempt passed over", f"{refund}: asked for as {sorted(asked)}")

    def _payments(self) -> None:
        paid = Counter(event.detail["dispute_id"] for event in self.life.payments.paid)
        for event in self.life.payments.paid:
            refund, _ = self.life.world.refunds_kept[event.detail["dispute_id"]]
            self._hold(event.detail["amount_minor"] == refund.amount.amount_minor, "paid wrongly", f"{event}")
            self._hold(event.detail["refund_id"] == refund.refund_id, "second refund", f"{event}")
        self._hold(all(times == 1 for times in paid.values()), "second refund", f"{paid}")

    def _mails_and_events(self) -> None:
        """R23: one mail per event and person, and every event of ours published."""
        sent = Counter((_subject(m), int(m["seq"]), Role(m["recipient"])) for m in self.life.transport.sent)
        repeats = sum(times - 1 for times in sent.values())
        excused = sum(is_a_mail_sent_unnoted(str(fault)) for fault in self.life.gate.fired)
        # Each that SES took without being heard goes out again.
        excused += self.life.gate.in_vain["transport.send"]
        self._hold(repeats <= excused, "mail sent twice", f"{sent.most_common(2)}")
        expected = {
            (mail.dispute_id, mail.seq, mail.recipient)
            for entries in self.life.world.timeline.values()
            for entry in entries
            for mail in mails_for(entry)
        }
        ended = (event for event in self.life.bus.events.values() if event.type == "OrderCompleted")
        expected |= {
            (subject_of_order(event.detail["order_id"]), int(event.event_id.split("-")[-2]), Role.BUYER)
            for event in ended
            if event.detail["cause"] == "COLLECTION_EXPIRED"
        }
        rows = self.life.world.mails
        digests = (n for n, mail in enumerate(self.life.transport.sent, start=1) if mail["kind"] == "DIGEST")
        in_digests = {f"message-{n}" for n in digests}
        self._hold(set(rows) == expected, "mail lost", f"{expected ^ set(rows)}")
        for key, row in rows.items():
            done = row.message_id is not None or row.dropped is not None
            self._hold(done, "mail lost", f"{key} is still pending")
            was_sent = sent[key] > 0 or row.message_id in in_digests
            self._hold((row.message_id is not None) <= was_sent, "mail lost", f"{key} was never sent")
        published = set(self.life.bus.events)
        owed = {
            event.event_id
            for entries in self.life.world.timeline.values()
            for entry in entries
            for event in events_for(entry)
        }
        self._hold(owed <= published, "event lost", f"{owed - published}")

    def _nothing_after_the_end(self) -> None:
        """A closed case is written about once more, and about its refund (a process may be a minute slow)."""
        for at, mail in self.life.sent:
            if "dispute_id" not in mail:
                continue
            closed_at = self.life.world.cases_kept[mail["dispute_id"]].closed_at
            entry = self.life.world.timeline[mail["dispute_id"]][int(mail["seq"]) - 1]
            about_end = ends_case(entry) or entry.type in PAYMENT_WORDS
            late = closed_at is not None and at > closed_at + MINUTE and not about_end
            self._hold(not late, "mail after the end", f"{mail} at {at}")

    def _answers(self) -> None:
        """Whatever was answered with success is there, and is the answer that is kept."""
        for answered in self.life.answered:
            entries = self.life.world.timeline[answered.dispute_id]
            versions = accumulate(entry.type not in UNVERSIONED for entry in entries)
            numbered = zip(entries, versions, strict=True)
            theirs = [entry for entry, version in numbered if version == answered.version]
            same = answered.caller_id in {entry.person_id or entry.actor.actor_id for entry in theirs}
            self._hold(same, "lost change", f"{answered} is not in the timeline: {theirs}")

    def _hold(self, holds: bool, kind: str, text: str) -> None:
        if not holds:
            raise ViolationError(kind, text)


def _subject(mail: Mapping[str, str]) -> str:
    """The case that a mail is about, or its order."""
    return mail.get("dispute_id") or subject_of_order(mail["order_id"])


def is_a_mail_sent_unnoted(fault: str) -> bool:
    """Decision 0010: who dies between sending and noting it sends again. Whether this is such a fault."""
    after_sending = fault.startswith((Kind.CRASH_AFTER, Kind.LOST_ANSWER)) and "transport.send" in fault
    before_noting = fault.startswith((Kind.CRASH_BEFORE, Kind.THROTTLE)) and "outbox.settle" in fault
    return after_sending or before_noting
