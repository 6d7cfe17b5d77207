"""What every implementation of the stores must do: conditions and who refuses, receipts, order, leases, what is due.

A class whose `ports` is a fixture of whoever inherits it. Ids are new in each test, so that a table may be shared.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from buyer_protection.application.mail_view import MailKind
from buyer_protection.application.ports import (
    Answer,
    ConflictingWriteError,
    OrderHeldError,
    OutboxMail,
    Receipt,
    ReceiptExistsError,
    RefundExceedsPaidError,
    TimerState,
    TrackingReport,
)
from buyer_protection.domain import messages, negotiation, parcel, refunds
from buyer_protection.domain.clock import wake_at
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import OrderLedger, ParcelTracking
from buyer_protection.domain.refunds import RefundAnswer
from buyer_protection.domain.timeline import first_break
from buyer_protection.domain.vocabulary import OfferStatus, RefundStatus, Role, Status, TrackingStatus
from tests.contracts.ports import Ports
from tests.integration import people
from tests.integration.people import BUYER, OPENED, PAID, SELLER, days

MS = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def receipt(ports: Ports) -> Receipt:
    return Receipt(ports.dispute_id().ljust(64, "0"), "b" * 64, Answer(201, b'{"a":1}', 1, "/v1/disputes/x"))


def opened(ports: Ports, order_id: str | None = None) -> Dispute:
    """A dispute that is open, about an order of its own."""
    change = people.opening(ports.dispute_id(), order_id=order_id or ports.order_id())
    ports.cases.commit(change, now=OPENED)
    return change.after


def books(ports: Ports, case: Dispute) -> OrderLedger:
    """The order's ledger; the projection is there from now on at the latest."""
    ports.orders.put(people.order(case.order_id))
    loaded = ports.orders.load(case.order_id)
    assert loaded is not None
    return loaded.ledger


def stored(ports: Ports, case: Dispute) -> Dispute:
    loaded = ports.cases.load(case.dispute_id)
    assert loaded is not None
    return loaded.case


def agreed(ports: Ports, case: Dispute, at: datetime = OPENED + HOUR) -> Change:
    """The seller grants the request."""
    change = negotiation.accept_request(case, SELLER, at)
    ports.cases.commit(change, now=at)
    return change


def due_of(ports: Ports, case: Dispute, at: datetime) -> list[str]:
    """What of this case is due then."""
    return [row.sort_key for row in ports.timers.due(at, limit=500) if row.case_id == case.dispute_id]


