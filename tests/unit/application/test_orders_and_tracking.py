"""The order's calls: the projection, eligibility, the carrier's events (R1 to R4, R13, R29 to R34)."""

from datetime import datetime, timedelta

import pytest

from buyer_protection.application.actions import order_upserts, orders
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import (
    AddressModel,
    ContactModel,
    ItemChoice,
    OrderItemModel,
    OrderRequest,
    ShipmentModel,
    TrackingRequest,
)
from buyer_protection.domain.enums import DeliveryMethod, Reason, Status, TrackingStatus
from buyer_protection.domain.errors import ForbiddenError, InvalidRequestError, NotFoundError
from tests.support.builders import DAY, OPENED, PAID, PLACED, SECOND, SHIPPED, order, shipment
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    OTHER_BUYER,
    OTHER_SELLER,
    SELLER,
    SHOP,
    STAFF,
    call,
    cancel,
    case_of,
    doc,
    opened,
    roles_of,
    wish,
    world,
    world_in,
)


def projection(**changes: object) -> OrderRequest:
    plain = {
        "buyer_id": "buyer-1",
        "seller_id": "seller-1",
        "buyer": ContactModel(name="Ana", email="buyer@example.com"),
        "seller": ContactModel(name="Bo", email="seller@example.com"),
        "currency": "USD",
        "items": [OrderItemModel("mug", "Blue mug", 2, 2000)],
        "placed_at": PLACED,
        "guaranteed_delivery_days": 40,
        "shipments": [ShipmentModel("sh-1", "Post", "TN-1", SHIPPED, DeliveryMethod.SIGNATURE, ["mug"])],
        "delivery_address": AddressModel(["PO Box 3"], "10000", "BR"),
    }
    return OrderRequest(**(plain | changes))  # type: ignore[arg-type]


def track(
    of: World,
    status: TrackingStatus,
    at: datetime = OPENED,
    event_id: str = "e-1",
    shipment_id: str = "sh-1",
) -> Answer:
    asked = TrackingRequest(event_id, shipment_id, status, at)
    return orders.record_tracking_event(of.context, call(SHOP), "order-1", asked)


def test_r01_the_shop_puts_an_order_and_replaces_it_without_touching_its_ledger() -> None:
    of = world()
    of.orders_kept.clear()
    first = order_upserts.put_order(of.context, call(SHOP), "order-1", projection())
    assert (first.status, first.location) == (201, "/v1/orders/order-1")
    opened(of, refund=100)
    again = order_upserts.put_order(
        of.context, call(SHOP), "order-1", projection(guaranteed_delivery_days=50)
    )
    assert (again.status, again.location) == (200, None)
    assert doc(again)["active_dispute_id"] == CASE
    assert doc(again)["completion_at"] == "2026-04-20T12:00:00.000Z"


@pytest.mark.parametrize("caller", [BUYER, SELLER, MANAGER])
def test_r01_nobody_but_the_shop_puts_orders_or_tracking(caller: object) -> None:
    of = world()
    with pytest.raises(ForbiddenError):
        order_upserts.put_order(of.context, call(caller), "order-1", projection())  # type: ignore[arg-type]
    asked = TrackingRequest("e-1", "sh-1", TrackingStatus.DELIVERED, OPENED)
    with pytest.raises(ForbiddenError):
        orders.record_tracking_event(of.context, call(caller), "order-1", asked)  # type: ignore[arg-type]


def test_r01_a_projection_names_each_id_once_and_ships_what_was_ordered() -> None:
    of = world()
    mug, parcel = projection().items[0], projection().shipments[0]
    for changes, pointer, code in (
        ({"items": [mug, mug]}, "/items/1/item_id", "DUPLICATE"),
        ({"shipments": [parcel, parcel]}, "/shipments/1/shipment_id", "DUPLICATE"),
        (
            {"shipments": [ShipmentModel("sh-1", "Post", "T", SHIPPED, item_ids=["plate"])]},
            "/shipments/0/item_ids",
            "NOT_ON_ORDER",
        ),
    ):
        with pytest.raises(InvalidRequestError) as refused:
            order_upserts.put_order(of.context, call(SHOP), "order-2", projection(**changes))
        assert refused.value.fields == ((pointer, code),)


