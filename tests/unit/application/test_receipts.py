"""The buyer's receipt: it completes the order at once, unless a dispute holds it (R2, R3, R13)."""

import pytest

from buyer_protection.application.actions import orders
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import ConfirmReceiptRequest
from buyer_protection.domain.errors import (
    ConflictError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    NotFoundError,
)
from tests.support.builders import DAY, OPENED, SECOND, SHIPPED
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    OTHER_BUYER,
    OTHER_SELLER,
    SELLER,
    STAFF,
    call,
    cancel,
    doc,
    opened,
    wish,
    world,
)

COMPLETION = SHIPPED + 40 * DAY

SURE = ConfirmReceiptRequest(True)


def confirm(of: World, caller: Caller = BUYER, key: str | None = None, body: str = "body") -> Answer:
    return orders.confirm_receipt(of.context, call(caller, key, body=body), "order-1", SURE)


def test_r03_the_receipt_completes_the_order_at_once() -> None:
    of = world()
    answer = confirm(of)
    assert (answer.status, doc(answer)["completed"]) == (200, True)
    books = of.ledger("order-1")
    assert (books.finished_at, books.finished_by) == (OPENED, "RECEIPT_CONFIRMED")
    assert doc(orders.get_order(of.context, call(BUYER), "order-1"))["completed"] is True


def test_r02_after_the_receipt_no_dispute_can_be_opened() -> None:
    of = world()
    confirm(of)
    with pytest.raises(ConflictError) as refused:
        open_dispute(of.context, call(BUYER), wish())
    assert (refused.value.code, refused.value.rule, refused.value.deadline) == (
        "ORDER_COMPLETED",
        "R2",
        OPENED,
    )
    asked = doc(orders.get_dispute_eligibility(of.context, call(BUYER), "order-1"))
    assert (asked["eligible"], asked["code"]) == (False, "ORDER_COMPLETED")


def test_r13_an_order_with_an_open_dispute_is_not_completed_by_a_receipt() -> None:
    of = world()
    opened(of)
    writes = of.writes
    with pytest.raises(ConflictError) as refused:
        confirm(of)
    assert (refused.value.code, refused.value.rule, refused.value.dispute_id) == ("DISPUTE_OPEN", "R13", CASE)
    assert (of.writes, of.ledger("order-1").finished_at) == (writes, None)


def test_r13_after_the_dispute_was_cancelled_the_receipt_counts() -> None:
    of = world()
    opened(of)
    cancel(of)
    assert doc(confirm(of))["completed"] is True


def test_r13_past_its_completion_an_order_held_by_a_dispute_says_dispute_open() -> None:
    of = world()
    opened(of)
    of.clock.at = COMPLETION + DAY
    with pytest.raises(ConflictError) as refused:
        confirm(of)
    assert refused.value.code == "DISPUTE_OPEN"


def test_r02_a_receipt_counts_until_the_completion_and_at_it_the_order_is_completed() -> None:
    of = world(at=COMPLETION - SECOND)
    confirm(of)
    late = world(at=COMPLETION)
    with pytest.raises(ConflictError) as refused:
        confirm(late)
    assert (refused.value.code, refused.value.rule, refused.value.deadline) == (
        "ORDER_COMPLETED",
        "R2",
        COMPLETION,
    )


def test_r03_a_second_receipt_is_a_conflict_and_the_first_instant_stays() -> None:
    of = world()
    confirm(of)
    of.clock.at += DAY
    with pytest.raises(ConflictError) as refused:
        confirm(of)
    assert (refused.value.code, refused.value.deadline) == ("ORDER_COMPLETED", OPENED)
    assert of.ledger("order-1").finished_at == OPENED


def test_r03_the_same_receipt_twice_is_the_same_answer_and_one_effect() -> None:
    of = world()
    first = confirm(of, key="k" * 16)
    of.clock.at += DAY
    assert confirm(of, key="k" * 16) == first
    assert of.ledger("order-1").finished_at == OPENED
    with pytest.raises(IdempotencyKeyReusedError):
        confirm(of, key="k" * 16, body="another")


def test_r03_two_receipts_at_once_with_one_key_are_one() -> None:
    of = world()
    answers: list[Answer] = []
    of.before_commit = lambda: answers.append(confirm(of, key="k" * 16))
    assert [confirm(of, key="k" * 16)] == answers


def test_r12_r13_a_dispute_that_comes_first_wins_over_the_receipt_and_the_reverse() -> None:
    of = world()
    of.before_commit = lambda: opened(of)
    with pytest.raises(ConflictError) as refused:
        confirm(of)
    assert refused.value.code == "DISPUTE_OPEN"
    other = world()
    other.before_commit = lambda: confirm(other)
    with pytest.raises(ConflictError) as late:
        opened(other)
    assert late.value.code == "ORDER_COMPLETED"
    assert not other.cases_kept


@pytest.mark.parametrize("caller", [SELLER, STAFF, MANAGER])
def test_r03_only_the_buyer_confirms(caller: Caller) -> None:
    of = world()
    with pytest.raises(ForbiddenError) as refused:
        confirm(of, caller)
    assert refused.value.rule == "R3"
    assert of.ledger("order-1").finished_at is None


@pytest.mark.parametrize("caller", [OTHER_BUYER, OTHER_SELLER])
def test_r01_a_stranger_finds_no_order_to_confirm(caller: Caller) -> None:
    of = world()
    with pytest.raises(NotFoundError):
        confirm(of, caller)
    with pytest.raises(NotFoundError):
        orders.confirm_receipt(of.context, call(caller), "order-404", SURE)
