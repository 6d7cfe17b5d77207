"""The parcel's journey: changing the reason, cancelling, deliveries, a carrier's events (R13, R27 to R32)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.domain import parcels
from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    OPEN,
    EventType,
    OfferStatus,
    OutcomeCode,
    Reason,
    Role,
    Status,
    SubReason,
    TrackingStatus,
)
from buyer_protection.domain.errors import ConflictError, ForbiddenError, InvalidRequestError
from buyer_protection.domain.order import Order, ParcelTracking
from buyer_protection.domain.timeline import instant
from buyer_protection.domain.tracking import finished_by_carriers, is_delivery, merged
from tests.support.builders import (
    BUYER,
    DAY,
    OPENED,
    SECOND,
    SELLER,
    SHIPPED,
    case_cancelled,
    case_in,
    case_negotiating,
    case_resolved,
    delivery,
    ledger,
    order,
    shipment,
    usd,
)

DELIVERED = OPENED + DAY


def delivered(case: Dispute, at: datetime = DELIVERED) -> Dispute:
    change = delivery(case, at, at)
    assert change is not None
    return change.after


def to_described(
    case: Dispute, now: datetime, reason: Reason = Reason.NOT_AS_DESCRIBED, **how: object
) -> Change:
    sub_reason, text = how.get("sub_reason"), how.get("description")
    return parcels.change_reason(case, BUYER, reason, sub_reason, text, now)  # type: ignore[arg-type]


def closed(case: Dispute, now: datetime, reason: Reason = Reason.NOT_AS_DESCRIBED) -> ConflictError:
    with pytest.raises(ConflictError) as refused:
        to_described(case, now, reason)
    assert (refused.value.code, refused.value.rule) == ("REASON_CHANGE_CLOSED", "R27")
    return refused.value


def test_r27_the_reason_changes_at_delivered_plus_5d_minus_1s_and_not_at_5d() -> None:
    case = delivered(case_negotiating())
    end = DELIVERED + 5 * DAY
    assert case.reason_change_due_at == end
    change = to_described(case, end - SECOND, sub_reason=SubReason.DAMAGED, description="Broken.")
    assert (change.after.reason, change.after.sub_reason) == (Reason.NOT_AS_DESCRIBED, SubReason.DAMAGED)
    assert (change.after.description, change.after.buyer_received_at) == ("Broken.", None)
    assert change.after.reason_change_due_at is None
    assert (change.entry.type, dict(change.entry.data)) == (
        EventType.REASON_CHANGED,
        {
            "reason": "NOT_AS_DESCRIBED",
            "sub_reason": "DAMAGED",
            "previous_reason": "NOT_RECEIVED",
            "received_at": instant(DELIVERED),
        },
    )
    assert closed(case, end).deadline == end


def test_r27_before_anything_is_registered_as_delivered_the_buyer_says_when_it_came() -> None:
    change = to_described(case_negotiating(), OPENED + 9 * DAY)
    assert change.after.buyer_received_at == OPENED + 9 * DAY
    assert change.after.description == "It never came."
    assert change.entry.data["received_at"] == instant(OPENED + 9 * DAY)


@pytest.mark.parametrize("wanted", Reason)
def test_r27_never_the_other_way(wanted: Reason) -> None:
    case = case_negotiating(Reason.NOT_AS_DESCRIBED)
    assert closed(case, OPENED + DAY, wanted).deadline is None


def test_r27_the_same_reason_again_is_no_change() -> None:
    closed(case_negotiating(), OPENED + DAY, Reason.NOT_RECEIVED)


def test_r10_a_changed_reason_brings_a_sub_reason_of_its_own() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        to_described(case_negotiating(), OPENED + DAY, sub_reason=SubReason.IN_TRANSIT)
    assert refused.value.rule == "R10"


def test_r27_the_reason_can_be_changed_in_every_open_status_and_in_no_other() -> None:
    for status in Status:
        case = replace(case_in(status), reason=Reason.NOT_RECEIVED)
        now = (case.updated_at or OPENED) + SECOND
        if status in OPEN:
            assert to_described(case, now).after.reason is Reason.NOT_AS_DESCRIBED
        else:
            with pytest.raises(ConflictError) as refused:
                to_described(case, now)
            assert refused.value.code == "DISPUTE_CLOSED"


def test_r17_a_changed_reason_moves_no_deadline() -> None:
    case = case_negotiating()
    after = to_described(case, OPENED + 9 * DAY).after
    assert (after.deadline, after.escalation_available_at, after.epoch) == (
        case.deadline,
        case.escalation_available_at,
        case.epoch,
    )
    assert after.requested_refund == case.requested_refund


def cancel(case: Dispute, *, acknowledged: bool = True, now: datetime = OPENED + DAY) -> Change:
    return parcels.cancel(case, BUYER, acknowledge_consequences=acknowledged, now=now)


def test_r28_cancelling_stops_every_window_and_gives_the_order_back() -> None:
    change = cancel(case_negotiating())
    after = change.after
    assert (after.status, after.deadline, after.closed_at) == (Status.CANCELLED, None, OPENED + DAY)
    assert after.outcome == Outcome(OutcomeCode.CANCELLED_BY_BUYER, usd(0), False, Role.BUYER)
    assert (change.refund, change.finishes_order, change.releases_order) == (None, False, True)
    assert change.closed_offers == {"of-1": OfferStatus.LAPSED}
    assert (change.entry.type, change.entry.data["outcome"]) == (EventType.CANCELLED, "CANCELLED_BY_BUYER")


def test_r28_cancelling_asks_for_the_consequences_to_be_acknowledged() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        cancel(case_negotiating(), acknowledged=False)
    assert refused.value.rule == "R28"
    assert refused.value.fields == (("/acknowledge_consequences", "MUST_BE_TRUE"),)


@pytest.mark.parametrize("status", [Status.AWAITING_RETURN, Status.RETURN_SHIPPED])
def test_r28_a_dispute_with_a_return_under_way_cannot_be_cancelled(status: Status) -> None:
    case = case_in(status)
    with pytest.raises(ConflictError) as refused:
        cancel(case, now=(case.updated_at or OPENED) + SECOND)
    assert (refused.value.code, refused.value.rule) == ("WRONG_STATUS", "R28")


def test_r28_only_the_buyer_cancels() -> None:
    with pytest.raises(ForbiddenError) as refused:
        parcels.cancel(case_negotiating(), SELLER, acknowledge_consequences=True, now=OPENED)
    assert refused.value.rule == "R28"


def test_r28_a_new_dispute_is_possible_until_completion_while_there_are_any_left() -> None:
    end = SHIPPED + 40 * DAY

    def until(case: Dispute, now: datetime = OPENED + DAY, **known: datetime | None) -> datetime | None:
        return parcels.can_reopen_until(replace(case, **known), now)

    case = case_cancelled()
    assert until(case, reopen_until=end) == end
    assert until(case, end - SECOND, reopen_until=end) == end
    assert until(case, end, reopen_until=end) is None
    assert until(case, reopen_until=None) is None
    assert until(case_resolved(), reopen_until=end) is None


def test_r30_a_delivery_is_noted_and_closes_nothing() -> None:
    change = delivery(case_negotiating(), DELIVERED, DELIVERED + SECOND)
    assert change is not None
    assert (change.after.delivered_at, change.after.status) == (DELIVERED, Status.NEGOTIATION)
    assert (change.entry.type, change.entry.at) == (EventType.DELIVERED, DELIVERED + SECOND)
    assert (change.entry.actor.role, change.entry.actor.actor_id) == (Role.SYSTEM, "carrier")
    assert dict(change.entry.data) == {
        "order_id": "order-1",
        "shipment_id": "sh-1",
        "delivered_at": instant(DELIVERED),
        "reason": "NOT_RECEIVED",
        "pending": [],
        "is_last": True,
    }
    assert change.after.epoch == change.before.epoch


def test_r30_a_second_delivery_and_one_after_the_end_are_nothing_new() -> None:
    assert delivery(delivered(case_negotiating()), DELIVERED + DAY, DELIVERED + DAY) is None
    assert delivery(case_cancelled(), DELIVERED, DELIVERED) is None


reports = st.lists(
    st.tuples(st.sampled_from(TrackingStatus), st.integers(0, 6).map(lambda d: OPENED + timedelta(days=d))),
    min_size=1,
    max_size=8,
    unique_by=lambda report: report[1],
)


@given(reports, st.randoms(use_true_random=False))
def test_r29_whatever_order_reports_arrive_in_they_add_up_to_the_same(
    in_order: list[tuple[TrackingStatus, datetime]], chance: object
) -> None:
    shuffled = list(in_order)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    def fold(some: list[tuple[TrackingStatus, datetime]]) -> ParcelTracking | None:
        known = None
        for status, at in some:
            known = merged(known, status, at, shipment(), OPENED)
        return known

    known = fold(shuffled)
    assert known == fold(shuffled + shuffled[::-1]) == fold(in_order)
    assert known is not None
    newest = max(in_order, key=lambda report: report[1])
    corrections = [at for status, at in in_order if status is TrackingStatus.DELIVERY_CORRECTED]
    taken_back = max(corrections, default=SHIPPED)
    deliveries = [at for status, at in in_order if status is TrackingStatus.DELIVERED and at > taken_back]
    assert (known.status, known.occurred_at) == newest
    assert known.delivered_at == min(deliveries, default=None)


@pytest.mark.parametrize("status", TrackingStatus)
def test_r31_only_an_expired_collection_finishes_an_order_and_only_without_a_dispute(
    status: TrackingStatus,
) -> None:
    seen = {"sh-1": ParcelTracking(status, OPENED)}
    expired = status is TrackingStatus.COLLECTION_EXPIRED
    assert finished_by(seen) == ("COLLECTION_EXPIRED" if expired else None)
    for books in (ledger(active_dispute_id="dp-1", tracking=seen), ledger(finished_at=OPENED, tracking=seen)):
        assert finished_by_carriers(order(), books, OPENED) == books
    assert is_delivery(status) == (status is TrackingStatus.DELIVERED)


def finished_by(seen: dict[str, ParcelTracking], of: Order | None = None) -> str | None:
    books = ledger(tracking=seen, version=4)
    after = finished_by_carriers(of or order(), books, OPENED)
    assert (after.version, after.finished_at) == ((5, OPENED) if after.finished_by else (4, None))
    return after.finished_by


def test_r29_r31_a_parcel_that_was_delivered_after_all_finishes_nothing() -> None:
    seen = {"sh-1": ParcelTracking(TrackingStatus.COLLECTION_EXPIRED, OPENED, OPENED - DAY)}
    assert finished_by(seen) is None


def test_r31_an_order_with_another_parcel_on_its_way_is_not_finished_by_one_that_nobody_collected() -> None:
    first, second = order().shipments[0], replace(order().shipments[0], shipment_id="sh-2")
    two = order(shipments=(first, second))
    expired = ParcelTracking(TrackingStatus.COLLECTION_EXPIRED, OPENED)
    arrived = ParcelTracking(TrackingStatus.DELIVERED, OPENED, OPENED)
    assert finished_by({"sh-1": expired}, two) is None
    assert finished_by({"sh-1": expired, "sh-2": arrived}, two) == "COLLECTION_EXPIRED"
    assert finished_by({"sh-1": arrived, "sh-2": arrived}, two) is None


def test_r29_of_two_reports_of_the_same_instant_the_first_stays() -> None:
    first = merged(None, TrackingStatus.CUSTOMS_HELD, OPENED, shipment(), OPENED)
    assert merged(first, TrackingStatus.IN_TRANSIT, OPENED, shipment(), OPENED + DAY) == first
