"""Which refunds leave and which are held, where an order has several and the shop changes it meanwhile (R39, R40)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from buyer_protection.application.actions import negotiation
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.schemas.requests import (
    ItemChoice,
    MoneyModel,
    OrderItemModel,
    RefundedItem,
)
from buyer_protection.application.workers.refunds import Published, publish_refund
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.sweep_round import Sweeper
from buyer_protection.domain.enums import RefundKind, RefundStatus
from buyer_protection.domain.ledger import settlement_by
from buyer_protection.domain.order import DisputedItem
from buyer_protection.domain.refunds import RefundAnswer, note_answer
from tests.support.builders import usd
from tests.support.fakes import World
from tests.unit.application.helpers import BUYER, SELLER, call, case_of, doc, offer, wish, world
from tests.unit.application.order_calls import given_back, put, worth

HOURS = timedelta(hours=2)
MUG, SPOONS, MUGS = DisputedItem("mug", 1), DisputedItem("spoon", 3), DisputedItem("mug", 2)


def granted(of: World, refund: int, item: DisputedItem) -> str:
    """A dispute about these units that the seller grants; its refund has not left yet."""
    named = [ItemChoice(item.item_id, item.quantity)]
    asked = wish(refund, items=named)
    dispute_id = str(doc(open_dispute(of.context, call(BUYER), asked))["dispute_id"])
    negotiation.accept_request(of.context, call(SELLER), dispute_id)
    return dispute_id


def swept(of: World) -> dict[str, int]:
    """What the sweeper did two hours later."""
    of.clock.at += HOURS
    return sweep(
        Sweeper(
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
    )


def requested(of: World) -> list[str]:
    """The disputes whose refunds were requested, each once."""
    events = [event for event in of.bus.published if event.type == "RefundRequested"]
    return sorted({event.detail["dispute_id"] for event in events})


MUGS_LINE, SPOONS_LINE = worth(2000)
FOUR = OrderItemModel("mug", "Blue mug", 4, 2000)


@pytest.mark.parametrize(
    "items",
    [
        [SPOONS_LINE],
        [FOUR, SPOONS_LINE],
        [OrderItemModel("mug", "Blue mug", 4, 9000), SPOONS_LINE],
        [OrderItemModel("mug", "Blue mug", 2, 1000), SPOONS_LINE],
        [OrderItemModel("mug", "Blue mug", 1, 1000), SPOONS_LINE],
        [OrderItemModel("bowl", "Bowl", 1, 900)],
    ],
)
def test_r39_what_was_granted_leaves_whatever_the_shop_makes_of_the_settled_line(
    items: list[OrderItemModel],
) -> None:
    of = world()
    cases = [granted(of, 1000, MUG), granted(of, 1000, MUG)]
    put(of, items=items)
    of.deliver_stream()
    assert requested(of) == cases
    assert of.ledger("order-1").held == ()


def test_r39_what_was_cancelled_of_a_line_keeps_nobody_from_being_paid_for_the_rest() -> None:
    of = world()
    case = granted(of, 1000, MUG)
    put(of, items=[SPOONS_LINE])
    cancelled = [RefundedItem("mug", 1, MoneyModel(1000, "USD"))]
    given_back(of, 1000, kind=RefundKind.CANCELLATION, items=cancelled)
    of.deliver_stream()
    assert requested(of) == [case]


def test_r39_of_two_refunds_that_wait_the_one_that_fits_leaves_and_the_other_stays_held() -> None:
    of = world()
    small, large = granted(of, 500, SPOONS), granted(of, 2000, MUGS)
    given_back(of, 600)
    of.deliver_stream()
    done = [swept(of) for _ in range(3)]
    assert requested(of) == [small]
    assert [case_of(of, one).refund_status for one in (small, large)] == [
        RefundStatus.REQUESTED,
        RefundStatus.HELD,
    ]
    assert of.ledger("order-1").held == (large,)
    assert all(one["refunds_held_over_ledger"] >= 1 for one in done)


def test_r39_a_large_refund_that_waits_longer_does_not_block_a_small_one_that_fits() -> None:
    of = world()
    large, small = granted(of, 2000, MUGS), granted(of, 500, SPOONS)
    given_back(of, 600)
    of.deliver_stream()
    swept(of)
    assert requested(of) == [small]
    # What has left keeps its room, also from the older one.
    given_back(of, 600, "g-2", reverses="g-1")
    given_back(of, 100, "g-3")
    swept(of)
    assert requested(of) == [small]
    given_back(of, 100, "g-4", reverses="g-3")
    swept(of)
    assert requested(of) == [large, small]
    assert of.ledger("order-1").held == ()


def test_r39_where_room_comes_back_the_oldest_that_fits_takes_it() -> None:
    of = world()
    first, second = granted(of, 1000, MUG), granted(of, 1000, MUG)
    given_back(of, 2500)
    of.deliver_stream()
    assert of.ledger("order-1").held == (first, second)
    given_back(of, 2500, "g-2", reverses="g-1")
    given_back(of, 1000, "g-3")
    refund, _ = of.refunds_kept[second]
    assert publish(of, second) is Published.HELD_OVER_LEDGER
    assert publish(of, first) is Published.SENT
    assert (requested(of), of.ledger("order-1").held) == ([first], (second,))
    assert refund.amount == usd(1000)


def publish(of: World, dispute_id: str) -> Published:
    refund, _ = of.refunds_kept[dispute_id]
    return publish_refund(of.cases, of.orders, of.bus, of.clock, refund)


def two_held(of: World, elsewhere: int) -> tuple[str, str]:
    """A large refund and a later small one, both held; then only so much was given back elsewhere."""
    large, small = granted(of, 2000, MUGS), granted(of, 500, SPOONS)
    given_back(of, 2500)
    of.deliver_stream()
    assert of.ledger("order-1").held == (large, small)
    given_back(of, 2500, "g-2", reverses="g-1")
    given_back(of, elsewhere, "g-3")
    return large, small


def test_r39_of_two_publications_at_once_one_takes_the_room_and_the_other_reads_again() -> None:
    """The small one is about to leave because the large one does not fit; then room comes, and the large one leaves."""
    of = world()
    large, small = two_held(of, 600)

    def room_for_the_large_one() -> None:
        given_back(of, 600, "g-4", reverses="g-3")
        given_back(of, 500, "g-5")
        assert publish(of, large) is Published.SENT

    of.before_commit = room_for_the_large_one
    assert publish(of, small) is Published.HELD_OVER_LEDGER
    assert (requested(of), of.ledger("order-1").held) == ([large], (small,))


def test_r39_a_refund_that_is_paid_by_hand_meanwhile_takes_the_room_of_one_that_was_about_to_leave() -> None:
    of = world()
    large, small = two_held(of, 600)
    of.before_commit = lambda: paid_by_hand(of, large)
    assert publish(of, small) is Published.HELD_OVER_LEDGER
    assert (requested(of), of.ledger("order-1").held) == ([], (small,))


def paid_by_hand(of: World, dispute_id: str) -> None:
    case, now = case_of(of, dispute_id), of.clock.at
    assert case.outcome is not None
    paid = note_answer(case, RefundAnswer(RefundStatus.SUCCEEDED, case.outcome.refund, now, "pay-1"), now)
    assert paid is not None
    of.cases.commit(paid, now=now)


def test_r44_a_held_refund_that_was_paid_by_hand_is_held_no_more_and_has_its_room() -> None:
    of = world()
    small, large = granted(of, 500, SPOONS), granted(of, 2000, MUGS)
    given_back(of, 2100)
    of.deliver_stream()
    paid_by_hand(of, large)
    assert large not in of.ledger("order-1").held
    given_back(of, 2100, "g-2", reverses="g-1")
    given_back(of, 100, "g-3")
    swept(of)
    assert small not in requested(of)


def named(minor: int) -> dict[str, Any]:
    return {"items": [RefundedItem("mug", 1, MoneyModel(minor, "USD"))]}


def test_r39_what_was_given_back_for_the_same_line_holds_a_refund_though_the_order_has_room() -> None:
    of = world()
    case = granted(of, 2000, MUGS)
    given_back(of, 400, **named(400))
    of.deliver_stream()
    assert (requested(of), of.ledger("order-1").held) == ([], (case,))


def test_r39_a_wrong_refund_of_another_line_holds_nothing_of_this_one() -> None:
    of = world()
    case = granted(of, 500, SPOONS)
    given_back(of, 9000, **named(9000))
    of.deliver_stream()
    assert requested(of) == [case]


def offered(of: World, refund: int, *items: DisputedItem, asked: int, lines: list[OrderItemModel]) -> str:
    """A dispute about these units; then the order is this, and the buyer takes what the seller offers."""
    named = [ItemChoice(item.item_id, item.quantity) for item in items] or None
    dispute_id = str(doc(open_dispute(of.context, call(BUYER), wish(asked, items=named)))["dispute_id"])
    put(of, items=lines)
    offer(of, SELLER, refund, case=dispute_id)
    negotiation.accept_offer(of.context, call(BUYER), dispute_id, "of-2")
    return dispute_id


def test_r39_a_refund_is_for_the_lines_that_are_left_and_leaves_beside_a_cancellation_of_the_other() -> None:
    of = world()
    case = offered(of, 500, asked=2500, lines=[SPOONS_LINE])
    mugs = [RefundedItem("mug", 2, MoneyModel(2000, "USD"))]
    given_back(of, 2000, kind=RefundKind.CANCELLATION, items=mugs)
    of.deliver_stream()
    assert (requested(of), of.ledger("order-1").given_back) == ([case], {"mug": 2000, "spoon": 500})


def test_r39_a_refund_is_for_what_an_earlier_dispute_left_of_each_line() -> None:
    of = world()
    first = granted(of, 2000, MUGS)
    put(of, items=[OrderItemModel("mug", "Blue mug", 3, 2000), SPOONS_LINE])
    second = str(doc(open_dispute(of.context, call(BUYER), wish(500)))["dispute_id"])
    negotiation.accept_request(of.context, call(SELLER), second)
    of.deliver_stream()
    assert (requested(of), of.ledger("order-1").held) == ([first, second], ())
    assert of.ledger("order-1").given_back == {"mug": 2000, "spoon": 500}


def test_r40_the_other_unit_of_a_line_whose_price_fell_keeps_what_it_has_left() -> None:
    of = world()
    offered(of, 433, MUG, DisputedItem("spoon", 2), asked=1333, lines=worth(200))
    assert of.ledger("order-1").given_back == {"mug": 100, "spoon": 333}
    second = granted(of, 100, MUG)
    of.deliver_stream()
    assert second in requested(of)


def test_r39_a_case_of_before_the_lines_were_kept_is_spread_by_what_was_paid() -> None:
    of = world()
    dispute_id = str(doc(open_dispute(of.context, call(BUYER), wish(2500)))["dispute_id"])
    put(of, items=[SPOONS_LINE])
    assert case_of(of, dispute_id).left_by_line == {"mug": 0}
    old = replace(case_of(of, dispute_id), left_by_line={})
    assert settlement_by(old, usd(500)).refund == {"mug": 400, "spoon": 100}
    assert settlement_by(case_of(of, dispute_id), usd(500)).refund == {"spoon": 500}
