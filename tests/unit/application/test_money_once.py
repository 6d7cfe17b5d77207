"""What may leave once, and only for what is still owed: inputs that paid twice or too much (R39, R41, R44, R51)."""

import pytest

from buyer_protection.application.actions import negotiation
from buyer_protection.application.actions.order_upserts import Upsert, take_order
from buyer_protection.application.schemas.events import RefundFailed, RefundSucceeded
from buyer_protection.application.schemas.requests import MoneyModel, RefundedItem
from buyer_protection.application.workers.inbound_events import Outcome, receive_event
from buyer_protection.domain.enums import RefundKind, RefundStatus, Status
from buyer_protection.domain.errors import ConflictError, InvalidRequestError
from tests.support.builders import DAY, PAID
from tests.support.fakes import World
from tests.unit.application.helpers import BUYER, CASE, SELLER, call, case_of, opened, seen, world
from tests.unit.application.order_calls import code_of, given_back, projection, put, refund, worth


def settled(of: World, minor: int = 1000) -> None:
    opened(of, refund=minor)
    negotiation.accept_request(of.context, call(SELLER), CASE)


def answered(of: World, kind: type[RefundSucceeded] | type[RefundFailed], minor: int = 1000) -> Outcome:
    word = kind(refund_id=f"rf-{CASE}", amount_minor=minor, currency="USD", occurred_at=of.clock.at)
    return receive_event(of.context, word, of.clock.at)


def test_r44_a_refund_that_the_shop_paid_by_hand_is_paid() -> None:
    of = world()
    settled(of)
    answered(of, RefundFailed)
    given_back(of, 1000, "pay-7", dispute_id=CASE)
    assert case_of(of).refund_status is RefundStatus.SUCCEEDED
    assert seen(of, BUYER)["refund"]["status"] == "PAID"
    assert of.ledger("order-1").elsewhere_minor == 0
    # Said again, also by the payment system: nothing happens.
    given_back(of, 1000, "pay-7", dispute_id=CASE)
    assert of.ledger("order-1").elsewhere_minor == 0


def test_r39_only_the_refunds_own_amount_is_ours_and_only_once() -> None:
    of = world()
    settled(of)
    assert given_back(of, 999, "pay-6", dispute_id=CASE).paid is None
    assert given_back(of, 1000, "pay-7", dispute_id=CASE).paid is not None
    assert given_back(of, 1000, "pay-8", dispute_id=CASE).paid is None
    assert of.ledger("order-1").elsewhere_minor == 1999


def test_r51_what_the_shop_lowered_is_not_granted_for_a_cent_given_back() -> None:
    of = world()
    opened(of, refund=PAID)
    given_back(of, 1)
    put(of, items=worth(600, 400))
    assert "ACCEPT_REQUEST" not in {one["action"] for one in seen(of, SELLER)["available_actions"]}
    with pytest.raises(ConflictError) as refused:
        negotiation.accept_request(of.context, call(SELLER), CASE)
    assert code_of(refused) == "MORE_THAN_IS_LEFT"


def test_r51_nothing_is_never_granted_as_an_agreement() -> None:
    of = world()
    opened(of, refund=PAID)
    given_back(of, 1)
    put(of, items=worth(0, 0))
    with pytest.raises(ConflictError):
        negotiation.accept_request(of.context, call(SELLER), CASE)
    assert case_of(of).status is Status.NEGOTIATION
    assert case_of(of).reopen_until is None, "nothing is left to open another dispute about"


def test_r51_a_case_ends_where_everything_was_given_back_also_after_the_shop_lowered_the_order() -> None:
    of = world()
    opened(of, refund=PAID)
    put(of, items=worth(0, 0))
    given_back(of, PAID)
    outcome = case_of(of).outcome
    assert outcome is not None
    assert outcome.code == "REFUNDED_ELSEWHERE"


def test_r39_taking_back_what_was_given_before_the_opening_leaves_no_more_than_the_units_now() -> None:
    of = world()
    mugs = [RefundedItem("mug", 2, MoneyModel(1500, "USD"))]
    given_back(of, 1500, "g-1", items=mugs)
    opened(of, refund=500)
    put(of, items=worth(400))
    given_back(of, 1500, "g-2", reverses="g-1")
    left = case_of(of).grantable.amount_minor
    assert left <= 900


def test_r41_an_answer_from_the_future_is_of_now_and_outdates_no_later_one() -> None:
    of = world()
    settled(of)
    word = RefundSucceeded(
        refund_id=f"rf-{CASE}", amount_minor=1000, currency="USD", occurred_at=of.clock.at + 400 * DAY
    )
    receive_event(of.context, word, of.clock.at)
    assert case_of(of).refund_paid_at == of.clock.at
    of.clock.at += DAY
    assert answered(of, RefundFailed) is Outcome.RECORDED