def test_r04_r32_r34_the_order_page_shows_its_instants_its_parcels_and_its_warnings() -> None:
    of = world()
    order_upserts.put_order(of.context, call(SHOP), "order-1", projection())
    body = doc(orders.get_order(of.context, call(BUYER), "order-1"))
    assert body["dispute_opens_at"] == "2026-03-06T12:00:00.000Z"
    assert body["completion_at"] == "2026-04-10T12:00:00.000Z"
    assert (body["completed"], body["warnings"]) == (False, ["PO_BOX_ADDRESS"])
    assert body["shipments"][0]["delivery_method"] == "SIGNATURE"
    assert body["delivery_address"]["lines"] == ["PO Box 3"]


def test_r01_the_seller_sees_no_address_and_nobody_sees_contact_data() -> None:
    of = world()
    for caller in (SELLER, STAFF):
        assert "delivery_address" not in doc(orders.get_order(of.context, call(caller), "order-1"))
    for caller in (BUYER, SELLER, MANAGER):
        assert b"example.com" not in orders.get_order(of.context, call(caller), "order-1").body
    assert "delivery_address" in doc(orders.get_order(of.context, call(MANAGER), "order-1"))


@pytest.mark.parametrize("caller", [OTHER_BUYER, OTHER_SELLER])
def test_r01_a_strangers_order_and_an_absent_one_look_the_same(caller: object) -> None:
    of = world()
    for read in (orders.get_order, orders.get_dispute_eligibility):
        with pytest.raises(NotFoundError) as not_mine:
            read(of.context, call(caller), "order-1")  # type: ignore[arg-type]
        with pytest.raises(NotFoundError) as absent:
            read(of.context, call(caller), "order-9")  # type: ignore[arg-type]
        assert vars(not_mine.value) == vars(absent.value)


def test_r04_eligibility_is_an_answer_for_the_buyer_only() -> None:
    of = world(at=OPENED - SECOND)
    body = doc(orders.get_dispute_eligibility(of.context, call(BUYER), "order-1"))
    assert body == {
        "eligible": False,
        "code": "TOO_EARLY",
        "rule": "R7",
        "opens_at": "2026-03-06T12:00:00.000Z",
        "closes_at": "2026-04-10T12:00:00.000Z",
        "max_refundable": {"amount_minor": PAID, "currency": "USD"},
        "items": [
            {
                "item_id": item_id,
                "eligible": False,
                "code": "TOO_EARLY",
                "rule": "R7",
                "opens_at": "2026-03-06T12:00:00.000Z",
                "closes_at": "2026-04-10T12:00:00.000Z",
                "max_refundable": {"amount_minor": minor, "currency": "USD"},
            }
            for item_id, minor in (("mug", 2000), ("spoon", 500))
        ],
        "item_ids": ["mug", "spoon"],
    }
    of.clock.at = OPENED
    assert doc(orders.get_dispute_eligibility(of.context, call(BUYER), "order-1"))["eligible"] is True
    for caller in (SELLER, MANAGER):
        with pytest.raises(NotFoundError):
            orders.get_dispute_eligibility(of.context, call(caller), "order-1")


def test_r02_an_order_completes_at_its_instant_unless_a_dispute_holds_it() -> None:
    of = world(at=SHIPPED + 40 * DAY)
    assert doc(orders.get_order(of.context, call(BUYER), "order-1"))["completed"] is True
    of.clock.at -= SECOND
    assert doc(orders.get_order(of.context, call(BUYER), "order-1"))["completed"] is False


def test_r29_an_event_is_taken_once_and_a_duplicate_changes_nothing() -> None:
    of = world()
    first = track(of, TrackingStatus.IN_TRANSIT)
    assert (first.status, doc(first)["duplicate"]) == (201, False)
    ledger = of.ledgers["order-1"]
    again = track(of, TrackingStatus.IN_TRANSIT)
    assert (again.status, doc(again)["duplicate"]) == (200, True)
    assert of.ledgers["order-1"] == ledger
    assert [r.event_id for r in of.orders.tracking_reports("order-1")] == ["e-1"]


def test_r29_a_late_arrival_does_not_overwrite_what_is_newer() -> None:
    of = world()
    track(of, TrackingStatus.ARRIVED_FOR_COLLECTION, OPENED - DAY, "e-2")
    track(of, TrackingStatus.IN_TRANSIT, OPENED - 3 * DAY, "e-1")
    seen = of.ledgers["order-1"].tracking["sh-1"]
    assert (seen.status, seen.occurred_at) == (TrackingStatus.ARRIVED_FOR_COLLECTION, OPENED - DAY)


