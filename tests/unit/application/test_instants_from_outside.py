"""Instants that others say: bounded on both sides, correctable, and never at the cost of somebody's time (R41)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from buyer_protection.application.actions import order_upserts, orders
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.schemas.events import OrderUpserted
from buyer_protection.application.schemas.requests import OrderRequest, ShipmentModel
from buyer_protection.application.workers.inbound_events import receive_event
from buyer_protection.domain.errors import ConflictError, InvalidRequestError
from buyer_protection.domain.order import Order
from tests.support.builders import DAY, OPENED, POLICY, SHIPPED, order
from tests.support.fakes import World
from tests.unit.application.helpers import BUYER, SHOP, call, case_of, doc, opened, wish, world
from tests.unit.application.order_calls import MINUTE, code_of, projection, put
from tests.unit.application.parcel_calls import corrected, deliveries, report

MS = timedelta(milliseconds=1)
SKEW = timedelta(minutes=5)


def parcel(shipped_at: datetime, shipment_id: str = "sh-1") -> ShipmentModel:
    return ShipmentModel(shipment_id, "Post", "TN-1", shipped_at)


def by_call(of: World, said: OrderRequest) -> None:
    order_upserts.put_order(of.context, call(SHOP), "order-1", said)


def by_bus(of: World, said: OrderRequest) -> None:
    receive_event(of.context, OrderUpserted(order_id="order-1", order=said), OPENED)


@pytest.mark.parametrize("says", [by_call, by_bus])
def test_r41_an_order_says_nothing_of_the_future_but_its_completion(
    says: Callable[[World, OrderRequest], None],
) -> None:
    of, late = world(), OPENED + SKEW + MS
    said = projection(placed_at=late, shipments=[parcel(OPENED), parcel(late, "sh-2")])
    with pytest.raises(InvalidRequestError) as refused:
        says(of, said)
    assert [(wrong.pointer, wrong.code) for wrong in refused.value.fields] == [
        ("/placed_at", "IN_THE_FUTURE"),
        ("/shipments/1/shipped_at", "IN_THE_FUTURE"),
    ]
    assert put(
        of, placed_at=OPENED + SKEW, shipments=[parcel(OPENED + SKEW)], completion_at=OPENED + 90 * DAY
    )


@pytest.mark.parametrize("ahead", [timedelta(0), MINUTE, SKEW])
def test_b3_a_delivery_that_is_said_to_lie_ahead_can_be_corrected_at_once(ahead: timedelta) -> None:
    of = world()
    opened(of)
    report(of, "sh-1", OPENED + ahead)
    of.clock.at += timedelta(seconds=1)
    corrected(of, "sh-1")
    assert [kind for kind, _, _ in deliveries(of)] == ["DELIVERED", "DELIVERY_CORRECTED"]
    assert case_of(of).delivered_at is None
    of.clock.at += timedelta(seconds=1)
    report(of, "sh-1")
    assert case_of(of).delivered_at == of.clock.at


def test_b3_a_correction_that_is_said_to_lie_ahead_swallows_no_true_delivery() -> None:
    of = world()
    opened(of)
    report(of, "sh-1")
    of.clock.at += DAY
    corrected(of, "sh-1", of.clock.at + SKEW)
    of.clock.at += MINUTE
    report(of, "sh-1")
    assert case_of(of).delivered_at == of.clock.at


def test_r41_what_was_said_ahead_is_shown_as_it_was_said_and_is_the_same_event_again() -> None:
    of = world()
    said = report(of, "sh-1", OPENED + MINUTE, event_id="e-same")
    assert (said.status, doc(said)["occurred_at"]) == (201, "2026-03-06T12:01:00.000Z")
    of.clock.at += DAY
    assert report(of, "sh-1", OPENED + MINUTE, event_id="e-same").status == 200


# --- shipments that are reported late ------------------------------------------------------------------------------


def fresh(promise: int, registered_at: datetime) -> World:
    """An order that was placed without a parcel, whose shipment at SHIPPED is reported at that instant."""
    of = world(order(promise, shipments=()), registered_at)
    put(of, guaranteed_delivery_days=promise, shipments=[parcel(SHIPPED)])
    return of


def kept(of: World) -> Order:
    return of.orders_kept["order-1"]


@pytest.mark.parametrize(
    ("promise", "after_days", "time"),
    [
        (40, 0, 40),
        (40, 5, 40),
        (40, 6, 41),
        (40, 39, 74),
        (40, 90, 125),
        (5, 1, 5),
        (5, 2, 7),
        (5, 30, 35),
        (1, 1, 2),
        (1, 3, 4),
    ],
)
def test_r41_a_shipment_that_is_reported_late_takes_nothing_of_the_time_to_open_a_dispute(
    promise: int, after_days: int, time: int
) -> None:
    of = fresh(promise, SHIPPED + after_days * DAY)
    completion_at = kept(of).completion_at(POLICY)
    assert completion_at == SHIPPED + time * DAY
    of.clock.at = completion_at - MS
    assert doc(orders.get_dispute_eligibility(of.context, call(BUYER), "order-1"))["eligible"]
    of.clock.at = completion_at
    with pytest.raises(ConflictError) as refused:
        open_dispute(of.context, call(BUYER), wish())
    assert code_of(refused) == "ORDER_COMPLETED"


def test_r41_the_same_shipment_said_again_was_reported_when_it_was() -> None:
    of = fresh(40, SHIPPED + 60 * DAY)
    completion_at, version = kept(of).completion_at(POLICY), kept(of).revision
    of.clock.at += 10 * DAY
    put(of, shipments=[parcel(SHIPPED)])
    assert (kept(of).completion_at(POLICY), kept(of).revision) == (completion_at, version)
    put(of, shipments=[parcel(SHIPPED), parcel(of.clock.at, "sh-2")])
    assert kept(of).completion_at(POLICY) == of.clock.at + 40 * DAY


def test_r41_a_shipment_that_turns_out_to_be_long_ago_takes_nothing_of_the_time_that_there_was() -> None:
    of = world()
    put(of, shipments=[parcel(OPENED)])
    assert kept(of).completion_at(POLICY) == OPENED + 40 * DAY
    of.clock.at += DAY
    put(of, shipments=[parcel(OPENED - 60 * DAY)], placed_at=OPENED - 70 * DAY)
    assert kept(of).completion_at(POLICY) == OPENED + 40 * DAY


@pytest.mark.parametrize(
    "again",
    [
        [parcel(SHIPPED + MS)],
        [parcel(SHIPPED - MS)],
        [parcel(SHIPPED, "sh-renamed")],
        [parcel(SHIPPED), parcel(SHIPPED, "sh-2")],
    ],
)
def test_r02_no_news_of_an_old_parcel_opens_an_order_that_was_complete(again: list[ShipmentModel]) -> None:
    of = world()
    put(of, guaranteed_delivery_days=10, shipments=[parcel(SHIPPED)])
    of.clock.at = SHIPPED + 40 * DAY
    put(of, guaranteed_delivery_days=10, shipments=again)
    with pytest.raises(ConflictError) as refused:
        open_dispute(of.context, call(BUYER), wish())
    assert code_of(refused) == "ORDER_COMPLETED"


def test_r02_a_parcel_that_was_dropped_and_comes_back_opens_no_order_that_was_complete() -> None:
    of = world()
    two = [parcel(SHIPPED), ShipmentModel("sh-2", "Post", "TN-2", SHIPPED)]
    put(of, guaranteed_delivery_days=10, shipments=two)
    of.clock.at = SHIPPED + 40 * DAY
    put(of, guaranteed_delivery_days=10, shipments=two[:1])
    put(of, guaranteed_delivery_days=10, shipments=two)
    with pytest.raises(ConflictError) as refused:
        open_dispute(of.context, call(BUYER), wish())
    assert code_of(refused) == "ORDER_COMPLETED"


def test_r41_an_order_said_to_be_of_a_moment_ahead_refuses_no_true_one_of_the_next_minute() -> None:
    of = world()
    put(of, as_of=OPENED + 4 * MINUTE)
    assert kept(of).as_of == OPENED
    of.clock.at += MINUTE
    put(of, as_of=OPENED + MINUTE, shipping_amount_minor=7)
    assert kept(of).shipping_amount_minor == 7


def test_r41_an_open_dispute_hears_that_a_late_shipment_moves_when_it_could_be_opened_again() -> None:
    of = world()
    opened(of)
    before = case_of(of).reopen_until
    of.clock.at += 20 * DAY
    put(of, shipments=[parcel(SHIPPED), parcel(SHIPPED + DAY, "sh-2")])
    after = case_of(of).reopen_until
    assert before is not None
    assert after == max(before, of.clock.at + 35 * DAY)


def test_r03_the_shops_own_completion_wins_over_all() -> None:
    of = world(order(shipments=()), SHIPPED + 60 * DAY)
    put(of, shipments=[parcel(SHIPPED)], completion_at=SHIPPED + 61 * DAY)
    assert kept(of).completion_at(POLICY) == SHIPPED + 61 * DAY
