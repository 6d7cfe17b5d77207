"""Which units money given back elsewhere is about, and that no line or unit is given back twice for it (R39, R40)."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.application.actions import negotiation
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.schemas.requests import ItemChoice, MoneyModel, OrderItemModel, RefundedItem
from buyer_protection.domain.errors import ConflictError, DisputeError
from buyer_protection.domain.ledger import line_left, refundable
from buyer_protection.domain.order import DisputedItem, OrderItem
from tests.support.builders import order
from tests.support.fakes import World
from tests.unit.application.helpers import BUYER, SELLER, call, cancel, case_of, doc, wish, world
from tests.unit.application.order_calls import code_of, given_back, put

LAMPS = OrderItem("lamp", "Lamp", 2, 2000)
# So that the order has always something left beside the lamps.
DESK = OrderItem("desk", "Desk", 1, 9000)


def named(minor: int, units: int = 1) -> dict[str, Any]:
    return {"items": [RefundedItem("lamp", units, MoneyModel(minor, "USD"))]}


def lamps(of: World, refund: int, units: int = 1) -> str:
    """A dispute about so many lamps."""
    asked = wish(refund, items=[ItemChoice("lamp", units)])
    return str(doc(open_dispute(of.context, call(BUYER), asked))["dispute_id"])


def left(of: World, units: int) -> int:
    books = of.ledger("order-1")
    return refundable(of.orders_kept["order-1"], books, [DisputedItem("lamp", units)]).amount_minor


def test_r39_a_unit_that_was_given_back_for_while_disputed_is_not_disputed_again_at_full_value() -> None:
    of = world(order(items=(LAMPS, DESK)))
    case = lamps(of, 1000)
    given_back(of, 1000, **named(1000))
    assert case_of(of, case).is_closed
    with pytest.raises(ConflictError) as refused:
        lamps(of, 1000)
    assert code_of(refused) == "NOTHING_TO_REFUND"
    # The line has the other unit's value left, and a chargeback that is lost can be disputed again.
    assert (left(of, 1), left(of, 2)) == (0, 1000)
    given_back(of, 1000, "g-2", reverses="g-1")
    assert (left(of, 1), left(of, 2)) == (1000, 2000)


def test_r39_what_was_given_back_in_part_stays_with_the_unit_of_a_dispute_that_was_cancelled() -> None:
    of = world(order(items=(LAMPS, DESK)))
    case = lamps(of, 1000)
    given_back(of, 400, **named(400))
    cancel(of, case)
    assert (left(of, 1), left(of, 2)) == (600, 1600)
    again = lamps(of, 600)
    negotiation.accept_request(of.context, call(SELLER), again)
    assert left(of, 1) == 1000
    assert of.ledger("order-1").given_back == {"lamp": 1000}


def test_r39_what_is_given_back_while_nothing_is_disputed_is_about_the_other_units_first() -> None:
    of = world(order(items=(LAMPS, DESK)))
    given_back(of, 1000, **named(1000))
    assert (left(of, 1), left(of, 2)) == (1000, 1000)
    case = lamps(of, 1000)
    # Taking it back frees nothing of what comes for the disputed unit now.
    given_back(of, 300, "g-2", **named(300))
    given_back(of, 1000, "g-3", reverses="g-1")
    assert case_of(of, case).grantable.amount_minor == 700
    negotiation.accept_request(of.context, call(SELLER), case)
    assert left(of, 1) == 1000


def test_r39_a_line_never_grants_more_than_what_is_left_of_it_where_its_price_fell() -> None:
    of = world(order(items=(LAMPS, DESK)))
    negotiation.accept_request(of.context, call(SELLER), lamps(of, 1000))
    kept = of.orders_kept["order-1"]
    cheaper = OrderItem("lamp", "Lamp", 2, 1200)
    of.orders_kept["order-1"] = order(items=(cheaper, DESK), revision=kept.revision)
    assert (line_left(cheaper, of.ledger("order-1")), left(of, 1)) == (200, 200)


@dataclass
class Line:
    """A line of units in a row, the settled ones first, and what somebody who only looks on remembers of it.

    `paid` is what disputes gave back, `standing` what was given back elsewhere, `disputed` what of that came while the
    first open units were disputed.
    """

    of: World
    units: int
    price: int
    settled: int = 0
    paid: int = 0
    standing: dict[str, int] = field(default_factory=dict)
    disputed: dict[str, int] = field(default_factory=dict)
    case: str | None = None
    asked: int = 0

    @property
    def elsewhere(self) -> int:
        return sum(self.standing.values())

    def share(self, first: int, count: int) -> int:
        return self.price * (first + count) // self.units - self.price * first // self.units


@given(
    st.integers(1, 4),
    st.integers(3, 1001),
    st.lists(
        st.tuples(
            st.sampled_from(["open", "settle", "cancel", "back", "back", "reverse"]), st.integers(1, 1200)
        ),
        max_size=24,
    ),
)
def test_r39_over_any_life_a_line_and_its_units_are_given_back_once(
    units: int, price: int, moves: list[tuple[str, int]]
) -> None:
    of = world(order(items=(OrderItem("lamp", "Lamp", units, price), DESK)))
    line = Line(of, units, price)
    for number, (move, size) in enumerate(moves):
        try:
            _move(line, move, size, f"g-{number}")
        except DisputeError:
            continue
        finally:
            if line.case is not None and case_of(of, line.case).is_closed:
                line.case = None
                # As many disputes as it takes (R28), also where all units are settled.
                fresh = {"disputes_opened": 0, "finished_at": None, "finished_by": None}
                of.ledgers["order-1"] = replace(of.ledger("order-1"), **fresh)


def _move(line: Line, move: str, size: int, name: str) -> None:
    of = line.of
    if move == "open" and line.case is None and line.settled < line.units:
        line.asked = 1 + size % (line.units - line.settled)
        most = left(of, line.asked)
        assert most <= max(0, line.price - line.paid - line.elsewhere)
        line.case = lamps(of, max(1, min(size, most)), line.asked)
    elif move == "settle" and line.case is not None:
        _settle(line)
    elif move == "cancel" and line.case is not None:
        cancel(of, line.case)
    elif move == "back":
        given_back(of, size, name, **named(size))
        line.standing[name] = size
        if line.case is not None:
            line.disputed[name] = size
    elif move == "reverse" and line.standing:
        taken = sorted(line.standing)[size % len(line.standing)]
        given_back(of, line.standing[taken], f"{name}-back", reverses=taken)
        del line.standing[taken]
        line.disputed.pop(taken, None)
    if line.case is not None:
        _check_open(line)


def _check_open(line: Line) -> None:
    """What the open dispute can grant: within its units' share, less what came for them, and within the line."""
    assert line.case is not None
    case = case_of(line.of, line.case)
    mine, most = line.share(line.settled, line.asked), case.grantable.amount_minor
    if case.is_closed:
        return
    assert most <= mine
    assert most <= max(0, line.price - line.paid - line.elsewhere)
    assert most <= max(0, mine - sum(line.disputed.values()))


