"""What carriers and the shop take back, say late, early or twice (findings B3, B4; R29, R41)."""

from datetime import timedelta

import pytest

from buyer_protection.application.actions import orders
from buyer_protection.application.schemas.requests import (
    ShipmentModel,
)
from buyer_protection.domain.enums import Reason, Status, TrackingStatus
from buyer_protection.domain.errors import ConflictError, DisputeError
from buyer_protection.domain.timeline import first_break
from tests.support.builders import DAY, OPENED, SHIPPED
from tests.unit.application.delivering import deliver as send_mails
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    call,
    cancel,
    case_of,
    doc,
    opened,
    return_delivered,
    seen,
    world,
    world_in,
)
from tests.unit.application.order_calls import put
from tests.unit.application.parcel_calls import (
    MUG,
    SPOON,
    change_reason,
    corrected,
    deliveries,
    entries,
    mails,
    report,
    sent_as,
    two_parcels,
)

# --- B3: corrections and journeys ---------------------------------------------------------------------------------


def test_b3_a_correction_takes_the_delivery_back_and_the_true_one_counts() -> None:
    of = world()
    opened(of)
    report(of, "sh-1")
    of.clock.at += DAY
    corrected(of, "sh-1")
    assert (case_of(of).delivered_at, case_of(of).reason_change_due_at) == (None, None)
    assert seen(of, BUYER)["parcels"][0]["status"] == "DELIVERY_CORRECTED"
    of.clock.at += 6 * DAY
    report(of, "sh-1")
    assert deliveries(of) == [
        ("DELIVERED", "sh-1", []),
        ("DELIVERY_CORRECTED", "sh-1", ["sh-1"]),
        ("DELIVERED", "sh-1", []),
    ]
    assert case_of(of).reason_change_due_at == of.clock.at + 5 * DAY
    assert first_break(of.timeline[CASE]) is None


def test_b3_another_tracking_number_is_another_journey() -> None:
    of = world()
    opened(of)
    report(of, "sh-1")
    of.clock.at += DAY
    put(of, shipments=[ShipmentModel("sh-1", "Post", "TN-9", SHIPPED)])
    assert deliveries(of)[-1] == ("DELIVERY_CORRECTED", "sh-1", ["sh-1"])
    assert case_of(of).delivered_at is None
    assert seen(of, BUYER)["parcels"][0]["status"] is None
    shown = doc(orders.get_order(of.context, call(BUYER), "order-1"))["shipments"][0]
    assert (shown["tracking_status"], shown["delivered_at"]) == (None, None)
    of.clock.at += DAY
    report(of, "sh-1")
    assert case_of(of).delivered_at == of.clock.at
    shown = doc(orders.get_order(of.context, call(BUYER), "order-1"))["shipments"][0]
    assert [(one["status"], one["tracking_number"]) for one in shown["history"]] == [
        ("DELIVERED", "TN-1"),
        ("DELIVERED", "TN-9"),
    ]
    assert [one["occurred_at"] for one in shown["history"]] == [
        "2026-03-06T12:00:00.000Z",
        "2026-03-08T12:00:00.000Z",
    ]


def test_b3_a_number_that_was_right_after_all_is_delivered_again_from_now_on() -> None:
    of = world()
    opened(of)
    report(of, "sh-1")
    for number in ("TN-9", "TN-1"):
        of.clock.at += 6 * DAY
        put(of, shipments=[ShipmentModel("sh-1", "Post", number, SHIPPED)])
    assert [kind for kind, _, _ in deliveries(of)] == ["DELIVERED", "DELIVERY_CORRECTED", "DELIVERED"]
    assert (case_of(of).delivered_at, case_of(of).reason_change_due_at) == (OPENED, of.clock.at + 5 * DAY)


def test_b3_a_correction_before_the_opening_leaves_the_parcel_on_its_way() -> None:
    of = world(at=OPENED)
    report(of, "sh-1", OPENED - DAY)
    corrected(of, "sh-1", OPENED - DAY / 2)
    opened(of)
    assert case_of(of).delivered_at is None
    report(of, "sh-1")
    assert deliveries(of) == [("DELIVERED", "sh-1", [])]


def test_b3_a_late_delivery_of_before_the_correction_changes_nothing() -> None:
    of = world()
    opened(of)
    corrected(of, "sh-1", OPENED)
    assert deliveries(of) == []
    of.clock.at += DAY
    report(of, "sh-1", OPENED - DAY)
    assert (deliveries(of), case_of(of).delivered_at) == ([], None)


