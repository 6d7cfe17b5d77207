"""What every implementation of the stores must do: conditions and who refuses, receipts, order, leases, what is due.

A class whose `ports` is a fixture of whoever inherits it. Ids are new in each test, so that a table may be shared.
"""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from buyer_protection.application.ports.cases import Assignment
from buyer_protection.application.ports.errors import (
    ConflictingWriteError,
    IdempotencyRecordExistsError,
    OrderHeldError,
    RefundExceedsPaidError,
)
from buyer_protection.application.ports.orders import OrderChange, TrackingReport, reversal_of
from buyer_protection.domain import messages, negotiation, parcels
from buyer_protection.domain.claim import set_evidence_window
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import OfferStatus, RefundKind, Role, Status, TrackingStatus
from buyer_protection.domain.ledger import RefundElsewhere, with_given_back
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import DisputedItem, OrderLedger, ParcelTracking
from buyer_protection.domain.timeline import Actor, first_break
from buyer_protection.domain.tracking import Followed, in_one
from tests.contracts.ports import Ports
from tests.contracts.scenes import (
    HOUR,
    MS,
    agreed,
    books,
    claimed,
    due_of,
    idempotency,
    ledger_of,
    loaded_order,
    opened,
    refunded,
    stored,
)
from tests.contracts.workers import OutboxContract, RefundsContract, TimersContract
from tests.integration import people
from tests.integration.people import BUYER, OPENED, PAID, SELLER, days