def _settle(line: Line) -> None:
    assert line.case is not None
    case = case_of(line.of, line.case)
    negotiation.accept_request(line.of.context, call(SELLER), line.case)
    ended = case_of(line.of, line.case).outcome
    assert ended is not None
    granted = ended.refund.amount_minor
    assert granted <= case.grantable.amount_minor
    line.paid += granted
    line.settled += line.asked
    line.disputed = {}
    assert granted + case.given_back.get("lamp", 0) <= line.share(line.settled - line.asked, line.asked)
    assert line.paid + line.elsewhere <= line.price


def test_r39_what_is_taken_back_after_its_dispute_ended_is_no_longer_that_units() -> None:
    of = world(order(items=(LAMPS, DESK)))
    lamps(of, 1000)
    given_back(of, 1000, **named(1000))
    given_back(of, 1000, "g-2", reverses="g-1")
    given_back(of, 1000, "g-3", **named(1000))
    # Nothing was disputed then: it is about the other lamp.
    assert (left(of, 1), left(of, 2)) == (1000, 1000)
    assert lamps(of, 1000)


def test_r39_what_still_stands_of_an_ended_dispute_stays_with_its_unit() -> None:
    of = world(order(items=(LAMPS, DESK)))
    lamps(of, 1000)
    given_back(of, 1800, **named(1800))
    given_back(of, 100, "g-2", **named(100))
    given_back(of, 1800, "g-3", reverses="g-1")
    assert (left(of, 1), left(of, 2)) == (1000, 1900)
    case = lamps(of, 1000)
    given_back(of, 400, "g-4", **named(400))
    given_back(of, 300, "g-5", **named(300))
    cancel(of, case)
    given_back(of, 400, "g-6", reverses="g-4")
    assert left(of, 1) == 700


def test_r39_what_is_taken_back_from_a_settled_unit_hides_nothing_that_comes_for_the_next() -> None:
    of = world(order(items=(LAMPS, DESK)))
    case = lamps(of, 1000)
    given_back(of, 400, **named(400))
    cancel(of, case)
    again = lamps(of, 600)
    negotiation.accept_request(of.context, call(SELLER), again)
    given_back(of, 400, "g-2", reverses="g-1")
    third = lamps(of, 1000)
    given_back(of, 400, "g-3", **named(400))
    assert case_of(of, third).grantable.amount_minor == 600
    cancel(of, third)
    assert left(of, 1) == 600


def test_r39_what_was_given_back_before_a_settlement_and_taken_back_hides_nothing_either() -> None:
    of = world(order(items=(LAMPS, DESK)))
    given_back(of, 1500, **named(1500))
    negotiation.accept_request(of.context, call(SELLER), lamps(of, 500))
    given_back(of, 1500, "g-2", reverses="g-1")
    case = lamps(of, 1000)
    given_back(of, 400, "g-3", **named(400))
    cancel(of, case)
    assert left(of, 1) == 600


def test_r39_what_is_taken_back_while_its_line_is_out_of_the_order_counts_once_the_line_is_back() -> None:
    of = world(order(items=(LAMPS, DESK)))
    given_back(of, 1000, **named(1000))
    case = lamps(of, 1000, 2)
    both = [OrderItemModel("lamp", "Lamp", 2, 2000), OrderItemModel("desk", "Desk", 1, 9000)]
    put(of, items=both[1:])
    given_back(of, 1000, "g-2", reverses="g-1")
    assert case_of(of, case).grantable.amount_minor == 0
    put(of, items=both)
    given_back(of, 500, "g-3", **named(500))
    assert case_of(of, case).grantable.amount_minor == 1000
