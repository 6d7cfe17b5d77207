"""Events of the shop's systems: the API's own use cases, once per event, whatever order they come in."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.application.actions import negotiation
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.schemas.events import (
    INBOUND,
    OrderUpserted,
    RefundFailed,
    RefundSucceeded,
    TrackingUpdated,
)
from buyer_protection.application.schemas.requests import ItemChoice
from buyer_protection.application.workers.inbound_events import Outcome, receive_event
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.sweep_round import Sweeper
from buyer_protection.domain.enums import EventType, OfferType, RefundStatus, Status, TrackingStatus
from buyer_protection.domain.errors import (
    ConflictError,
    ImpossibleError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
)
from tests.support.builders import PAID
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    SELLER,
    call,
    cancel,
    case_of,
    doc,
    offer,
    opened,
    wish,
    world,
)

HOUR = timedelta(hours=1)


def settled() -> World:
    of = world()
    opened(of)
    negotiation.accept_request(of.context, call(SELLER), CASE)
    of.deliver_stream()
    of.bus.published.clear()
    return of


def take(of: World, event: Any, sent_at: datetime | None = None) -> Outcome:
    return receive_event(of.context, event, sent_at or of.clock.now())


def paid(of: World, minor: int = PAID) -> RefundSucceeded:
    return RefundSucceeded(
        refund_id="rf-dp-1", amount_minor=minor, currency="USD", occurred_at=of.clock.now(), reference="p-1"
    )


def failed(of: World, minor: int = PAID) -> RefundFailed:
    return RefundFailed(
        refund_id="rf-dp-1", amount_minor=minor, currency="USD", occurred_at=of.clock.now(), reason="CARD"
    )


def sweeper(of: World) -> Sweeper:
    return Sweeper(
        of.cases,
        of.timers,
        of.refunds,
        of.executions,
        of.queue,
        of.bus,
        of.clock,
        of.orders,
        of.webhook_queue,
    )


def order_event(of: World, **changes: Any) -> OrderUpserted:
    body: dict[str, Any] = {
        "buyer_id": "buyer-1",
        "seller_id": "seller-1",
        "buyer": {"email": "buyer@example.com", "name": "B"},
        "seller": {"email": "seller@example.com", "name": "S"},
        "currency": "USD",
        "items": [{"item_id": "i-1", "title": "Lamp", "quantity": 1, "amount_minor": 2000}],
        "placed_at": "2026-01-01T00:00:00Z",
        "guaranteed_delivery_days": 30,
        "shipments": [
            {
                "shipment_id": "s-1",
                "carrier": "C",
                "tracking_number": "T",
                "shipped_at": "2026-01-02T00:00:00Z",
            }
        ],
    }
    detail = {"order_id": "order-9", "order": {**body, **changes}}
    return msgspec.convert(detail, OrderUpserted)


def test_r25_a_success_is_noted_once_and_nothing_is_asked_for_any_more() -> None:
    of = settled()
    money = of.ledgers["order-1"].refunded_minor
    assert [take(of, paid(of)) for _ in range(3)] == [Outcome.RECORDED, Outcome.KNOWN, Outcome.KNOWN]
    case = case_of(of)
    assert (case.status, case.refund_status) == (Status.RESOLVED, RefundStatus.SUCCEEDED)
    kinds = [entry.type for entry in of.timeline[CASE]]
    assert kinds.count(EventType.REFUND_SUCCEEDED) == 1
    assert of.ledgers["order-1"].refunded_minor == money
    of.bus.published.clear()
    of.deliver_stream()
    assert [event.type for event in of.bus.published] == ["RefundPaid"]
    of.clock.at += 100 * HOUR
    assert "refunds_reemitted" not in sweep(sweeper(of))


def test_r25_contradictory_answers_change_nothing() -> None:
    of = settled()
    take(of, paid(of))
    before = (case_of(of), dict(of.refunds_kept), dict(of.ledgers))
    for event, code in (
        (paid(of, PAID - 1), "REFUND_AMOUNT_DIFFERS"),
        (failed(of, PAID + 1), "REFUND_AMOUNT_DIFFERS"),
        (msgspec.structs.replace(paid(of), reference="p-2"), "REFUND_PAID_TWICE"),
    ):
        with pytest.raises(ConflictError) as refused:
            take(of, event)
        assert refused.value.code == code
    assert (case_of(of), dict(of.refunds_kept), dict(of.ledgers)) == before


def test_r25_a_failure_of_an_earlier_attempt_that_comes_late_changes_nothing() -> None:
    of = settled()
    take(of, failed(of))
    of.clock.at += HOUR
    assert sweep(sweeper(of))["refunds_reemitted"] == 1
    kept = of.refunds_kept[CASE]
    assert take(of, failed(of)) is Outcome.KNOWN
    assert of.refunds_kept[CASE] == kept
    assert take(of, paid(of)) is Outcome.RECORDED
    assert take(of, msgspec.structs.replace(paid(of), reference=None)) is Outcome.KNOWN


class Lives(NamedTuple):
    """Disputes of one order, one after the other: items and money of each, and how it ends."""

    items: list[int]
    minor: int
    ends: str


LIVES = st.lists(
    st.builds(
        Lives,
        st.lists(st.sampled_from([0, 1]), unique=True),
        st.integers(1, 2 * PAID),
        st.sampled_from(["cancel", "grant", "accept less", "nothing"]),
    ),
    min_size=1,
    max_size=5,
)


@given(LIVES)
def test_r11_r28_an_orders_ledger_is_the_sum_of_its_refunds_and_never_above_what_was_paid(
    lives: list[Lives],
) -> None:
    of = world()
    goods = of.orders_kept["order-1"]
    for life in lives:
        items = [ItemChoice(goods.items[n].item_id, 1) for n in life.items if n < len(goods.items)]
        try:
            case = opened_about(of, items, life.minor)
        except (ConflictError, ImpossibleError, LimitReachedError):
            continue
        end(of, case, life)
        of.deliver_stream()
        asked = sum(refund.amount.amount_minor for refund, _ in of.refunds_kept.values())
        assert of.ledgers["order-1"].refunded_minor == asked <= goods.paid().amount_minor
        of.clock.at += timedelta(minutes=1)
    assert of.ledger("order-1").disputes_opened <= of.policy.max_disputes_per_order
    requested = [event.event_id for event in of.bus.published if event.type == "RefundRequested"]
    assert len(requested) == len(set(requested)) == len(of.refunds_kept)


def test_r11_r25_two_disputes_about_different_items_bring_two_refunds_each_answered_by_itself() -> None:
    of = world()
    goods = of.orders_kept["order-1"]
    cases = []
    for item in goods.items:
        cases.append(opened_about(of, [ItemChoice(item.item_id, item.quantity)], item.amount_minor))
        negotiation.accept_request(of.context, call(SELLER), cases[-1])
    of.deliver_stream()
    assert of.ledgers["order-1"].refunded_minor == goods.paid().amount_minor
    first, second = (of.refunds_kept[case][0] for case in cases)
    assert first.amount + second.amount == goods.paid()
    report = msgspec.structs.replace(
        paid(of, second.amount.amount_minor), refund_id=second.refund_id, reference="p-2"
    )
    assert take(of, report) is Outcome.RECORDED
    assert [case_of(of, case).refund_status for case in cases] == [
        RefundStatus.REQUESTED,
        RefundStatus.SUCCEEDED,
    ]
    requested = [event for event in of.bus.published if event.type == "RefundRequested"]
    assert [event.detail["refund_id"] for event in requested] == [first.refund_id, second.refund_id]


def opened_about(of: World, items: list[ItemChoice], minor: int) -> str:
    request = wish(minor, items=items)
    return str(doc(open_dispute(of.context, call(BUYER), request))["dispute_id"])


def end(of: World, case: str, life: Lives) -> None:
    match life.ends:
        case "cancel":
            cancel(of, case)
        case "grant":
            negotiation.accept_request(of.context, call(SELLER), case)
        case "nothing":
            offer(of, SELLER, None, OfferType.NO_REFUND, case)
            negotiation.accept_offer(of.context, call(BUYER), case, "of-2")
        case _:
            offer(of, SELLER, 1, OfferType.REFUND, case)
            negotiation.accept_offer(of.context, call(BUYER), case, "of-2")


def test_an_answer_about_no_refund_of_ours_is_not_found() -> None:
    of = settled()
    for refund_id in ("rf-dp-2", "dp-1", "rf-"):
        with pytest.raises(NotFoundError):
            take(of, msgspec.structs.replace(paid(of), refund_id=refund_id))


def test_r25_an_answer_that_meets_another_change_is_decided_anew() -> None:
    of = settled()
    of.before_commit = lambda: take(of, failed(of)) and None
    assert take(of, paid(of)) is Outcome.RECORDED
    assert case_of(of).refund_status is RefundStatus.SUCCEEDED


def test_r29_tracking_counts_once_and_waits_for_its_order() -> None:
    of = world()
    event = TrackingUpdated(
        order_id="order-1",
        event_id="e-1",
        shipment_id=of.orders_kept["order-1"].shipments[0].shipment_id,
        status=TrackingStatus.DELIVERED,
        occurred_at=of.clock.now(),
    )
    assert [take(of, event) for _ in range(3)] == [Outcome.RECORDED, Outcome.KNOWN, Outcome.KNOWN]
    assert len(of.tracks) == 1
    with pytest.raises(NotFoundError):
        take(of, msgspec.structs.replace(event, order_id="order-2"))
    with pytest.raises(InvalidRequestError):
        take(of, msgspec.structs.replace(event, event_id="e-2", occurred_at=of.clock.now() + HOUR))


def test_r2_r3_an_order_from_the_bus_is_the_order_of_the_api() -> None:
    of = world()
    now = of.clock.now()
    assert take(of, order_event(of)) is Outcome.RECORDED
    assert of.orders_kept["order-9"].guaranteed_delivery_days == 30
    older = order_event(of, guaranteed_delivery_days=10)
    assert take(of, older, now - timedelta(seconds=1)) is Outcome.KNOWN
    assert take(of, msgspec.structs.replace(older, at=now - HOUR)) is Outcome.KNOWN
    assert of.orders_kept["order-9"].guaranteed_delivery_days == 30
    assert take(of, older, now + timedelta(seconds=1)) is Outcome.RECORDED
    assert of.orders_kept["order-9"].guaranteed_delivery_days == 10
    assert of.sellers.totals("seller-1").orders == 1
    with pytest.raises(InvalidRequestError):
        take(
            of, order_event(of, items=2 * [{"item_id": "i", "title": "t", "quantity": 1, "amount_minor": 1}])
        )


def test_every_inbound_model_ignores_what_it_does_not_know() -> None:
    detail = {
        "refund_id": "rf-1",
        "amount_minor": 1,
        "currency": "USD",
        "occurred_at": "2026-01-01T00:00:00Z",
    }
    for name in ("RefundSucceeded", "RefundFailed"):
        assert msgspec.convert({**detail, "more": 1}, INBOUND[name]).schema_version == 1