class CasesContract:
    def test_q1_what_is_committed_is_read_back(self, ports: Ports) -> None:
        kept = idempotency(ports)
        change = people.opening(ports.dispute_id(), order_id=ports.order_id()).from_call("call-1")
        assert ports.cases.load(change.after.dispute_id) is None
        ports.cases.commit(change, now=OPENED, idempotency=kept)
        loaded = ports.cases.load(change.after.dispute_id, idempotency_id=kept.idempotency_id)
        assert loaded is not None
        assert (loaded.case, loaded.idempotency, loaded.evidence) == (change.after, kept, None)
        assert ports.cases.timeline(change.after.dispute_id).items == [change.entry]
        assert [it.correlation_id for it in ports.cases.timeline(change.after.dispute_id).items] == ["call-1"]
        assert ports.cases.offers(change.after.dispute_id) == [change.new_offer]

    def test_q1_an_order_is_held_by_one_dispute(self, ports: Ports) -> None:
        case, kept = opened(ports), idempotency(ports)
        other = people.opening(ports.dispute_id(), order_id=case.order_id)
        with pytest.raises(OrderHeldError):
            ports.cases.commit(other, now=OPENED, idempotency=kept)
        assert ports.cases.load(other.after.dispute_id) is None
        assert ports.timers.timer(other.after.dispute_id) is None
        seen = ports.cases.load(case.dispute_id, idempotency_id=kept.idempotency_id)
        assert seen is not None
        assert seen.idempotency is None
        held = OrderLedger(case.order_id, case.dispute_id, 1, version=1, currency="USD")
        assert books(ports, case) == held

    def test_q1_a_known_receipt_comes_before_every_other_refusal(self, ports: Ports) -> None:
        kept = idempotency(ports)
        case = opened(ports)
        change = people.counter_offer(case, OPENED + HOUR)
        ports.cases.commit(change, now=OPENED + HOUR, idempotency=kept)
        with pytest.raises(IdempotencyRecordExistsError):
            ports.cases.commit(change, now=OPENED + HOUR, idempotency=kept)
        other = people.opening(ports.dispute_id(), order_id=case.order_id)
        with pytest.raises(IdempotencyRecordExistsError):
            ports.cases.commit(other, now=OPENED, idempotency=kept)

    def test_q1_a_stale_version_writes_nothing(self, ports: Ports) -> None:
        case, kept = opened(ports), idempotency(ports)
        first = people.counter_offer(case, OPENED + HOUR)
        ports.cases.commit(first, now=OPENED + HOUR)
        with pytest.raises(ConflictingWriteError):
            ports.cases.commit(people.statement(case, OPENED + HOUR), now=OPENED + HOUR, idempotency=kept)
        with pytest.raises(ConflictingWriteError):
            agreed(ports, case)
        loaded = ports.cases.load(case.dispute_id, idempotency_id=kept.idempotency_id, evidence_ids=["ev-1"])
        assert loaded is not None
        assert (loaded.case, loaded.idempotency, loaded.evidence) == (first.after, None, {})
        assert [entry.seq for entry in ports.cases.timeline(case.dispute_id).items] == [1, 2]
        assert books(ports, case).active_dispute_id == case.dispute_id
        assert due_of(ports, case, OPENED + days(1)) == []

    def test_q1_a_person_and_the_clock_never_both_end_a_window(self, ports: Ports) -> None:
        case = opened(ports)
        due = case.negotiation_due_at
        ended = people.next_step(case, due)
        with pytest.raises(ConflictingWriteError):
            ports.cases.commit(ended, now=due - MS)
        with pytest.raises(ConflictingWriteError):
            ports.cases.commit(people.counter_offer(case, due - MS), now=due)
        ports.cases.commit(ended, now=due)
        assert stored(ports, case).status is Status.CLAIM_EVIDENCE
        other = opened(ports)
        ports.cases.commit(people.counter_offer(other, due - MS), now=due - MS)

    def test_c7_r45_an_assignment_moves_nothing_of_the_case_and_is_taken_once(self, ports: Ports) -> None:
        claim, kept, now = claimed(ports), idempotency(ports), OPENED + days(4)
        step = Assignment(claim.dispute_id, "manager-1", "manager-2", None)
        ports.cases.keep_assignment(step, now=now, idempotency=kept)
        loaded = ports.cases.load(claim.dispute_id, idempotency_id=kept.idempotency_id)
        assert loaded is not None
        assert (loaded.case, loaded.idempotency) == (replace(claim, assigned_to="manager-2"), kept)
        assert len(ports.cases.timeline(claim.dispute_id).items) == claim.timeline_seq
        with pytest.raises(IdempotencyRecordExistsError):
            ports.cases.keep_assignment(
                structs.replace(step, previous="manager-2"), now=now + HOUR, idempotency=kept
            )
        with pytest.raises(ConflictingWriteError):
            ports.cases.keep_assignment(step, now=now + HOUR)
        # What was read before it is changed without a word of it.
        given = people.statement(claim, now + HOUR)
        ports.cases.commit(given, now=now + HOUR)
        assert stored(ports, claim) == replace(given.after, assigned_to="manager-2")
        ports.cases.keep_assignment(structs.replace(step, previous="manager-2"), now=now + 2 * HOUR)

    def test_c7_r45_only_an_open_claim_is_assigned(self, ports: Ports) -> None:
        case = opened(ports)
        with pytest.raises(ConflictingWriteError):
            ports.cases.keep_assignment(Assignment(case.dispute_id, "m-1", "m-2", None), now=OPENED + HOUR)

    def test_c7_r45_who_of_the_team_acted_lies_beside_the_entry(self, ports: Ports) -> None:
        claim, now = claimed(ports), OPENED + days(4)
        ports.cases.keep_assignment(Assignment(claim.dispute_id, "m-1", "m-1", None), now=now)
        claim = replace(claim, assigned_to="m-1")
        moved = set_evidence_window(claim, Actor(Role.CASE_MANAGER, "m-1"), now + days(2), now)
        ports.cases.commit(moved, now=now)
        entry = ports.cases.timeline(claim.dispute_id).items[-1]
        assert (entry.actor.actor_id, entry.person_id, entry.hash) == ("team", "m-1", moved.entry.hash)

    def test_q1_a_reminder_and_mediation_wait_for_no_window(self, ports: Ports) -> None:
        case = opened(ports)
        reminded = people.next_step(case, case.escalation_available_at)
        ports.cases.commit(reminded, now=case.escalation_available_at)
        claim = people.escalation(reminded.after, OPENED + days(4))
        ports.cases.commit(claim, now=OPENED + days(4))
        seen = people.mediation_opened(claim.after, OPENED + days(4))
        ports.cases.commit(seen, now=OPENED + days(4), brief={"a": [1, "two", None]})
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
            left = parcels.cancel(case, BUYER, acknowledge_consequences=True, now=OPENED + HOUR)
            ports.cases.commit(left, now=OPENED + HOUR)
            free = OrderLedger(order_id, None, number, version=2 * number, currency="USD")
            assert books(ports, case) == free
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
            left = parcels.cancel(case, BUYER, acknowledge_consequences=True, now=OPENED + HOUR)
            ports.cases.commit(left, now=OPENED + HOUR)
        with pytest.raises(OrderHeldError):
            ports.cases.commit(people.opening(ports.dispute_id(), order_id=order_id), now=OPENED)

    def test_q1_a_whole_life_is_kept(self, ports: Ports) -> None:
        dispute_id, order_id = ports.dispute_id(), ports.order_id()
        case = people.opening(dispute_id, order_id=order_id).after
        for change, now in people.contested():
            ours = _renamed(change, dispute_id, order_id)
            ports.cases.commit(ours, now=now)
            case = ours.after
            assert stored(ports, case) == case
        dossier = ports.cases.dossier(dispute_id)
        assert dossier is not None
        assert [entry.seq for entry in dossier.timeline] == list(range(1, case.version + 1))
        assert [offer.status for offer in dossier.offers] == [OfferStatus.LAPSED, OfferStatus.DECLINED]
        assert list(dossier.evidence) == list(ports.cases.evidence(dispute_id))
        first = ports.cases.timeline(dispute_id, limit=4)
        rest = ports.cases.timeline(dispute_id, after_seq=(first.next_key or {})["after_seq"], limit=50)
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