def test_b3_a_late_correction_leaves_the_true_delivery_and_counts_it_from_now() -> None:
    of = world()
    opened(of)
    report(of, "sh-1", OPENED)
    of.clock.at += 7 * DAY
    report(of, "sh-1", OPENED + 6 * DAY)
    of.clock.at += DAY
    corrected(of, "sh-1", OPENED + DAY)
    assert [kind for kind, _, _ in deliveries(of)] == ["DELIVERED", "DELIVERY_CORRECTED", "DELIVERED"]
    assert case_of(of).delivered_at == OPENED + 6 * DAY
    assert case_of(of).reason_change_due_at == of.clock.at + 5 * DAY


def test_b3_a_correction_after_the_reason_was_changed_is_noted_and_mails_nobody() -> None:
    of = world()
    opened(of)
    report(of, "sh-1")
    change_reason(of)
    of.clock.at += DAY
    corrected(of, "sh-1")
    report(of, "sh-1", of.clock.at + timedelta(minutes=1))
    assert [kind for kind, _, _ in deliveries(of)] == ["DELIVERED", "DELIVERY_CORRECTED", "DELIVERED"]
    assert case_of(of).reason is Reason.NOT_AS_DESCRIBED
    assert mails(of) == []


def test_b3_after_the_end_the_case_stays_as_it_ended_and_the_order_follows() -> None:
    of = world()
    opened(of)
    report(of, "sh-1")
    cancel(of)
    ended = case_of(of)
    of.clock.at += DAY
    corrected(of, "sh-1")
    assert case_of(of) == ended
    assert of.ledger("order-1").tracking["sh-1"].delivered_at is None


def test_b3_a_mail_about_a_delivery_that_was_taken_back_is_dropped() -> None:
    of = world()
    opened(of)
    report(of, "sh-1")
    corrected(of, "sh-1")
    assert mails(of) == []
    assert "DELIVERY_CORRECTED" in {row.dropped for row in of.mails.values()}


def test_b3_a_return_that_was_not_delivered_after_all_is_corrected_too() -> None:
    of = world_in(Status.RETURN_SHIPPED)
    return_delivered(of, "r-1")
    corrected(of, f"return-{CASE}")
    assert case_of(of).return_delivered_at is None
    assert entries(of)[-1]["of"] == "RETURN"
    of.clock.at += DAY
    report(of, f"return-{CASE}")
    assert case_of(of).return_delivered_at == of.clock.at
    assert [one["type"] for one in entries(of)][-3:] == [
        "RETURN_DELIVERED",
        "DELIVERY_CORRECTED",
        "RETURN_DELIVERED",
    ]


# --- B4: late, early and repeated facts -------------------------------------------------------------------------------


def test_b4_the_time_runs_from_when_the_delivery_was_registered() -> None:
    of = world()
    opened(of)
    of.clock.at += 5.5 * DAY
    report(of, "sh-1", OPENED)
    assert (case_of(of).delivered_at, case_of(of).reason_change_due_at) == (OPENED, OPENED + 10.5 * DAY)
    [mail] = mails(of)
    assert "before" in mail
    assert "2026-03-17 00:00:00 UTC" in mail
    change_reason(of)


def test_b4_no_mail_names_a_date_that_has_passed_when_it_leaves() -> None:
    of = world()
    opened(of)
    report(of, "sh-1")
    of.deliver_stream()
    of.clock.at += 6 * DAY
    send_mails(of)
    [mail] = [mail["text"] for mail in of.transport.sent if mail["kind"] == "DELIVERED"]
    assert "change the reason" not in mail.lower()
    assert "2026-03-11 12:00" not in mail


def test_b4_a_second_and_earlier_delivery_leaves_the_time_as_it_was() -> None:
    of = world()
    opened(of)
    of.clock.at += 2 * DAY
    report(of, "sh-1", OPENED + 2 * DAY)
    due = case_of(of).reason_change_due_at
    of.clock.at += DAY
    report(of, "sh-1", OPENED + DAY)
    assert case_of(of).reason_change_due_at == due
    assert len(deliveries(of)) == 1


def test_b4_a_delivery_before_the_shipment_is_taken_as_of_the_shipment_with_a_warning() -> None:
    of = world()
    opened(of)
    answer = report(of, "sh-1", SHIPPED - DAY)
    assert (answer.status, doc(answer)["warnings"]) == (201, ["DELIVERED_BEFORE_SHIPMENT"])
    assert doc(answer)["occurred_at"] == "2026-03-01T12:00:00.000Z"
    assert case_of(of).delivered_at == SHIPPED
    shown = doc(orders.get_order(of.context, call(BUYER), "order-1"))
    assert "DELIVERED_BEFORE_SHIPMENT" in shown["warnings"]
    assert shown["shipments"][0]["delivered_at"] == "2026-03-01T12:00:00.000Z"
    corrected(of, "sh-1", SHIPPED - DAY)
    assert case_of(of).delivered_at is None