class CasesContract:
    def test_q1_what_is_committed_is_read_back(self, ports: Ports) -> None:
        kept = receipt(ports)
        change = people.opening(ports.dispute_id(), order_id=ports.order_id())
        assert ports.cases.load(change.after.dispute_id) is None
        ports.cases.commit(change, now=OPENED, receipt=kept)
        loaded = ports.cases.load(change.after.dispute_id, receipt_id=kept.receipt_id)
        assert loaded is not None
        assert (loaded.case, loaded.receipt, loaded.evidence) == (change.after, kept, None)
        assert ports.cases.timeline(change.after.dispute_id).items == [change.entry]
        assert ports.cases.offers(change.after.dispute_id) == [change.new_offer]

    def test_q1_an_order_is_held_by_one_dispute(self, ports: Ports) -> None:
        case, kept = opened(ports), receipt(ports)
        other = people.opening(ports.dispute_id(), order_id=case.order_id)
        with pytest.raises(OrderHeldError):
            ports.cases.commit(other, now=OPENED, receipt=kept)
        assert ports.cases.load(other.after.dispute_id) is None
        assert ports.timers.timer(other.after.dispute_id) is None
        seen = ports.cases.load(case.dispute_id, receipt_id=kept.receipt_id)
        assert seen is not None
        assert seen.receipt is None
        assert books(ports, case) == OrderLedger(case.order_id, case.dispute_id, 1)

    def test_q1_a_known_receipt_comes_before_every_other_refusal(self, ports: Ports) -> None:
        kept = receipt(ports)
        case = opened(ports)
        change = people.counter_offer(case, OPENED + HOUR)
        ports.cases.commit(change, now=OPENED + HOUR, receipt=kept)
        with pytest.raises(ReceiptExistsError):
            ports.cases.commit(change, now=OPENED + HOUR, receipt=kept)
        other = people.opening(ports.dispute_id(), order_id=case.order_id)
        with pytest.raises(ReceiptExistsError):
            ports.cases.commit(other, now=OPENED, receipt=kept)

    def test_q1_a_stale_version_writes_nothing(self, ports: Ports) -> None:
        case, kept = opened(ports), receipt(ports)
        first = people.counter_offer(case, OPENED + HOUR)
        ports.cases.commit(first, now=OPENED + HOUR)
        with pytest.raises(ConflictingWriteError):
            ports.cases.commit(people.statement(case, OPENED + HOUR), now=OPENED + HOUR, receipt=kept)
        with pytest.raises(ConflictingWriteError):
            agreed(ports, case)
        loaded = ports.cases.load(case.dispute_id, receipt_id=kept.receipt_id, evidence_ids=["ev-1"])
        assert loaded is not None
        assert (loaded.case, loaded.receipt, loaded.evidence) == (first.after, None, {})
        assert [entry.seq for entry in ports.cases.timeline(case.dispute_id).items] == [1, 2]
        assert books(ports, case).active_dispute_id == case.dispute_id
        assert due_of(ports, case, OPENED + days(1)) == []

    def test_q1_a_person_and_the_clock_never_both_end_a_window(self, ports: Ports) -> None:
        case = opened(ports)
        due = case.negotiation_due_at
        ended = people.next_step(case, due)
        with pytest.raises(ConflictingWriteError):
            ports.cases.commit(ended, now=due - MS, by_clock=True)
        with pytest.raises(ConflictingWriteError):
            ports.cases.commit(people.counter_offer(case, due - MS), now=due)
        ports.cases.commit(ended, now=due, by_clock=True)
        assert stored(ports, case).status is Status.CLAIM_EVIDENCE
        other = opened(ports)
        ports.cases.commit(people.counter_offer(other, due - MS), now=due - MS)

    def test_q1_a_reminder_and_mediation_wait_for_no_window(self, ports: Ports) -> None:
        case = opened(ports)
        told = people.next_step(case, case.escalation_available_at)
        ports.cases.commit(told, now=case.escalation_available_at, by_clock=True)
        claim = people.escalation(told.after, OPENED + days(4))
        ports.cases.commit(claim, now=OPENED + days(4))
        seen = people.mediation_opened(claim.after, OPENED + days(4))
        ports.cases.commit(seen, now=OPENED + days(4), by_clock=True, brief={"a": [1, "two", None]})
        dossier = ports.cases.dossier(case.dispute_id)
        assert dossier is not None
        assert (dossier.case, dossier.brief) == (seen.after, {"a": [1, "two", None]})

    def test_q1_a_refund_above_what_was_paid_writes_nothing(self, ports: Ports) -> None:
        case = opened(ports)
        change = negotiation.accept_request(case, SELLER, OPENED + HOUR)
        assert change.refund is not None
        greedy = replace(change, refund=replace(change.refund, amount=PAID + Money(1, "USD")))
        with pytest.raises(RefundExceedsPaidError):
            ports.cases.commit(greedy, now=OPENED + HOUR)
        assert stored(ports, case) == case
        assert books(ports, case).refunded_minor == 0
        assert ports.refunds.overdue(case.dispute_id, OPENED + days(9)) is None
        ports.cases.commit(change, now=OPENED + HOUR)
        assert books(ports, case).refunded_minor == PAID.amount_minor

    def test_q1_a_closed_case_gives_its_order_back_or_finishes_it(self, ports: Ports) -> None:
        order_id = ports.order_id()
        for number in (1, 2):
            case = opened(ports, order_id)
            left = parcel.cancel(case, BUYER, acknowledge_consequences=True, now=OPENED + HOUR)
            ports.cases.commit(left, now=OPENED + HOUR)
            assert books(ports, case) == OrderLedger(order_id, None, number)
        case = opened(ports, order_id)
        change = agreed(ports, case)
        ended = books(ports, case)
        assert (ended.active_dispute_id, ended.finished_by, ended.finished_at) == (
            None,
            case.dispute_id,
            change.entry.at,
        )
        with pytest.raises(OrderHeldError):
            ports.cases.commit(people.opening(ports.dispute_id(), order_id=order_id), now=OPENED)

    def test_q1_an_order_has_so_many_disputes_and_no_more(self, ports: Ports) -> None:
        order_id = ports.order_id()
        for _ in range(3):
            case = opened(ports, order_id)
            left = parcel.cancel(case, BUYER, acknowledge_consequences=True, now=OPENED + HOUR)
            ports.cases.commit(left, now=OPENED + HOUR)
        with pytest.raises(OrderHeldError):
            ports.cases.commit(people.opening(ports.dispute_id(), order_id=order_id), now=OPENED)

    def test_q1_a_whole_life_is_kept(self, ports: Ports) -> None:
        case_id, order_id = ports.dispute_id(), ports.order_id()
        case = people.opening(case_id, order_id=order_id).after
        for change, now, by_clock in people.contested():
            ours = _renamed(change, case_id, order_id)
            ports.cases.commit(ours, now=now, by_clock=by_clock)
            case = ours.after
            assert stored(ports, case) == case
        dossier = ports.cases.dossier(case_id)
        assert dossier is not None
        assert [entry.seq for entry in dossier.timeline] == list(range(1, case.version + 1))
        assert [offer.status for offer in dossier.offers] == [OfferStatus.LAPSED, OfferStatus.DECLINED]
        assert list(dossier.evidence) == list(ports.cases.evidence(case_id))
        first = ports.cases.timeline(case_id, limit=4)
        rest = ports.cases.timeline(case_id, after_seq=(first.next_key or {})["after_seq"], limit=50)
        assert [*first.items, *rest.items] == list(dossier.timeline)
        assert rest.next_key is None

    def test_q1_the_chain_holds_after_it_was_stored(self, ports: Ports) -> None:
        case = opened(ports)
        for number in range(3):
            change = messages.send_message(case, SELLER, f"No {number}", OPENED + HOUR)
            ports.cases.commit(change, now=OPENED + HOUR)
            case = change.after
        assert first_break(ports.cases.timeline(case.dispute_id).items) is None
        page = ports.cases.messages(case.dispute_id, after=1, limit=1)
        assert [one.message_id for one in page.items] == ["ms-2"]
        assert page.next_key == {"after": 2}


