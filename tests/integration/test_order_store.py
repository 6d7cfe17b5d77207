"""The order store over moto: the shop's projection, the ledger, and what carriers report (R29 to R31)."""

from dataclasses import replace

import pytest

from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.application.ports.errors import (
    ConflictingWriteError,
    IdempotencyRecordExistsError,
    OrderHeldError,
)
from buyer_protection.application.ports.idempotency import Answer, IdempotencyRecord
from buyer_protection.application.ports.orders import LoadedOrder, OrderChange, TrackingReport
from buyer_protection.domain import negotiation
from buyer_protection.domain.enums import TrackingStatus
from buyer_protection.domain.order import OrderLedger, ParcelTracking
from tests.integration import people
from tests.integration.people import DISPUTE_ID, OPENED, ORDER_ID, SELLER, days

RECEIPT = IdempotencyRecord("e" * 64, "b" * 64, Answer(201, b"{}"))
NOBODY = OrderLedger(ORDER_ID)


def report(
    event_id: str = "e-1", status: TrackingStatus = TrackingStatus.DELIVERED, at: float = 1
) -> TrackingReport:
    return TrackingReport(event_id, "s-1", status, OPENED + days(at), OPENED + days(at + 0.5))


def seen(of: TrackingReport) -> ParcelTracking:
    delivered = of.occurred_at if of.status is TrackingStatus.DELIVERED else None
    return ParcelTracking(of.status, of.occurred_at, delivered)


def loaded(orders: PynamoOrderStore) -> LoadedOrder:
    found = orders.load(ORDER_ID, idempotency_id=RECEIPT.idempotency_id)
    assert found is not None
    return found


def test_an_order_is_put_read_and_replaced_whole(orders: PynamoOrderStore) -> None:
    assert orders.load(ORDER_ID) is None
    orders.put(people.order())
    assert loaded(orders) == LoadedOrder(people.order(), NOBODY)
    changed = replace(people.order(), shipments=(), guaranteed_delivery_days=20, revision=1, as_of=OPENED)
    orders.change(OrderChange(loaded(orders), changed, NOBODY, OPENED))
    assert loaded(orders).order == changed


def test_an_upsert_leaves_the_ledger_alone(orders: PynamoOrderStore, cases: PynamoCaseStore) -> None:
    orders.put(people.order())
    cases.commit(people.opening(), now=OPENED)
    before = loaded(orders)
    orders.change(OrderChange(before, replace(people.order(), revision=1), before.ledger, OPENED))
    assert loaded(orders).ledger == before.ledger


def test_a_report_is_recorded_once(orders: PynamoOrderStore) -> None:
    orders.put(people.order())
    first = report()
    assert orders.record_tracking(people.tracked(first, NOBODY, seen(first), idempotency=RECEIPT))
    found = loaded(orders)
    assert found.ledger.tracking == {"s-1": seen(first)}
    assert found.idempotency == RECEIPT
    assert not orders.record_tracking(people.tracked(first, found.ledger, seen(first)))
    with pytest.raises(IdempotencyRecordExistsError):
        orders.record_tracking(people.tracked(first, found.ledger, seen(first), idempotency=RECEIPT))
    assert orders.tracking_reports(ORDER_ID) == [first]


def test_reports_come_in_the_order_in_which_they_happened(orders: PynamoOrderStore) -> None:
    late, early = report("e-1", at=2), report("e-2", TrackingStatus.IN_TRANSIT, at=1)
    orders.record_tracking(people.tracked(late, NOBODY, seen(late)))
    orders.record_tracking(
        people.tracked(early, OrderLedger(ORDER_ID, tracking={"s-1": seen(late)}), seen(late))
    )
    assert orders.tracking_reports(ORDER_ID) == [early, late]


def test_another_report_in_between_is_a_conflict(orders: PynamoOrderStore) -> None:
    first, second = report("e-1", TrackingStatus.IN_TRANSIT), report("e-2")
    orders.record_tracking(people.tracked(first, NOBODY, seen(first)))
    with pytest.raises(ConflictingWriteError):
        orders.record_tracking(people.tracked(second, NOBODY, seen(second)))
    stale = OrderLedger(ORDER_ID, tracking={"s-1": seen(second)})
    with pytest.raises(ConflictingWriteError):
        orders.record_tracking(people.tracked(second, stale, seen(second)))
    fresh = OrderLedger(ORDER_ID, tracking={"s-1": seen(first)})
    assert orders.record_tracking(people.tracked(second, fresh, seen(second)))


def test_an_opening_in_between_is_a_conflict_and_the_order_is_not_finished(
    orders: PynamoOrderStore, cases: PynamoCaseStore
) -> None:
    orders.put(people.order())
    cases.commit(people.opening(), now=OPENED)
    expired = report("e-1", TrackingStatus.COLLECTION_EXPIRED)
    with pytest.raises(ConflictingWriteError):
        orders.record_tracking(
            people.tracked(expired, NOBODY, seen(expired), finished_by="COLLECTION_EXPIRED")
        )
    assert loaded(orders).ledger.finished_at is None
    assert orders.tracking_reports(ORDER_ID) == []


def test_an_uncollected_parcel_finishes_the_order(orders: PynamoOrderStore, cases: PynamoCaseStore) -> None:
    orders.put(people.order())
    expired = report("e-1", TrackingStatus.COLLECTION_EXPIRED)
    orders.record_tracking(people.tracked(expired, NOBODY, seen(expired), finished_by="COLLECTION_EXPIRED"))
    ledger = loaded(orders).ledger
    assert (ledger.finished_at, ledger.finished_by) == (expired.received_at, "COLLECTION_EXPIRED")
    with pytest.raises(OrderHeldError):
        cases.commit(people.opening(), now=OPENED)


def test_a_delivery_reaches_the_open_case_in_the_same_transaction(
    orders: PynamoOrderStore, cases: PynamoCaseStore
) -> None:
    orders.put(people.order())
    opened = people.opening().after
    cases.commit(people.opening(), now=OPENED)
    delivered = report()
    change = people.delivered(opened, delivered)
    ledger = loaded(orders).ledger
    assert orders.record_tracking(people.tracked(delivered, ledger, seen(delivered), case_change=change))
    found = cases.load(DISPUTE_ID)
    assert found is not None
    assert found.case == change.after
    # The case was changed in between: nothing of a second report is written.
    second = report("e-2", at=2)
    with pytest.raises(ConflictingWriteError):
        orders.record_tracking(
            people.tracked(second, loaded(orders).ledger, seen(second), case_change=change)
        )
    assert orders.tracking_reports(ORDER_ID) == [delivered]


def test_a_report_never_closes_a_case(orders: PynamoOrderStore) -> None:
    closing = negotiation.accept_request(people.opening().after, SELLER, OPENED)
    with pytest.raises(AssertionError, match="neither opens nor closes"):
        orders.record_tracking(people.tracked(report(), NOBODY, seen(report()), case_change=closing))
