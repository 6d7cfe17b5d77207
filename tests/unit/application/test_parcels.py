"""Each parcel by itself (findings B1, B2; R27, R30): delivered before and under the case, packed anew by the shop."""

from datetime import timedelta

import pytest

from buyer_protection.application.actions import orders
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.schemas.requests import (
    ItemChoice,
    OrderItemModel,
    ShipmentModel,
)
from buyer_protection.domain.enums import EventType, Reason, TrackingStatus
from buyer_protection.domain.errors import ConflictError
from buyer_protection.domain.timeline import first_break
from tests.support.builders import DAY, OPENED, SHIPPED, order
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    call,
    case_of,
    doc,
    opened,
    roles_of,
    seen,
    wish,
    world,
)
from tests.unit.application.order_calls import put, worth
from tests.unit.application.parcel_calls import (
    MUG,
    SPOON,
    THREE,
    change_reason,
    deliveries,
    entries,
    mails,
    report,
    sent_as,
    two_parcels,
)

# --- B1, B2: one clock a parcel -----------------------------------------------------------------------------------


def test_b1_each_parcel_has_its_entry_and_mail_and_only_the_last_speaks_of_cancelling() -> None:
    of = two_parcels()
    opened(of)
    of.clock.at += 2 * DAY
    report(of, "sh-1")
    [first] = mails(of)
    assert case_of(of).delivered_at is None
    assert case_of(of).reason_change_due_at is None
    assert "sh-1 (Post TN-1): Blue mug" in first
    assert "Still on the way: sh-2 (Post TN-2): Tea spoon." in first
    assert "cancel" not in first.lower()
    of.clock.at += 5 * DAY
    report(of, "sh-2")
    _, last = mails(of)
    assert "sh-2 (Post TN-2): Tea spoon" in last
    assert "cancel the dispute" in last
    assert "2026-03-18 12:00:00 UTC" in last
    assert deliveries(of) == [("DELIVERED", "sh-1", ["sh-2"]), ("DELIVERED", "sh-2", [])]
    assert [one["is_last"] for one in entries(of, EventType.DELIVERED)] == [False, True]
    assert case_of(of).reason_change_due_at == of.clock.at + 5 * DAY
    change_reason(of)
    assert case_of(of).reason is Reason.NOT_AS_DESCRIBED


def test_b1_the_reason_can_be_changed_until_five_days_after_the_last_parcel_and_no_longer() -> None:
    of = two_parcels()
    opened(of)
    report(of, "sh-1")
    of.clock.at += 3 * DAY
    report(of, "sh-2")
    of.clock.at += 5 * DAY - timedelta(milliseconds=1)
    assert seen(of, BUYER)["reason_change_due_at"] == "2026-03-14T12:00:00.000Z"
    of.clock.at += timedelta(milliseconds=1)
    with pytest.raises(ConflictError) as refused:
        change_reason(of)
    assert refused.value.code == "REASON_CHANGE_CLOSED"


def test_b1_three_parcels_of_which_two_carry_the_same_item() -> None:
    of = world(order(shipments=THREE))
    opened(of)
    for shipment_id in ("sh-3", "sh-1", "sh-2"):
        of.clock.at += DAY / 2
        report(of, shipment_id)
    assert deliveries(of) == [
        ("DELIVERED", "sh-3", ["sh-1", "sh-2"]),
        ("DELIVERED", "sh-1", ["sh-2"]),
        ("DELIVERED", "sh-2", []),
    ]
    of.deliver_stream()
    kinds = [kind for who, kind in roles_of(of) if who == "BUYER" and "DELIVERED" in kind]
    assert kinds == ["PARCEL_DELIVERED", "PARCEL_DELIVERED", "DELIVERED"]


def test_b1_a_mail_that_waited_says_what_is_on_its_way_when_it_leaves() -> None:
    of = world(order(shipments=THREE))
    opened(of)
    for shipment_id in ("sh-1", "sh-2"):
        report(of, shipment_id)
    first, second = mails(of)
    assert ("Still on the way: sh-3" in first, "Still on the way: sh-2" in first) == (True, False)
    assert "Still on the way: sh-3" in second


def test_b2_a_parcel_that_came_before_the_opening_counts_and_the_ones_after_speak() -> None:
    of = two_parcels()
    report(of, "sh-1", OPENED - DAY)
    of.clock.at += DAY
    opened(of)
    assert (case_of(of).delivered_at, case_of(of).reason_change_due_at) == (None, None)
    of.clock.at += 6 * DAY
    report(of, "sh-2")
    [mail] = mails(of)
    assert "cancel the dispute" in mail
    assert deliveries(of) == [("DELIVERED", "sh-2", [])]
    assert case_of(of).reason_change_due_at == of.clock.at + 5 * DAY


def test_b2_where_all_came_before_the_opening_the_time_runs_from_when_the_last_was_registered() -> None:
    of = two_parcels()
    report(of, "sh-2", OPENED - 3 * DAY)
    of.clock.at += DAY
    report(of, "sh-1", OPENED - 4 * DAY)
    of.clock.at += DAY
    opened(of)
    assert case_of(of).delivered_at == OPENED - 3 * DAY
    assert case_of(of).reason_change_due_at == OPENED + 6 * DAY