def test_r29_an_event_names_a_shipment_of_the_order_and_lies_in_the_past() -> None:
    of = world()
    for kwargs, pointer in (
        ({"shipment_id": "sh-9"}, "/shipment_id"),
        ({"at": OPENED + timedelta(minutes=5, seconds=1)}, "/occurred_at"),
    ):
        with pytest.raises(InvalidRequestError) as refused:
            track(of, TrackingStatus.IN_TRANSIT, **kwargs)
        assert (refused.value.rule, refused.value.fields[0].pointer) == ("R29", pointer)
    assert track(of, TrackingStatus.IN_TRANSIT, OPENED + timedelta(minutes=5)).status == 201
    asked = TrackingRequest("e-1", "sh-1", TrackingStatus.DELIVERED, OPENED)
    with pytest.raises(NotFoundError):
        orders.record_tracking_event(of.context, call(SHOP), "order-9", asked)


def test_r30_delivered_twice_sends_the_buyer_one_mail_and_closes_nothing() -> None:
    of = world_in(Status.NEGOTIATION)
    now = of.clock.at
    for event in ("e-1", "e-2", "e-2"):
        track(of, TrackingStatus.DELIVERED, now, event)
    of.deliver_stream(times=2)
    assert [who for who, kind in roles_of(of) if kind == "DELIVERED"] == ["BUYER"]
    assert (case_of(of).status, case_of(of).delivered_at) == (Status.NEGOTIATION, now)
    assert case_of(of).reason_change_due_at == now + 5 * DAY


def test_r30_a_delivery_is_noted_without_a_mail_where_the_buyer_has_it_anyway() -> None:
    of = world_in(Status.NEGOTIATION, Reason.NOT_AS_DESCRIBED)
    track(of, TrackingStatus.DELIVERED, of.clock.at)
    of.deliver_stream()
    assert case_of(of).delivered_at == of.clock.at
    assert "DELIVERED" not in {kind for _, kind in roles_of(of)}


@pytest.mark.parametrize("status", [Status.NEGOTIATION, Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW])
def test_r29_r31_events_are_taken_at_every_stage_and_an_open_dispute_keeps_the_order_open(
    status: Status,
) -> None:
    of = world_in(status)
    track(of, TrackingStatus.COLLECTION_EXPIRED, of.clock.at)
    assert of.ledgers["order-1"].finished_at is None
    assert of.ledgers["order-1"].tracking["sh-1"].status is TrackingStatus.COLLECTION_EXPIRED


def test_r31_a_parcel_that_nobody_collected_finishes_the_order_and_blocks_opening() -> None:
    of = world()
    track(of, TrackingStatus.COLLECTION_EXPIRED)
    assert (of.ledgers["order-1"].finished_at, of.ledgers["order-1"].finished_by) == (
        OPENED,
        "COLLECTION_EXPIRED",
    )
    body = doc(orders.get_dispute_eligibility(of.context, call(BUYER), "order-1"))
    assert (body["eligible"], body["code"], body["rule"]) == (False, "ORDER_COMPLETED", "R2")


def test_r29_a_late_collection_expired_does_not_finish_an_order_that_was_delivered_since() -> None:
    of = world()
    track(of, TrackingStatus.DELIVERED, OPENED - DAY, "e-2")
    track(of, TrackingStatus.COLLECTION_EXPIRED, OPENED - 2 * DAY, "e-1")
    assert of.ledgers["order-1"].tracking["sh-1"].status is TrackingStatus.DELIVERED
    assert of.ledgers["order-1"].finished_at is None


def test_r30_a_parcel_of_other_items_is_no_delivery_of_the_disputed_ones() -> None:
    two = (shipment(item_ids=("mug",)), shipment(SHIPPED, "sh-2", item_ids=("spoon",)))
    of = world(order(shipments=two))
    open_dispute(of.context, call(BUYER), wish(100, items=[ItemChoice("mug", 1)]))
    track(of, TrackingStatus.DELIVERED, OPENED, shipment_id="sh-2")
    assert case_of(of).delivered_at is None
    track(of, TrackingStatus.DELIVERED, OPENED, "e-2", "sh-1")
    assert case_of(of).delivered_at == OPENED


def test_r29_an_event_beside_somebody_elses_change_is_decided_anew() -> None:
    of = world_in(Status.NEGOTIATION)
    of.before_commit = lambda: cancel(of)
    assert track(of, TrackingStatus.COLLECTION_EXPIRED, of.clock.at).status == 201
    assert case_of(of).status is Status.CANCELLED
    assert of.ledgers["order-1"].finished_by == "COLLECTION_EXPIRED"