class RefundsContract:
    def test_q1_a_refund_is_asked_for_once_an_hour_until_it_succeeds(self, ports: Ports) -> None:
        case = opened(ports)
        change = agreed(ports, case, OPENED)
        assert due_of(ports, case, OPENED + HOUR - MS) == []
        assert due_of(ports, case, OPENED + HOUR) == ["REFUND"]
        assert ports.refunds.overdue(case.dispute_id, OPENED + HOUR - MS) is None
        assert ports.refunds.overdue(case.dispute_id, OPENED + HOUR) == change.refund
        assert ports.refunds.overdue(case.dispute_id, OPENED + HOUR) is None
        assert due_of(ports, case, OPENED + 2 * HOUR) == ["REFUND"]
        self._answer(ports, change.after, RefundStatus.SUCCEEDED, OPENED + 2 * HOUR)
        assert due_of(ports, case, OPENED + days(9)) == []
        assert ports.refunds.overdue(case.dispute_id, OPENED + days(9)) is None

    def test_q1_a_refund_that_fails_is_tried_so_often_and_no_more(self, ports: Ports) -> None:
        case = opened(ports)
        at = OPENED
        failed = self._answer(ports, agreed(ports, case, at).after, RefundStatus.FAILED, at)
        attempts = []
        for _ in range(refunds.MAX_ATTEMPTS + 2):
            at += HOUR
            found = ports.refunds.overdue(case.dispute_id, at)
            attempts.append(found.attempt if found else None)
        assert attempts == [2, 3, 4, 5, 6, None, None]
        assert due_of(ports, case, at + days(9)) == []
        self._answer(ports, failed, RefundStatus.SUCCEEDED, at)
        assert stored(ports, case).refund_status is RefundStatus.SUCCEEDED

    def _answer(self, ports: Ports, case: Dispute, status: RefundStatus, at: datetime) -> Dispute:
        change = refunds.note_answer(case, RefundAnswer(status, PAID, at), at)
        assert change is not None
        ports.cases.commit(change, now=at, by_clock=True)
        return change.after