def test_b4_a_return_delivered_before_it_was_sent_is_taken_as_of_then() -> None:
    of = world_in(Status.RETURN_SHIPPED)
    parcel = case_of(of).return_parcel
    assert parcel is not None
    answer = report(of, f"return-{CASE}", parcel.shipped_at - DAY)
    assert doc(answer)["warnings"] == ["DELIVERED_BEFORE_SHIPMENT"]
    assert case_of(of).return_delivered_at == parcel.shipped_at


@pytest.mark.parametrize("status", [TrackingStatus.DELIVERED, TrackingStatus.DELIVERY_CORRECTED])
def test_b4_what_lies_more_than_five_minutes_ahead_is_refused(status: TrackingStatus) -> None:
    of = world()
    assert report(of, "sh-1", OPENED + timedelta(minutes=5), status).status == 201
    with pytest.raises(DisputeError) as refused:
        report(of, "sh-1", OPENED + timedelta(minutes=5, milliseconds=1), status)
    assert refused.value.fields == (("/occurred_at", "IN_THE_FUTURE"),)


def test_b4_the_same_event_again_is_a_repetition_and_another_fact_under_its_id_is_refused() -> None:
    of = two_parcels()
    opened(of)
    first = report(of, "sh-1", OPENED, event_id="scan-1")
    again = report(of, "sh-1", OPENED, event_id="scan-1")
    assert (first.status, again.status, doc(again)["duplicate"]) == (201, 200, True)
    ledger, version = of.ledger("order-1"), case_of(of).version
    for other in (
        lambda: report(of, "sh-2", OPENED, event_id="scan-1"),
        lambda: report(of, "sh-1", OPENED - DAY, event_id="scan-1"),
        lambda: report(of, "sh-1", OPENED, TrackingStatus.IN_TRANSIT, "scan-1"),
        lambda: report(of, "sh-9", OPENED, event_id="scan-1"),
        lambda: report(of, f"return-{CASE}", OPENED, event_id="scan-1"),
    ):
        with pytest.raises(ConflictError) as refused:
            other()
        assert (refused.value.code, refused.value.rule) == ("EVENT_ID_REUSED", "R41")
    assert (of.ledger("order-1"), case_of(of).version) == (ledger, version)


def test_b4_an_event_is_a_repetition_even_once_its_parcel_has_gone() -> None:
    of = two_parcels()
    report(of, "sh-2", OPENED, event_id="scan-1")
    put(of, shipments=sent_as(("sh-1", "TN-1", ())))
    assert report(of, "sh-2", OPENED, event_id="scan-1").status == 200
    with pytest.raises(DisputeError) as refused:
        report(of, "sh-2", OPENED, event_id="scan-2")
    assert refused.value.fields == (("/shipment_id", "NOT_ON_ORDER"),)


def test_b4_two_events_of_one_id_at_once_are_one_and_the_other_is_refused() -> None:
    of = two_parcels()
    of.before_commit = lambda: report(of, "sh-1", OPENED, event_id="scan-1")
    with pytest.raises(ConflictError) as refused:
        report(of, "sh-2", OPENED, event_id="scan-1")
    assert refused.value.code == "EVENT_ID_REUSED"
    assert [r.shipment_id for r in of.orders.tracking_reports("order-1")] == ["sh-1"]


def test_b4_a_carriers_word_between_reading_and_opening_is_heard() -> None:
    of = two_parcels()
    of.before_commit = lambda: report(of, "sh-1", OPENED - DAY)
    opened(of)
    assert case_of(of).parcels["sh-1"].delivered_at == OPENED - DAY


def test_b4_a_put_beside_a_delivery_follows_both() -> None:
    of = two_parcels()
    opened(of)
    of.before_commit = lambda: report(of, "sh-2")
    put(of, shipments=sent_as(("sh-1", "TN-8", MUG), ("sh-2", "TN-2", SPOON)))
    assert case_of(of).parcels["sh-2"].delivered_at == OPENED
    of.before_commit = lambda: put(of, shipments=sent_as(("sh-1", "TN-7", MUG), ("sh-2", "TN-2", SPOON)))
    report(of, "sh-1")
    assert of.ledger("order-1").tracking["sh-1"].tracking_number == "TN-7"
    assert case_of(of).delivered_at == OPENED
