"""The order: when it completes, what was paid, what its page says, eligibility (R3, R4, R7, R11, R34)."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.domain.doubts import warnings
from buyer_protection.domain.eligibility import eligibility, finish_by_receipt
from buyer_protection.domain.enums import Role, TrackingStatus
from buyer_protection.domain.errors import DisputeError
from buyer_protection.domain.ledger import refundable
from buyer_protection.domain.order import DisputedItem, OrderItem, OrderLedger, ParcelTracking
from buyer_protection.domain.tracking import delivered_as_a_whole, parcels_of
from tests.support.builders import (
    DAY,
    OPENED,
    PAID,
    POLICY,
    SECOND,
    SHIPPED,
    ledger,
    opening_change,
    order,
    request,
    shipment,
    usd,
)

moments = st.datetimes(min_value=datetime(2026, 2, 20), max_value=datetime(2026, 5, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=SHIPPED.tzinfo)
)


def test_r03_completion_is_the_guaranteed_delivery_time_after_the_last_shipment() -> None:
    assert order(40).completion_at(POLICY) == SHIPPED + 40 * DAY
    two = order(
        40, shipments=(shipment(item_ids=("mug",)), shipment(SHIPPED + DAY, "sh-2", item_ids=("spoon",)))
    )
    assert two.completion_at(POLICY) == SHIPPED + 41 * DAY
    assert order(40, explicit_completion_at=OPENED).completion_at(POLICY) == OPENED


def test_r04_an_order_that_is_not_wholly_shipped_has_neither_instant_yet() -> None:
    waiting = order(shipments=(shipment(item_ids=("mug",)),))
    assert waiting.completion_at(POLICY) is None
    assert waiting.dispute_opens_at(POLICY) is None
    assert waiting.dispute_opens_at(POLICY, ["mug"]) == OPENED


def test_r07_an_item_in_two_parcels_counts_from_the_later_one() -> None:
    split = order(shipments=(shipment(SHIPPED + 2 * DAY), shipment(SHIPPED, "sh-2")))
    assert split.shipped_at() == SHIPPED + 2 * DAY
    assert split.shipped_at(["mug"]) == SHIPPED + 2 * DAY


def test_r29_the_parcels_of_an_item_are_those_that_carry_it() -> None:
    parcels = (shipment(item_ids=("mug",)), shipment(SHIPPED, "sh-2", item_ids=("spoon",)))
    assert [s.shipment_id for s in order(shipments=parcels).shipments_of(["spoon"])] == ["sh-2"]
    assert [s.shipment_id for s in order().shipments_of(["spoon"])] == ["sh-1"]


def test_r27_a_delivery_is_that_of_the_last_of_the_disputed_parcels() -> None:
    later, first = OPENED + DAY, OPENED
    seen = {
        "sh-1": ParcelTracking(TrackingStatus.DELIVERED, later, later),
        "sh-2": ParcelTracking(TrackingStatus.DELIVERED, first, first),
        "sh-3": ParcelTracking(TrackingStatus.IN_TRANSIT, first),
    }
    books = ledger(tracking=seen)

    def delivered(*numbers: int) -> datetime | None:
        kept = tuple(shipment(shipment_id=f"sh-{n}") for n in numbers)
        return delivered_as_a_whole(parcels_of(order(shipments=kept), books, order().all_items()))

    assert delivered(1, 2) == later
    assert delivered(2) == first
    assert delivered(1, 2, 3) is delivered(1, 4) is delivered() is None


@pytest.mark.parametrize(
    "line",
    [
        "P.O. Box 12",
        "PO Box 9",
        "p o box 3",
        "Post Office Box 1",
        "Postbox 44",
        "Apartado 7",
        "POBOX12",
        "Postfach 10 20",
        "BP 123",
        "B.P. 4",
        "а/я 12",
        "صندوق بريد 5",
        "ص.ب. 99",
        "Caixa Postal 3",
        "Packstation 101",
        "GPO Box 2",
    ],
)
def test_r34_a_po_box_is_pointed_out(line: str) -> None:
    assert warnings(order(address_lines=("Ana", line)), Role.SYSTEM) == ("PO_BOX_ADDRESS",)


@pytest.mark.parametrize(
    "line",
    [
        "1 Dock Road",
        "Boxley Street 2",
        "Poland Street 1",
        "Departado 1",
        "BPM street 1",
        "Bayan Street",
        "",
        "Postfachstrasse 1 x",
    ],
)
def test_r34_an_ordinary_address_gets_no_warning(line: str) -> None:
    assert warnings(order(address_lines=(line,)), Role.SYSTEM) == ()


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.integers(0, 10**9), st.integers(1, 50)), min_size=1, max_size=5
    ),
)
def test_r11_shares_are_rounded_down_and_never_add_up_to_more_than_was_paid(
    lines: list[tuple[int, int, int]],
) -> None:
    items = tuple(OrderItem(f"i{n}", "Thing", count, paid) for n, (count, paid, _) in enumerate(lines))
    some = [DisputedItem(f"i{n}", min(wanted, count)) for n, (count, _, wanted) in enumerate(lines)]
    one = order(items=items)
    share = refundable(one, ledger(), some).amount_minor
    exact = sum(item.amount_minor * d.quantity / item.quantity for item, d in zip(items, some, strict=True))
    assert share <= one.paid().amount_minor
    assert share <= exact + 1e-3 * (1 + exact / 1e9)
    assert share > exact - len(items) - 1e-3 * (1 + exact / 1e9)
    assert refundable(one, ledger(), one.all_items()) == one.paid()


@given(st.integers(0, 2 * PAID))
def test_r11_what_is_refundable_is_never_below_zero_nor_above_what_is_left(refunded: int) -> None:
    whole = order().all_items()
    assert refundable(order(), ledger(refunded_minor=refunded), whole) == usd(max(0, PAID - refunded))


books_strategy = st.builds(
    OrderLedger,
    order_id=st.just("order-1"),
    active_dispute_id=st.sampled_from([None, None, None, "dp-0"]),
    disputes_opened=st.integers(0, 4),
    refunded_minor=st.integers(0, PAID - 1),
    finished_at=st.sampled_from([None, None, None, OPENED]),
)


@given(
    books=books_strategy,
    promise=st.integers(0, 60),
    now=moments | st.sampled_from([SHIPPED, OPENED, OPENED - SECOND, SHIPPED + 40 * DAY]),
    shipped=st.booleans(),
    explicit=st.none() | moments,
)
def test_r04_an_order_is_eligible_exactly_when_opening_for_all_that_is_refundable_works(
    books: OrderLedger, promise: int, now: datetime, shipped: bool, explicit: datetime | None
) -> None:
    of = order(promise, explicit_completion_at=explicit)
    of = of if shipped else order(promise, shipments=(), explicit_completion_at=explicit)
    answer = eligibility(of, books, POLICY, now)
    asked = request(answer.max_refundable.amount_minor)
    if answer.eligible:
        assert (answer.code, answer.rule) == (None, None)
        assert (
            opening_change(asked, of=of, books=books, now=now).after.max_refundable == answer.max_refundable
        )
        return
    with pytest.raises(DisputeError) as refused:
        opening_change(asked, of=of, books=books, now=now)
    assert (answer.code, answer.rule) == (refused.value.code, refused.value.rule)


def test_r04_eligibility_names_both_instants_even_where_the_answer_is_not_yet() -> None:
    answer = eligibility(order(40), ledger(), POLICY, SHIPPED)
    assert (answer.eligible, answer.code, answer.rule) == (False, "TOO_EARLY", "R7")
    assert (answer.opens_at, answer.closes_at) == (OPENED, SHIPPED + 40 * DAY)
    assert answer.max_refundable == usd(PAID)


@given(st.integers(0, 365), moments)
def test_r07_r08_the_opening_window_starts_where_opening_starts_to_work(
    promise: int, shipped_at: datetime
) -> None:
    of = order(
        promise, shipments=(shipment(shipped_at),), explicit_completion_at=shipped_at + timedelta(days=400)
    )
    opens = shipped_at if promise <= 5 else shipped_at + timedelta(hours=120)
    assert of.dispute_opens_at(POLICY) == opens
    assert eligibility(of, ledger(), POLICY, opens).eligible
    assert not eligibility(of, ledger(), POLICY, opens - timedelta(microseconds=1)).eligible


def test_r12_an_untouched_ledger_holds_nothing() -> None:
    books = OrderLedger("order-1")
    assert (books.active_dispute_id, books.disputes_opened, books.refunded_minor) == (None, 0, 0)
    assert (books.finished_at, books.finished_by, dict(books.tracking)) == (None, None, {})


def test_r03_the_buyers_receipt_completes_the_order_at_once_up_to_its_last_instant() -> None:
    last = SHIPPED + 40 * DAY - timedelta(milliseconds=1)
    done = finish_by_receipt(order(), ledger(disputes_opened=1), POLICY, last)
    assert done == ledger(disputes_opened=1, version=1, finished_at=last, finished_by="RECEIPT_CONFIRMED")


@pytest.mark.parametrize("late", ["mug", "spoon"])
def test_r07_the_last_parcel_of_the_disputed_items_counts_whichever_item_is_in_it(late: str) -> None:
    parcels = tuple(
        shipment(SHIPPED + (3 * DAY if item == late else 0 * DAY), f"sh-{item}", item_ids=(item,))
        for item in ("mug", "spoon")
    )
    found = order(shipments=parcels)
    assert found.shipped_at() == SHIPPED + 3 * DAY
    assert found.shipped_at([late]) == SHIPPED + 3 * DAY
    assert found.shipped_at([it for it in ("mug", "spoon") if it != late]) == SHIPPED