class TimersContract:
    def test_q1_an_alarm_follows_its_case_and_only_a_new_epoch_takes_the_token(self, ports: Ports) -> None:
        case = opened(ports)
        assert ports.timers.timer(case.dispute_id) == TimerState(
            case.dispute_id, 1, "NEGOTIATION", 1, wake_at(case)
        )
        ports.park(case.dispute_id, "token")
        told = people.next_step(case, OPENED + days(3))
        ports.cases.commit(told, now=OPENED + days(3), by_clock=True)
        asleep = TimerState(case.dispute_id, 1, "NEGOTIATION", 1, wake_at(told.after), "token")
        assert ports.timers.timer(case.dispute_id) == asleep
        claim = people.escalation(told.after, OPENED + days(4))
        ports.cases.commit(claim, now=OPENED + days(4))
        woken = TimerState(case.dispute_id, 1, "CLAIM_OPENED", 2, wake_at(claim.after))
        assert ports.timers.timer(case.dispute_id) == woken

    def test_q1_a_generation_is_raised_once(self, ports: Ports) -> None:
        case = opened(ports)
        ports.park(case.dispute_id, "token of the dead")
        found = ports.timers.timer(case.dispute_id)
        assert found is not None
        raised = ports.timers.next_generation(found)
        assert raised == TimerState(case.dispute_id, 2, "NEGOTIATION", 1, found.wake_at)
        assert ports.timers.timer(case.dispute_id) == raised
        assert ports.timers.next_generation(found) is None
        assert ports.timers.next_generation(replace(found, case_id=ports.dispute_id())) is None

    def test_q1_what_is_due_comes_oldest_first_and_not_before_its_instant(self, ports: Ports) -> None:
        cases = []
        for number in range(6):
            change = people.opening(
                ports.dispute_id(), order_id=ports.order_id(), now=OPENED + number * MINUTE
            )
            ports.cases.commit(change, now=OPENED)
            cases.append(change.after)
        first = wake_at(cases[0])
        assert first is not None
        ours = {case.dispute_id for case in cases}
        assert [row for row in ports.timers.due(first - MS, limit=500) if row.case_id in ours] == []
        found = [row for row in ports.timers.due(first + HOUR, limit=500) if row.case_id in ours]
        assert [row.case_id for row in found] == [case.dispute_id for case in cases]
        assert [row.due_at for row in found] == [wake_at(case) for case in cases]
        assert len(ports.timers.due(first + HOUR, limit=3)) == 3


class OutboxContract:
    def test_q1_a_mail_is_written_leased_and_settled_once(self, ports: Ports) -> None:
        case = opened(ports)
        both = [
            OutboxMail(case.dispute_id, 1, role, MailKind.DISPUTE_OPENED)
            for role in (Role.SELLER, Role.BUYER)
        ]
        ports.outbox.add(both, OPENED)
        ports.outbox.add(both, OPENED + HOUR)
        to_buyer, to_seller = ports.outbox.unsent(case.dispute_id)
        assert (to_buyer.recipient, to_seller.recipient) == (Role.BUYER, Role.SELLER)
        assert due_of(ports, case, OPENED + 2 * MINUTE - MS) == []
        assert due_of(ports, case, OPENED + 2 * MINUTE) == ["MAIL#00000001#BUYER", "MAIL#00000001#SELLER"]
        assert ports.outbox.lease(to_buyer, OPENED, 60)
        assert not ports.outbox.lease(to_buyer, OPENED + timedelta(seconds=59), 60)
        assert ports.outbox.lease(to_buyer, OPENED + MINUTE, 60)
        assert [mail.attempts for mail in ports.outbox.unsent(case.dispute_id)] == [2, 0]
        assert due_of(ports, case, OPENED + 2 * MINUTE - MS) == []
        ports.outbox.settle(to_buyer, OPENED, message_id="m-1")
        ports.outbox.settle(to_seller, OPENED, message_id=None, dropped="CASE_CLOSED")
        assert list(ports.outbox.unsent(case.dispute_id)) == []
        assert not ports.outbox.lease(to_buyer, OPENED + HOUR, 60)
        assert due_of(ports, case, OPENED + days(1)) == []
        ports.outbox.add(both, OPENED + days(1))
        ports.outbox.settle(to_buyer, OPENED, message_id=None, dropped="WINDOW_OVER")
        assert list(ports.outbox.unsent(case.dispute_id)) == []

    def test_q1_a_mail_that_was_never_written_is_nobodys(self, ports: Ports) -> None:
        mail = OutboxMail(ports.dispute_id(), 1, Role.BUYER, MailKind.DISPUTE_OPENED)
        assert not ports.outbox.lease(mail, OPENED, 60)
        ports.outbox.settle(mail, OPENED, message_id="m-1")
        assert list(ports.outbox.unsent(mail.case_id)) == []