def test_r41_an_order_of_the_future_does_not_refuse_the_later_ones() -> None:
    of = world()
    assert take_order(of.context, "order-1", projection(), of.clock.at + 400 * DAY) is Upsert.TAKEN
    of.clock.at += DAY
    changed = projection(guaranteed_delivery_days=50)
    assert take_order(of.context, "order-1", changed, of.clock.at) is Upsert.TAKEN
    assert of.orders_kept["order-1"].guaranteed_delivery_days == 50


def test_r38_what_is_impossible_only_in_what_is_fixed_is_taken_without_it() -> None:
    of = world()
    opened(of)
    odd = projection(buyer_id="seller-1", currency="XXX", guaranteed_delivery_days=50)
    assert take_order(of.context, "order-1", odd, of.clock.at) is Upsert.TAKEN_BUT_FIXED
    kept = of.orders_kept["order-1"]
    assert (kept.buyer_id, kept.currency, kept.guaranteed_delivery_days) == ("buyer-1", "USD", 50)


def test_r39_what_was_cancelled_enters_the_ledger_also_after_its_line_has_left_the_order() -> None:
    of = world()
    put(of, items=worth(2000)[:1])
    spoons = [RefundedItem("spoon", 3, MoneyModel(500, "USD"))]
    given_back(of, 500, "c-1", kind=RefundKind.CANCELLATION, items=spoons)
    assert of.ledger("order-1").elsewhere_minor == 500
    with pytest.raises(InvalidRequestError):
        given_back(of, 500, "g-1", items=spoons)


def test_r41_a_refund_said_again_is_known_also_after_its_line_has_left_the_order() -> None:
    of = world()
    spoons = [RefundedItem("spoon", 3, MoneyModel(500, "USD"))]
    given_back(of, 500, "g-1", items=spoons)
    put(of, items=worth(2000)[:1])
    assert given_back(of, 500, "g-1", items=spoons).answer.status == 200
    assert refund(500, "g-1", items=spoons).items == spoons


def test_r39_what_is_paid_by_hand_again_after_it_came_back_is_ours_and_counts_once() -> None:
    of = world()
    settled(of)
    given_back(of, 1000, "h-1", dispute_id=CASE)
    for hand in ("h-2", "h-3"):
        of.clock.at += DAY
        answered(of, RefundFailed)
        assert case_of(of).refund_status is RefundStatus.RETURNED
        # What came back stays known, by the shop's own word as well.
        assert given_back(of, 1000, "h-1", dispute_id=CASE).answer.status == 200
        assert case_of(of).refund_status is RefundStatus.RETURNED
        of.clock.at += DAY
        noted = given_back(of, 1000, hand, dispute_id=CASE, occurred_at=of.clock.at)
        assert (noted.is_above_left, noted.paid is not None) == (False, True)
        assert case_of(of).refund_status is RefundStatus.SUCCEEDED
        assert of.ledger("order-1").elsewhere_minor == 0
    # Each payment once: another beside it is money given back besides.
    assert given_back(of, 1000, "h-4", dispute_id=CASE).paid is None
    assert of.ledger("order-1").elsewhere_minor == 1000


def test_r39_a_payment_by_hand_that_is_dated_at_its_days_beginning_is_the_payment_again() -> None:
    of = world()
    settled(of)
    midnight = of.clock.at
    of.clock.at += DAY / 4
    answered(of, RefundSucceeded)
    of.clock.at += DAY / 4
    answered(of, RefundFailed)
    of.clock.at += DAY / 4
    noted = given_back(of, 1000, "h-1", dispute_id=CASE, occurred_at=midnight)
    assert (noted.paid is not None, of.ledger("order-1").elsewhere_minor) == (True, 0)
    assert case_of(of).refund_status is RefundStatus.SUCCEEDED
    # The failure that it followed, said again under an instant of its own, is not this payment's.
    returned_at = of.clock.at - DAY / 4
    for occurred_at in (returned_at, returned_at - DAY / 8):
        word = RefundFailed(
            refund_id=f"rf-{CASE}", amount_minor=1000, currency="USD", occurred_at=occurred_at
        )
        assert receive_event(of.context, word, of.clock.at) is Outcome.KNOWN


def test_r39_the_payment_that_came_back_reported_by_hand_under_its_reference_is_no_new_one() -> None:
    of = world()
    settled(of)
    word = RefundSucceeded(
        refund_id=f"rf-{CASE}",
        amount_minor=1000,
        currency="USD",
        occurred_at=of.clock.at,
        reference="pay-7",
    )
    receive_event(of.context, word, of.clock.at)
    of.clock.at += DAY
    answered(of, RefundFailed)
    assert given_back(of, 1000, "pay-7", dispute_id=CASE).paid is not None
    assert case_of(of).refund_status is RefundStatus.RETURNED
    assert given_back(of, 1000, "pay-8", dispute_id=CASE).paid is not None
    assert case_of(of).refund_status is RefundStatus.SUCCEEDED
    assert of.ledger("order-1").elsewhere_minor == 0
