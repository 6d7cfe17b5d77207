"""What every implementation of the store of orders must do (R2, R29, R38 to R41)."""

from dataclasses import replace

import pytest
from msgspec import structs

from buyer_protection.application.ports.errors import (
    ConflictingWriteError,
    IdempotencyRecordExistsError,
    OrderHeldError,
)
from buyer_protection.application.ports.orders import OrderChange, TrackingReport, reversal_of
from buyer_protection.domain import parcels
from buyer_protection.domain.enums import RefundKind, Status, TrackingStatus
from buyer_protection.domain.ledger import RefundElsewhere, with_given_back
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import DisputedItem, OrderLedger, ParcelTracking, Settlement
from buyer_protection.domain.timeline import first_break
from buyer_protection.domain.tracking import Followed, in_one
from tests.contracts.ports import Ports
from tests.contracts.scenes import (
    HOUR,
    agreed,
    books,
    idempotency,
    ledger_of,
    loaded_order,
    opened,
    refunded,
    stored,
)
from tests.integration import people
from tests.integration.people import BUYER, OPENED, PAID, days


class OrdersContract:
    def test_a08_an_order_is_replaced_over_the_one_that_was_read(self, ports: Ports) -> None:
        order = people.order(ports.order_id())
        assert ports.orders.load(order.order_id) is None
        assert ports.orders.load_for_upsert(order).loaded is None
        assert ports.orders.put(order)
        assert not ports.orders.put(replace(order, guaranteed_delivery_days=1))
        read = loaded_order(ports, order.order_id)
        assert (read.order, read.ledger) == (order, OrderLedger(order.order_id))
        assert ports.orders.load_for_upsert(order).loaded == read
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
        lines = {"i-1": 1499, "i-2": 500}
        refund = RefundElsewhere("g-1", RefundKind.CHARGEBACK, PAID, OPENED, lines, {"i-1": 1, "i-2": 2})
        refund = replace(refund, open_dispute=case.dispute_id)
        ports.orders.change(refunded(loaded_order(ports, case.order_id), case, refund))
        now, after = stored(ports, case), books(ports, case)
        # It settles nothing, and what came for its units stays theirs.
        assert after.settlements == (Settlement(case.dispute_id, {}, elsewhere=lines, counted=lines),)
        assert (now.status, now.grantable) == (Status.CANCELLED, Money(0, "USD"))
        assert (after.active_dispute_id, after.version, after.elsewhere_minor) == (None, 2, PAID.amount_minor)
        assert ports.refunds.overdue(case.dispute_id, OPENED + days(9)) is None
        back = replace(refund, refund_id="g-2", reverses="g-1")
        read = loaded_order(ports, case.order_id, "g-1", reversal_of("g-1"))
        undone = OrderChange(read, read.order, with_given_back(read.ledger, back), OPENED, refund=back)
        ports.orders.change(undone)
        after, nothing = books(ports, case), dict.fromkeys(lines, 0)
        assert after.elsewhere_minor == 0
        assert after.settlements == (Settlement(case.dispute_id, {}, elsewhere=lines, counted=nothing),)
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