class OrdersContract:
    def test_q1_an_order_is_replaced_unless_what_is_known_is_newer(self, ports: Ports) -> None:
        order = people.order(ports.order_id())
        newer = replace(order, guaranteed_delivery_days=61)
        assert ports.orders.load(order.order_id) is None
        assert ports.orders.put(newer, is_first=True, as_of=OPENED)
        assert not ports.orders.put(order, as_of=OPENED - MS, only_newer=True)
        assert not ports.orders.put(order, is_first=True, as_of=OPENED - MS, only_newer=True)
        loaded = ports.orders.load(order.order_id)
        assert loaded is not None
        assert (loaded.order, loaded.ledger) == (newer, OrderLedger(order.order_id))
        assert ports.orders.put(order, as_of=OPENED, only_newer=True)
        assert ports.orders.put(newer, as_of=OPENED - HOUR)

    def test_q1_a_carriers_word_counts_once_and_only_on_what_was_read(self, ports: Ports) -> None:
        case = opened(ports)
        before = books(ports, case)
        report = TrackingReport("t-1", "s-1", TrackingStatus.DELIVERED, OPENED, OPENED + HOUR)
        seen = ParcelTracking(report.status, report.occurred_at, report.occurred_at)
        change = parcel.register_delivery(case, OPENED, OPENED + HOUR)
        assert change is not None
        with pytest.raises(ConflictingWriteError):
            ports.orders.record_tracking(report, replace(before, active_dispute_id=None), seen)
        assert ports.orders.record_tracking(report, before, seen, case_change=change, receipt=receipt(ports))
        after = books(ports, case)
        assert after.tracking == {"s-1": seen}
        assert (after.active_dispute_id, after.disputes_opened) == (case.dispute_id, 1)
        assert stored(ports, case) == change.after
        assert not ports.orders.record_tracking(report, after, seen)
        assert list(ports.orders.tracking_reports(case.order_id)) == [report]
        with pytest.raises(ConflictingWriteError):
            ports.orders.record_tracking(replace(report, event_id="t-2"), before, seen)
        # The case has moved on since `change` was decided: neither of the two is written.
        with pytest.raises(ConflictingWriteError):
            ports.orders.record_tracking(replace(report, event_id="t-3"), after, seen, case_change=change)
        assert books(ports, case) == after
        assert list(ports.orders.tracking_reports(case.order_id)) == [report]

    def test_q1_an_order_is_finished_once_and_never_under_a_dispute(self, ports: Ports) -> None:
        case, kept = opened(ports), receipt(ports)
        held = books(ports, case)
        done = replace(held, finished_at=OPENED + HOUR, finished_by="RECEIPT_CONFIRMED")
        with pytest.raises(ConflictingWriteError):
            ports.orders.finish(held, done)
        left = parcel.cancel(case, BUYER, acknowledge_consequences=True, now=OPENED + HOUR)
        ports.cases.commit(left, now=OPENED + HOUR)
        ports.orders.finish(books(ports, case), done, receipt=kept)
        after = books(ports, case)
        assert (after.finished_at, after.finished_by) == (done.finished_at, done.finished_by)
        with pytest.raises(ReceiptExistsError):
            ports.orders.finish(after, done, receipt=kept)
        with pytest.raises(ConflictingWriteError):
            ports.orders.finish(after, done)


class PortsContract(CasesContract, RefundsContract, TimersContract, OutboxContract, OrdersContract):
    """The whole contract."""

    @pytest.fixture
    def ports(self) -> Ports:
        raise NotImplementedError


def _renamed(change: Change, case_id: str, order_id: str) -> Change:
    """The same change of a case and an order of other names; its hashes stay those of the first."""
    names: dict[str, Any] = {"dispute_id": case_id, "order_id": order_id}
    refund = change.refund and replace(change.refund, **names, refund_id=f"rf-{case_id}")
    return replace(
        change,
        before=replace(change.before, **names),
        after=replace(change.after, **names),
        entry=replace(change.entry, dispute_id=case_id),
        refund=refund,
    )
