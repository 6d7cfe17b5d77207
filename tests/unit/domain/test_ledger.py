"""What is left of an order, unit by unit, whatever the shop makes of it meanwhile (R39, R40; findings A7, A10, A11)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.domain import eligibility, negotiation, refund_room, refunds
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import OrderCause, RefundKind
from buyer_protection.domain.errors import ConflictError
from buyer_protection.domain.ledger import (
    RefundElsewhere,
    disputable_items,
    left_of,
    line_left,
    order_left,
    refundable,
    settlement_by,
    share,
    with_given_back,
)
from buyer_protection.domain.order import DisputedItem, Order, OrderItem, OrderLedger
from buyer_protection.domain.order_changes import Cause, cause_of, follow, ledger_after
from buyer_protection.domain.tracking import Known
from tests.support.builders import (
    DAY,
    ITEMS,
    OPENED,
    PAID,
    POLICY,
    SELLER,
    ledger,
    opening_change,
    order,
    request,
    usd,
)

MUG, SPOONS = DisputedItem("mug", 1), DisputedItem("spoon", 3)
LATER = OPENED + DAY


def opened(of: Order, books: OrderLedger | None = None, *items: DisputedItem) -> tuple[Dispute, OrderLedger]:
    """A dispute about these units for all that it can grant, and the ledger that holds it."""
    before = books or ledger()
    chosen = items or disputable_items(of, before)
    asked = request(refundable(of, before, chosen).amount_minor, items=items)
    case = opening_change(asked, of=of, books=before).after
    held = replace(
        before,
        active_dispute_id=case.dispute_id,
        disputes_opened=before.disputes_opened + 1,
        version=before.version + 1,
        currency="USD",
    )
    return case, held


def granted(case: Dispute, held: OrderLedger) -> tuple[Change, OrderLedger]:
    """The seller grants the request; the ledger as the store keeps it."""
    change = negotiation.accept_request(case, SELLER, LATER)
    assert change.settles is not None
    minor = change.refund.amount.amount_minor if change.refund else 0
    numbered = replace(change.settles, dispute_id=f"dp-{held.disputes_opened}")
    return change, replace(
        held,
        active_dispute_id=None,
        refunded_minor=held.refunded_minor + minor,
        version=held.version + 1,
        settlements=(*held.settlements, numbered),
        finished_at=LATER if change.finishes_order else None,
        finished_by=case.dispute_id if change.finishes_order else None,
    )


def given_back(minor: int, refund_id: str = "g-1", **items: int) -> RefundElsewhere:
    units = dict.fromkeys(items, 1)
    return RefundElsewhere(refund_id, RefundKind.GOODWILL, usd(minor), LATER, items, units)


@given(st.integers(0, 10_000), st.lists(st.integers(1, 7), min_size=1, max_size=6))
def test_a10_the_parts_of_a_line_always_add_up_to_the_line(amount: int, parts: list[int]) -> None:
    quantity = sum(parts)
    before = [sum(parts[:number]) for number in range(len(parts))]
    shares = [share(amount, quantity, first, part) for first, part in zip(before, parts, strict=True)]
    assert sum(shares) == amount


def test_a10_three_units_for_1000_disputed_one_by_one_give_back_all_of_it() -> None:
    one_line = order(items=(OrderItem("lamp", "Lamp", 3, 1000),))
    books, grants = ledger(), []
    for _ in range(3):
        change, books = granted(*opened(one_line, books, DisputedItem("lamp", 1)))
        assert change.refund is not None
        grants.append(change.refund.amount.amount_minor)
    assert grants == [333, 333, 334]
    assert (books.given_back, books.given_back_unnamed) == ({"lamp": 1000}, 0)
    assert order_left(one_line, books) == 0
    assert books.finished_at == LATER


def test_a07_a_shop_that_nets_what_was_refunded_is_not_counted_twice() -> None:
    _, books = granted(*opened(order(), None, DisputedItem("mug", 2)))
    netted = order(items=(replace(ITEMS[0], amount_minor=0), ITEMS[1]))
    assert refundable(netted, books, disputable_items(netted, books)) == usd(500)
    partly = order(items=(replace(ITEMS[0], amount_minor=700), ITEMS[1]))
    assert refundable(partly, books, disputable_items(partly, books)) == usd(500)


def test_a03_a_line_that_is_gone_leaves_what_is_left() -> None:
    _, books = granted(*opened(order(), None, DisputedItem("mug", 2)))
    without_spoons = order(items=ITEMS[:1])
    answer = eligibility.eligibility(without_spoons, books, POLICY, LATER)
    assert (answer.eligible, answer.code, answer.max_refundable) == (False, "NOTHING_TO_REFUND", usd(0))
    without_mugs = order(items=ITEMS[1:])
    assert eligibility.eligibility(without_mugs, books, POLICY, LATER).max_refundable == usd(500)


def test_a04_a_line_or_units_that_were_added_can_be_disputed_and_reopen_the_order() -> None:
    _, books = granted(*opened(order()))
    assert books.finished_at is not None
    added = (*ITEMS, OrderItem("bowl", "Bowl", 1, 900))
    for new, left, items in (
        (order(items=added), 900, (DisputedItem("bowl", 1),)),
        (order(items=(replace(ITEMS[0], quantity=3, amount_minor=3000), ITEMS[1])), 1000, (MUG,)),
    ):
        reopened = ledger_after(order(), books, new)
        assert (reopened.finished_at, reopened.version) == (None, books.version + 1)
        assert disputable_items(new, reopened) == items
        assert refundable(new, reopened, items) == usd(left)


def test_r40_a_higher_amount_of_a_settled_unit_reopens_nothing() -> None:
    _, books = granted(*opened(order()))
    dearer = order(items=(replace(ITEMS[0], amount_minor=9000), ITEMS[1]))
    assert ledger_after(order(), books, dearer).finished_at == LATER
    by_receipt = replace(books, finished_by="RECEIPT_CONFIRMED")
    more = order(items=(*ITEMS, OrderItem("bowl", "Bowl", 1, 900)))
    assert ledger_after(order(), by_receipt, more).finished_at == LATER


def test_a11_shipping_is_given_back_with_the_whole_order_only() -> None:
    of = order(shipping_amount_minor=300)
    assert refundable(of, ledger(), of.all_items()) == usd(PAID + 300)
    assert refundable(of, ledger(), (MUG, SPOONS)) == usd(1500)
    change, books = granted(*opened(of))
    assert change.refund is not None
    assert change.refund.amount == usd(PAID + 300)
    assert (books.given_back, books.given_back_unnamed) == ({"mug": 2000, "spoon": 500}, 300)
    _, first = granted(*opened(of, None, MUG))
    assert refundable(of, first, disputable_items(of, first)) == usd(1500)


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"items": (replace(ITEMS[0], amount_minor=1000), ITEMS[1])}, 1500),
        ({"items": (replace(ITEMS[0], amount_minor=9000), ITEMS[1])}, 2500),
        ({"items": ITEMS[:1]}, 2000),
        ({"items": ()}, 0),
        ({"items": (replace(ITEMS[0], quantity=1, amount_minor=1000), ITEMS[1])}, 1500),
        ({"items": (replace(ITEMS[0], quantity=4), ITEMS[1])}, 1500),
        ({"items": (*ITEMS, OrderItem("bowl", "Bowl", 1, 900))}, 2500),
    ],
)
def test_a01_what_is_left_of_a_case_follows_the_order(changes: dict[str, object], left: int) -> None:
    case, held = opened(order())
    assert left_of(case, order(**changes), held) == usd(left)


@pytest.mark.parametrize(
    ("refunded", "left"),
    [
        (given_back(3000), 0),
        (given_back(1000), 1500),
        (given_back(1000, mug=1000), 1500),
        (given_back(2500, mug=2000), 0),
        (given_back(9999, spoon=400), 0),
    ],
)
def test_a02_what_was_given_back_elsewhere_is_not_left(refunded: RefundElsewhere, left: int) -> None:
    case, held = opened(order())
    books = with_given_back(held, refunded)
    followed = follow(case, order(), books, cause_of(refunded), LATER)
    assert followed.after.grantable == usd(left)
    back = replace(refunded, refund_id="g-2", reverses="g-1")
    undone = with_given_back(books, back)
    assert (undone.elsewhere, undone.elsewhere_minor) == ({}, 0)
    if followed.change is not None and not followed.after.is_closed:
        again = follow(followed.after, order(), undone, cause_of(back), LATER)
        assert again.after.grantable == usd(PAID)
        assert (again.after.left, again.after.given_back) == (None, {})


def test_r39_a_refund_elsewhere_names_the_disputed_unit_first_and_the_others_where_none_is_disputed() -> None:
    lamps = order(items=(OrderItem("lamp", "Lamp", 2, 2000),))
    refund = given_back(1000, lamp=1000)
    case, held = opened(lamps, None, DisputedItem("lamp", 1))
    assert follow(case, lamps, with_given_back(held, refund), cause_of(refund), LATER).after.is_closed
    before = with_given_back(ledger(), refund)
    assert refundable(lamps, before, (DisputedItem("lamp", 1),)) == usd(1000)
    assert refundable(lamps, before, lamps.all_items()) == usd(1000)


def test_r39_what_was_given_back_for_one_line_is_not_taken_from_another() -> None:
    case, held = opened(order(), None, SPOONS)
    refund = given_back(2000, mug=2000)
    followed = follow(case, order(), with_given_back(held, refund), cause_of(refund), LATER)
    assert (followed.change, followed.after.grantable) == (None, usd(500))
    assert followed.after.ledger_version == held.version + 1


def test_r51_what_was_all_given_back_elsewhere_ends_the_case() -> None:
    case, held = opened(order())
    refund = given_back(PAID)
    followed = follow(case, order(), with_given_back(held, refund), cause_of(refund), LATER)
    change = followed.change
    assert change is not None
    assert change.after.outcome is not None
    assert change.after.outcome.code.value == "REFUNDED_ELSEWHERE"
    assert (change.refund, change.settles, change.releases_order) == (None, None, True)
    by_order = follow(case, order(items=()), replace(held, version=9), Cause(OrderCause.ORDER), LATER)
    assert (by_order.after.is_closed, by_order.after.grantable) == (False, usd(0))


def test_r51_offers_above_what_is_left_lapse_and_the_request_grants_it() -> None:
    case, held = opened(order())
    high = negotiation.make_offer(case, SELLER, negotiation.OfferType.REFUND, usd(2000), "", LATER).after
    refund = given_back(1000)
    after = follow(high, order(), with_given_back(held, refund), cause_of(refund), LATER)
    assert after.change is not None
    assert [status.value for status in (after.change.closed_offers or {}).values()] == ["LAPSED"]
    ended = negotiation.accept_request(after.after, SELLER, LATER)
    assert ended.refund is not None
    assert ended.refund.amount == usd(1500)
    assert ended.after.outcome is not None
    assert ended.after.outcome.code.value == "AGREED_FULL_REFUND"


def test_a01_a_request_above_what_the_order_is_worth_now_is_refused() -> None:
    case, held = opened(order())
    cheap = order(items=(replace(ITEMS[0], amount_minor=500), ITEMS[1]))
    after = follow(case, cheap, ledger_after(order(), held, cheap), Cause(OrderCause.ORDER), LATER).after
    with pytest.raises(ConflictError) as refused:
        negotiation.accept_request(after, SELLER, LATER)
    assert (refused.value.code, refused.value.max_refundable) == ("MORE_THAN_IS_LEFT", usd(1000))
    with pytest.raises(ConflictError) as offered:
        negotiation.make_offer(after, SELLER, negotiation.OfferType.REFUND, usd(1001), "", LATER)
    assert offered.value.code == "MORE_THAN_IS_LEFT"
    assert negotiation.make_offer(after, SELLER, negotiation.OfferType.REFUND, usd(1000), "", LATER)


def test_r39_a_refund_fits_until_something_is_given_back_beside_it() -> None:
    case, held = opened(order())
    change, books = granted(case, held)
    assert change.refund is not None
    books = replace(books, settlements=(settlement_by(case, change.refund.amount),))
    closed = change.after
    assert refunds.is_of(closed, change.refund)
    assert refund_room.fits(closed, change.refund, order(), books)
    # A shop that nets what it is about to pay back keeps nobody from being paid.
    assert refund_room.fits(closed, change.refund, order(items=()), books)
    assert not refund_room.fits(closed, change.refund, order(), with_given_back(books, given_back(1)))
    assert not refunds.is_of(closed, replace(change.refund, amount=usd(PAID - 1)))
    assert not refunds.is_of(case, change.refund)


LINES = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 900), st.integers(0, 2), st.integers(0, 900)),
    min_size=1,
    max_size=4,
)


@given(LINES, st.integers(0, 300), st.integers(0, 300), st.integers(0, 1000), st.integers(1, 1000))
def test_r39_a_refund_is_spread_over_what_each_line_has_left(
    lines: list[tuple[int, int, int, int]], shipping: int, later: int, unnamed: int, part: int
) -> None:
    """Whatever the shop made of the order before the grant: the parts add up, and none is more than its line has."""
    names = [f"line-{number}" for number in range(len(lines))]
    bought = [
        OrderItem(name, "", units, minor) for name, (units, minor, _, _) in zip(names, lines, strict=True)
    ]
    of = order(items=tuple(bought), shipping_amount_minor=shipping)
    if of.paid().is_zero():
        return
    case, held = opened(of)
    for place, (_, _, change, minor) in enumerate(lines):
        if change == 1:
            refund = given_back(max(1, minor), f"g-{place}", **{names[place]: max(1, minor)})
            held = with_given_back(held, refund)
            case = follow(case, of, held, cause_of(refund), LATER).after
    repriced = {
        name: replace(item, amount_minor=minor)
        for name, item, (_, _, change, minor) in zip(names, bought, lines, strict=True)
        if change < 2
    }
    new = replace(of, items=tuple(repriced.values()), shipping_amount_minor=later)
    held = ledger_after(of, held, new)
    case = follow(case, new, held, Cause(OrderCause.ORDER), LATER, Known(of, held)).after
    refund = given_back(max(1, unnamed), "g-unnamed")
    held = with_given_back(held, refund)
    case = follow(case, new, held, cause_of(refund), LATER).after
    most = case.grantable.amount_minor * part // 1000
    if case.is_closed or most == 0:
        return
    settled = settlement_by(case, usd(most))
    assert sum(settled.refund.values()) == most
    for name, minor in settled.refund.items():
        line = repriced.get(name)
        left = min(shipping, later) if not name else line_left(line, held) if line is not None else 0
        assert 0 < minor <= left


MOVES = st.lists(
    st.tuples(st.sampled_from(["refund", "named", "price", "settle"]), st.integers(1, 900)), max_size=12
)


@given(MOVES)
def test_r39_never_more_is_given_back_than_was_ever_paid(moves: list[tuple[str, int]]) -> None:
    """Q30: whatever the shop does between, disputes grant no more than the lines' highest amounts less the rest."""
    of, books = order(), ledger()
    highest = {item.item_id: item.amount_minor for item in of.items}
    for number, (move, minor) in enumerate(moves):
        if move == "price":
            priced = tuple(
                replace(item, amount_minor=minor * (1 + place)) for place, item in enumerate(of.items)
            )
            of = replace(of, items=priced)
            highest = {i.item_id: max(highest[i.item_id], i.amount_minor) for i in priced}
        elif move == "settle":
            items = disputable_items(of, books)[:1]
            if items and not refundable(of, books, [DisputedItem(items[0].item_id, 1)]).is_zero():
                left = order_left(of, books)
                change, books = granted(*opened(of, books, DisputedItem(items[0].item_id, 1)))
                assert change.refund is not None
                assert change.refund.amount.amount_minor <= left
                books = replace(books, finished_at=None, disputes_opened=0)
        else:
            named = {"mug": minor} if move == "named" else {}
            books = with_given_back(books, given_back(minor, f"g-{number}", **named))
    ours = {line: sum(s.refund.get(line, 0) for s in books.settlements) for line in highest}
    assert all(ours[line] <= highest[line] for line in highest)