def test_b1_the_dispute_shows_its_parcels_and_the_order_each_journey() -> None:
    of = two_parcels()
    open_dispute(of.context, call(BUYER), wish(100, items=[ItemChoice("spoon", 1)]))
    report(of, "sh-2", of.clock.at, TrackingStatus.CUSTOMS_HELD)
    version = case_of(of).version
    held = {"shipment_id": "sh-2", "carrier": "Post", "item_ids": ["spoon"]}
    assert seen(of, BUYER)["parcels"] == [held | {"status": "CUSTOMS_HELD", "delivered_at": None}]
    assert case_of(of).version == version == 1
    of.clock.at += DAY
    report(of, "sh-2", OPENED + DAY / 2)
    at = "2026-03-07T00:00:00.000Z"
    assert seen(of, BUYER)["parcels"] == [held | {"status": "DELIVERED", "delivered_at": at}]
    shown = doc(orders.get_order(of.context, call(BUYER), "order-1"))["shipments"][1]
    assert (shown["tracking_status"], shown["delivered_at"]) == ("DELIVERED", at)
    assert (shown["registered_at"], shown["corrected_at"]) == ("2026-03-07T12:00:00.000Z", None)


def test_b1_a_parcel_of_other_items_is_none_of_the_dispute() -> None:
    of = two_parcels()
    open_dispute(of.context, call(BUYER), wish(100, items=[ItemChoice("mug", 1)]))
    report(of, "sh-2")
    assert (deliveries(of), case_of(of).version) == ([], 1)
    report(of, "sh-1")
    assert deliveries(of) == [("DELIVERED", "sh-1", [])]


# --- the shop packs anew under the case ------------------------------------------------------------------------------


def test_b1_a_parcel_that_the_shop_adds_under_the_case_is_on_its_way() -> None:
    of = world()
    opened(of)
    report(of, "sh-1")
    of.clock.at += DAY
    put(of, shipments=sent_as(("sh-1", "TN-1", MUG), ("sh-2", "TN-2", SPOON)))
    assert (case_of(of).delivered_at, case_of(of).reason_change_due_at) == (None, None)
    [mail] = mails(of)
    assert "Still on the way: sh-2 (Post TN-2): Tea spoon." in mail
    assert "cancel" not in mail.lower()
    report(of, "sh-2")
    assert deliveries(of) == [("DELIVERED", "sh-1", []), ("DELIVERED", "sh-2", [])]


def test_b1_where_the_shop_takes_the_last_parcel_away_the_others_are_all_there_is() -> None:
    of = two_parcels()
    opened(of)
    report(of, "sh-1")
    of.clock.at += 6 * DAY
    put(of, shipments=sent_as(("sh-1", "TN-1", ())))
    assert deliveries(of) == [("DELIVERED", "sh-1", ["sh-2"]), ("DELIVERED", "sh-1", [])]
    assert (case_of(of).delivered_at, case_of(of).reason_change_due_at) == (OPENED, of.clock.at + 5 * DAY)
    assert any("cancel the dispute" in mail for mail in mails(of))


def test_b1_a_parcel_that_goes_shortens_nobodys_time() -> None:
    of = two_parcels()
    opened(of)
    report(of, "sh-1")
    of.clock.at += 4 * DAY
    report(of, "sh-2")
    due = case_of(of).reason_change_due_at
    put(of, shipments=sent_as(("sh-1", "TN-1", ())))
    assert case_of(of).reason_change_due_at == due
    assert deliveries(of)[-1] == ("DELIVERY_CORRECTED", "sh-2", [])


def test_b3_one_put_may_correct_parcels_and_amounts_at_once() -> None:
    of = two_parcels()
    opened(of)
    for shipment_id in ("sh-1", "sh-2"):
        report(of, shipment_id)
    version, length = case_of(of).version, len(of.timeline[CASE])
    shipments = sent_as(("sh-1", "TN-8", MUG), ("sh-2", "TN-9", SPOON))
    put(of, shipments=shipments, items=worth(1000))
    kinds = [entry.type for entry in of.timeline[CASE]][-3:]
    assert kinds == ["DELIVERY_CORRECTED", "DELIVERY_CORRECTED", "ORDER_CHANGED"]
    assert (case_of(of).version, len(of.timeline[CASE])) == (version + 1, length + 3)
    assert first_break(of.timeline[CASE]) is None
    assert case_of(of).grantable.amount_minor == 1500
    assert [parcel.delivered_at for parcel in case_of(of).parcels.values()] == [None, None]


def test_b3_a_put_that_changes_only_the_carrier_shows_without_an_entry() -> None:
    of = world()
    opened(of)
    put(of, shipments=[ShipmentModel("sh-1", "Express", "TN-1", SHIPPED)])
    assert seen(of, BUYER)["parcels"][0]["carrier"] == "Express"
    assert case_of(of).version == 1


def test_b3_a_put_that_leaves_the_parcels_alone_writes_nothing_of_them() -> None:
    of = world()
    opened(of)
    report(of, "sh-1")
    before = case_of(of)
    put(of)
    assert case_of(of) == before


def test_b3_an_item_that_goes_from_the_order_takes_its_parcel_with_it() -> None:
    of = two_parcels()
    opened(of)
    report(of, "sh-1")
    put(of, items=[OrderItemModel("mug", "Blue mug", 2, 2000)], shipments=sent_as(("sh-1", "TN-1", MUG)))
    assert case_of(of).delivered_at == OPENED
    assert deliveries(of)[-1] == ("DELIVERED", "sh-1", [])