class OrdersContract:
    def test_a08_an_order_is_replaced_over_the_one_that_was_read(self, ports: Ports) -> None:
        order = people.order(ports.order_id())
        assert ports.orders.load(order.order_id) is None
        assert ports.orders.put(order)
        assert not ports.orders.put(replace(order, guaranteed_delivery_days=1))
        read = loaded_order(ports, order.order_id)
        assert (read.order, read.ledger) == (order, OrderLedger(order.order_id))
        newer = replace(order, guaranteed_delivery_days=61, revision=1, as_of=OPENED)
        bearing = replace(read.ledger, version=1)
        ports.orders.change(OrderChange(read, newer, bearing, OPENED))
        after = loaded_order(ports, order.order_id)
        assert (after.order, after.ledger) == (newer, bearing)
        with pytest.raises(ConflictingWriteError):
            ports.orders.change(OrderChange(read, replace(order, revision=1), read.ledger, OPENED))
        assert loaded_order(ports, order.order_id) == after
        with pytest.raises(ConflictingWriteError):
            ports.cases.commit(
                people.opening(ports.dispute_id(), bearing, order_id=order.order_id), now=OPENED
            )

    def test_a02_a_refund_elsewhere_enters_the_ledger_once_with_the_case(self, ports: Ports) -> None:
        case, kept = opened(ports), idempotency(ports)
        order_id = case.order_id
        refund = RefundElsewhere(
            "g-1", RefundKind.GOODWILL, Money(500, "USD"), OPENED, {"i-2": 500}, {"i-2": 2}
        )
        read = loaded_order(ports, order_id, "g-1")
        assert read.refunds == {}
        change = refunded(read, case, refund)
        ports.orders.change(structs.replace(change, idempotency=kept))
        after = loaded_order(ports, order_id, "g-1")
        assert after.refunds == {"g-1": refund}
        assert (after.ledger.elsewhere, after.ledger.elsewhere_minor, after.ledger.version) == (
            {"i-2": 500},
            500,
            2,
        )
        now = stored(ports, case)
        assert (now.left, now.ledger_version, now.version) == (Money(1499, "USD"), 2, case.version + 1)
        with pytest.raises(IdempotencyRecordExistsError):
            ports.orders.change(structs.replace(change, idempotency=kept))
        with pytest.raises(ConflictingWriteError):
            ports.orders.change(change)
        with pytest.raises(ConflictingWriteError):
            ports.orders.change(refunded(after, now, refund))
        # What was decided before it came is not granted any more.
        with pytest.raises(ConflictingWriteError):
            agreed(ports, case)
        agreed(ports, now)
        assert books(ports, case).given_back_unnamed == 0

    def test_r39_a_refund_elsewhere_that_shows_nowhere_in_the_case_still_guards_its_grants(
        self, ports: Ports
    ) -> None:
        order_id = ports.order_id()
        start = people.opening(
            ports.dispute_id(),
            ledger_of(ports, order_id),
            order_id=order_id,
            items=[DisputedItem("i-1", 1)],
            refund=Money(1499, "USD"),
        )
        ports.cases.commit(start, now=OPENED)
        case = start.after
        refund = RefundElsewhere("g-1", RefundKind.OTHER, Money(500, "USD"), OPENED, {"i-2": 500}, {"i-2": 2})
        ports.orders.change(refunded(loaded_order(ports, order_id), case, refund))
        now = stored(ports, case)
        assert (now.version, now.left, now.ledger_version) == (case.version, None, 2)
        with pytest.raises(ConflictingWriteError):
            agreed(ports, case)
        agreed(ports, now)

    def test_r51_a_refund_elsewhere_of_everything_ends_the_case_and_frees_its_order(
        self, ports: Ports
    ) -> None:
        case = opened(ports)
        refund = RefundElsewhere("g-1", RefundKind.CHARGEBACK, PAID, OPENED)
        ports.orders.change(refunded(loaded_order(ports, case.order_id), case, refund))
        now, after = stored(ports, case), books(ports, case)
        assert (now.status, now.grantable) == (Status.CANCELLED, Money(0, "USD"))
        assert (after.active_dispute_id, after.version, after.elsewhere_minor) == (None, 2, PAID.amount_minor)
        assert ports.refunds.overdue(case.dispute_id, OPENED + days(9)) is None
        back = replace(refund, refund_id="g-2", reverses="g-1")
        read = loaded_order(ports, case.order_id, "g-1", reversal_of("g-1"))
        undone = OrderChange(read, read.order, with_given_back(read.ledger, back), OPENED, refund=back)
        ports.orders.change(undone)
        assert books(ports, case).elsewhere_minor == 0
        assert loaded_order(ports, case.order_id, reversal_of("g-1")).refunds == {reversal_of("g-1"): back}

    def test_q1_a_carriers_word_counts_once_and_only_on_what_was_read(self, ports: Ports) -> None:
        case = opened(ports)
        before = books(ports, case)
        report = TrackingReport("t-1", "s-1", TrackingStatus.DELIVERED, OPENED, OPENED + HOUR, "LX0001")
        seen = ParcelTracking(report.status, OPENED, OPENED, OPENED + HOUR, "LX0001")
        change = people.delivered(case, report)
        record = ports.orders.record_tracking
        for stale in (replace(before, active_dispute_id=None), replace(before, version=before.version + 1)):
            with pytest.raises(ConflictingWriteError):
                record(people.tracked(report, stale, seen))
        assert record(
            people.tracked(report, before, seen, case_change=change, idempotency=idempotency(ports))
        )
        after = books(ports, case)
        assert after.tracking == {"s-1": seen}
        assert (after.active_dispute_id, after.disputes_opened) == (case.dispute_id, 1)
        assert stored(ports, case) == change.after
        assert not record(people.tracked(report, after, seen))
        assert list(ports.orders.tracking_reports(case.order_id)) == [report]
        loaded = ports.orders.load(case.order_id, event_id="t-1")
        assert (loaded.report if loaded else None) == report
        assert loaded_order(ports, case.order_id).report is None
        with pytest.raises(ConflictingWriteError):
            record(people.tracked(structs.replace(report, event_id="t-2"), before, seen))
        # The case has moved on since `change` was decided: neither of the two is written.
        with pytest.raises(ConflictingWriteError):
            record(people.tracked(structs.replace(report, event_id="t-3"), after, seen, case_change=change))
        assert books(ports, case) == after
        assert list(ports.orders.tracking_reports(case.order_id)) == [report]

    def test_q1_what_shows_nowhere_is_noted_without_a_version(self, ports: Ports) -> None:
        case = opened(ports)
        report = TrackingReport("t-1", "s-1", TrackingStatus.IN_TRANSIT, OPENED, OPENED + HOUR, "LX0001")
        seen = ParcelTracking(report.status, OPENED, tracking_number="LX0001")
        noted = replace(case, parcels={"s-1": replace(case.parcels["s-1"], status=report.status)})
        change = people.tracked(report, books(ports, case), seen)
        ports.orders.record_tracking(structs.replace(change, followed=Followed(case, noted, None)))
        assert stored(ports, case) == noted != case
        assert noted.version == case.version

    def test_q1_several_things_that_happen_at_once_are_one_write(self, ports: Ports) -> None:
        case = opened(ports)
        report = TrackingReport("t-1", "s-1", TrackingStatus.DELIVERED, OPENED, OPENED + HOUR, "LX0001")
        first = people.delivered(case, report)
        again = people.counter_offer(first.after, OPENED + HOUR)
        both = in_one([first, again]).from_call("call-1")
        ports.cases.commit(both, now=OPENED + HOUR)
        assert stored(ports, case) == again.after
        entries = ports.cases.timeline(case.dispute_id).items
        assert [entry.type for entry in entries][1:] == ["DELIVERED", "OFFER_MADE"]
        assert [entry.correlation_id for entry in entries][1:] == ["call-1", "call-1"]
        assert first_break(entries) is None
        with pytest.raises(ConflictingWriteError):
            ports.cases.commit(both, now=OPENED + HOUR)

    def test_r30_no_case_is_opened_on_what_a_carrier_has_said_since(self, ports: Ports) -> None:
        order_id = ports.order_id()
        read = ledger_of(ports, order_id)
        report = TrackingReport("t-1", "s-1", TrackingStatus.DELIVERED, OPENED, OPENED + HOUR, "LX0001")
        seen = ParcelTracking(report.status, OPENED, OPENED, OPENED + HOUR, "LX0001")
        ports.orders.record_tracking(people.tracked(report, read, seen))
        with pytest.raises(OrderHeldError):
            ports.cases.commit(people.opening(ports.dispute_id(), read, order_id=order_id), now=OPENED)
        fresh = ledger_of(ports, order_id)
        change = people.opening(ports.dispute_id(), fresh, order_id=order_id)
        ports.cases.commit(change, now=OPENED)
        assert change.after.delivered_at == OPENED

    def test_q1_an_order_is_finished_once_and_never_under_a_dispute(self, ports: Ports) -> None:
        case, kept = opened(ports), idempotency(ports)
        held = books(ports, case)
        done = replace(held, finished_at=OPENED + HOUR, finished_by="RECEIPT_CONFIRMED")
        with pytest.raises(ConflictingWriteError):
            ports.orders.finish(held, done)
        left = parcels.cancel(case, BUYER, acknowledge_consequences=True, now=OPENED + HOUR)
        ports.cases.commit(left, now=OPENED + HOUR)
        ports.orders.finish(books(ports, case), done, idempotency=kept)
        after = books(ports, case)
        assert (after.finished_at, after.finished_by) == (done.finished_at, done.finished_by)
        with pytest.raises(IdempotencyRecordExistsError):
            ports.orders.finish(after, done, idempotency=kept)
        with pytest.raises(ConflictingWriteError):
            ports.orders.finish(after, done)


class PortsContract(CasesContract, RefundsContract, TimersContract, OutboxContract, OrdersContract):
    """The whole contract."""

    @pytest.fixture
    def ports(self) -> Ports:
        raise NotImplementedError


def _renamed(change: Change, dispute_id: str, order_id: str) -> Change:
    """The same change of a case and an order of other names; its hashes stay those of the first."""
    names: dict[str, Any] = {"dispute_id": dispute_id, "order_id": order_id}
    refund = change.refund and replace(change.refund, **names, refund_id=f"rf-{dispute_id}")
    return replace(
        change,
        before=replace(change.before, **names),
        after=replace(change.after, **names),
        entry=replace(change.entry, dispute_id=dispute_id),
        refund=refund,
    )
