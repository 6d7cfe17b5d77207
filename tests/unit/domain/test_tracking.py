"""What carriers report, and what a case of before its parcels were kept makes of it (R27, R29, R30, R41)."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.application.mails.parcels import is_still_delivered
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import EventType, Reason, TrackingStatus
from buyer_protection.domain.order import OrderLedger, ParcelTracking
from buyer_protection.domain.timeline import CARRIER, SHOP, first_break, instant
from buyer_protection.domain.tracking import (
    Followed,
    Known,
    delivered_as_a_whole,
    follow_parcels,
    follow_report,
    merged,
    parcels_of,
    with_report,
)
from tests.support.builders import (
    DAY,
    OPENED,
    SHIPPED,
    case_cancelled,
    case_negotiating,
    ledger,
    opening_change,
    order,
    request,
    shipment,
)

DELIVERED, CORRECTED = TrackingStatus.DELIVERED, TrackingStatus.DELIVERY_CORRECTED
TWO = (shipment(item_ids=("mug",)), shipment(shipment_id="sh-2", item_ids=("spoon",)))
ORDER = order(shipments=TWO)
NOW = OPENED + 9 * DAY


def of_before(case: Dispute, delivered_at: datetime | None) -> Dispute:
    """The case as code kept it that knew one delivery only: the first of any of its parcels."""
    return replace(case, parcels={}, delivered_at=delivered_at)


def heard(case: Dispute, books: OrderLedger, shipment_id: str, at: datetime) -> Followed | None:
    parcel = ORDER.shipment(shipment_id)
    assert parcel is not None
    after = with_report(books, parcel, DELIVERED, at, NOW)
    return follow_report(case, Known(ORDER, books), Known(ORDER, after), NOW)


def test_b1_a_case_of_before_keeps_the_date_that_it_promised() -> None:
    case = of_before(case_negotiating(), OPENED + DAY)
    assert case.reason_change_due_at == OPENED + 6 * DAY
    assert of_before(case_negotiating(), None).reason_change_due_at is None
    described = of_before(case_negotiating(Reason.NOT_AS_DESCRIBED), OPENED)
    assert described.reason_change_due_at is None


def test_b1_a_case_of_before_hears_of_its_other_parcel() -> None:
    case = of_before(opening_change(request(), of=ORDER).after, OPENED + DAY)
    books = ledger(tracking={"sh-1": ParcelTracking(DELIVERED, OPENED + DAY, OPENED + DAY)})
    followed = heard(case, books, "sh-2", NOW)
    assert followed is not None
    assert followed.change is not None
    data = followed.change.entry.data
    assert (data["shipment_id"], data["pending"], data["is_last"]) == ("sh-2", [], True)
    assert followed.after.reason_change_due_at == NOW + 5 * DAY
    assert followed.after.parcels["sh-1"].registered_at == OPENED + DAY


def test_b1_a_case_of_before_learns_its_parcels_without_an_entry() -> None:
    case = of_before(opening_change(request(), of=ORDER).after, None)
    after = with_report(ledger(), TWO[0], TrackingStatus.IN_TRANSIT, OPENED, OPENED)
    followed = follow_report(case, Known(ORDER, ledger()), Known(ORDER, after), OPENED)
    assert followed is not None
    assert followed.change is None
    assert [it.status for it in followed.after.parcels.values()] == [TrackingStatus.IN_TRANSIT, None]
    assert followed.after.version == case.version


def test_b1_a_mail_of_before_is_sent_as_long_as_all_of_the_dispute_is_delivered() -> None:
    case = of_before(opening_change(request(), of=ORDER).after, OPENED + DAY)
    data = {"delivered_at": instant(OPENED + DAY), "reason": "NOT_RECEIVED"}
    entry = case.record(OPENED + DAY, CARRIER, EventType.DELIVERED, data, case).entry
    assert is_still_delivered(entry, case)
    waiting = replace(case, parcels=parcels_of(ORDER, ledger(), case.items), delivered_at=None)
    assert not is_still_delivered(entry, waiting)


def test_b4_a_ledger_of_before_registered_a_delivery_when_it_happened() -> None:
    known = ParcelTracking(DELIVERED, OPENED, OPENED)
    again = merged(known, DELIVERED, OPENED + DAY, shipment(), NOW)
    assert (again.delivered_at, again.registered_at, again.further) == (OPENED, OPENED, (OPENED + DAY,))
    assert merged(known, CORRECTED, OPENED, shipment(), NOW).delivered_at is None
    taken_back = merged(again, CORRECTED, OPENED, shipment(), NOW)
    assert (taken_back.delivered_at, taken_back.registered_at) == (OPENED + DAY, NOW)


def test_b3_another_journey_begins_with_nothing() -> None:
    known = ParcelTracking(DELIVERED, OPENED, OPENED, OPENED, "TN-0")
    new = merged(known, TrackingStatus.IN_TRANSIT, OPENED - DAY, shipment(), NOW)
    assert new == ParcelTracking(TrackingStatus.IN_TRANSIT, OPENED - DAY, tracking_number="TN-1")


def test_b3_a_closed_case_hears_nothing() -> None:
    assert heard(case_cancelled(), ledger(), "sh-1", NOW) is None


def test_b3_no_more_than_eight_deliveries_are_remembered() -> None:
    known: ParcelTracking | None = None
    for number in range(20):
        known = merged(known, DELIVERED, OPENED + number * DAY, shipment(), NOW)
    assert known is not None
    assert (known.delivered_at, len(known.further)) == (OPENED, 7)


def test_b1_where_nothing_is_carried_nothing_is_delivered() -> None:
    assert delivered_as_a_whole({}) is None
    assert parcels_of(order(shipments=()), ledger(), order().all_items()) == {}


moves = st.lists(
    st.tuples(
        st.sampled_from(("sh-1", "sh-2", "number", "pack")),
        st.sampled_from((DELIVERED, CORRECTED, TrackingStatus.IN_TRANSIT)),
        st.integers(0, 8),
    ),
    max_size=8,
)


@given(moves)
def test_r27_r41_whatever_is_reported_the_promised_time_is_never_shortened(
    some: list[tuple[str, TrackingStatus, int]],
) -> None:
    """What the case knows is what order and ledger say; the entries chain, and say each delivery and correction."""
    case, books, of = opening_change(request(), of=ORDER).after, ledger(version=1), ORDER
    entries = []
    for number, (what, status, days) in enumerate(some):
        now, before = OPENED + number * DAY, Known(of, books)
        if what == "number":
            of = replace(
                of, shipments=(replace(of.shipments[0], tracking_number=f"N-{days}"), *of.shipments[1:])
            )
        elif what == "pack":
            of = replace(of, shipments=TWO if len(of.shipments) == 1 else (replace(TWO[0], item_ids=()),))
        elif (parcel := of.shipment(what)) is not None:
            books = with_report(books, parcel, status, SHIPPED + days * DAY, now)
        followed = follow_parcels(case, before, Known(of, books), SHOP, now)
        entries += followed.change.entries if followed.change else []
        was, due = case.reason_change_due_at, followed.after.reason_change_due_at
        assert was is None or due is None or due >= was
        case = followed.after
        arrived = {name: it.delivered_at is not None for name, it in case.parcels.items()}
        known = parcels_of(of, books, case.items)
        assert arrived == {name: it.delivered_at is not None for name, it in known.items()}
        assert (case.delivered_at is not None) == (bool(arrived) and all(arrived.values()))
    assert [entry.seq for entry in entries] == list(range(2, len(entries) + 2))
    assert (case.version, case.timeline_seq) == (1, len(entries) + 1)
    opened = opening_change(request(), of=ORDER).entry
    assert first_break([opened, *entries]) is None


@pytest.mark.parametrize("ahead", [0, 1, 30])
def test_b4_what_is_said_of_before_the_shipment_is_read_as_of_the_shipment(ahead: int) -> None:
    said = SHIPPED - ahead * DAY
    books = with_report(ledger(), shipment(), DELIVERED, said, NOW)
    assert books.tracking["sh-1"].delivered_at == said
    seen = books.seen(shipment())
    assert seen is not None
    assert (seen.delivered_at, books.is_delivered_too_early(shipment())) == (SHIPPED, ahead > 0)
    assert books.seen(shipment(tracking_number="TN-2")) is None
