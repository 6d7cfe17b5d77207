"""POST /disputes over the in-memory world: R1 to R13, R28, races included."""

from dataclasses import replace

import pytest

from buyer_protection.application.actions import orders
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.actions.negotiation import accept_request
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.schemas.requests import ItemChoice, MoneyModel, SellerContact
from buyer_protection.domain.enums import Status
from buyer_protection.domain.errors import (
    ConflictError,
    ContentionError,
    HeldError,
    ImpossibleError,
    LimitReachedError,
    NotFoundError,
    WindowNotOpenError,
)
from buyer_protection.runtime.problems import problem_of, retry_after
from tests.support.builders import DAY, OPENED, PAID, SECOND, SHIPPED, order
from tests.unit.application.helpers import (
    BUYER,
    MANAGER,
    OTHER_BUYER,
    SELLER,
    SHOP,
    STAFF,
    call,
    cancel,
    case_of,
    doc,
    opened,
    wish,
    world,
    world_in,
)


def test_r34_a_po_box_is_shown_on_the_order_and_blocks_no_dispute() -> None:
    of = world()
    of.orders_kept["order-1"] = replace(of.orders_kept["order-1"], address_lines=("PO Box 3",))
    assert doc(orders.get_order(of.context, call(BUYER), "order-1"))["warnings"] == ["PO_BOX_ADDRESS"]
    asked = doc(orders.get_dispute_eligibility(of.context, call(BUYER), "order-1"))
    assert (asked["eligible"], asked["code"]) == (True, None)
    assert open_dispute(of.context, call(BUYER), wish()).status == 201


def test_r01_opening_answers_201_with_the_dispute_and_where_it_is() -> None:
    of = world()
    answer = open_dispute(of.context, call(BUYER), wish(seller_contacted=SellerContact(True, "by chat")))
    assert (answer.status, answer.location, answer.version) == (201, "/v1/disputes/dp-1", 1)
    body = doc(answer)
    assert (body["status"], body["stage"], body["max_refundable"]["amount_minor"]) == (
        "NEGOTIATION",
        "NEGOTIATION",
        PAID,
    )
    assert body["seller_contacted"] == {"contacted": True, "how": "by chat"}
    assert of.ledgers["order-1"].active_dispute_id == "dp-1"
    assert of.ledgers["order-1"].disputes_opened == 1


def test_while_openings_are_held_nobody_opens_a_dispute_and_who_had_has_their_answer() -> None:
    of, command = world(), call(BUYER, "key-1")
    first = open_dispute(of.context, command, wish())
    of.openings_held = True
    assert open_dispute(of.context, command, wish()) == first
    cancel(of)
    with pytest.raises(HeldError) as held:
        open_dispute(of.context, call(BUYER), wish())
    problem = problem_of(held.value, "request-1")
    assert (problem.status, problem.code, retry_after(held.value, problem)) == (503, "BUSY", 60)
    of.openings_held = False
    assert open_dispute(of.context, call(BUYER), wish()).status == 201


@pytest.mark.parametrize(
    "caller", [OTHER_BUYER, SELLER, STAFF, MANAGER, SHOP, Caller("buyer-1", is_system=True)]
)
def test_r01_an_order_that_is_absent_and_one_that_is_not_mine_look_the_same(caller: Caller) -> None:
    of = world()
    with pytest.raises(NotFoundError) as not_mine:
        open_dispute(of.context, call(caller), wish())
    with pytest.raises(NotFoundError) as absent:
        open_dispute(of.context, call(BUYER), wish(order_id="order-9"))
    assert vars(not_mine.value) == vars(absent.value)
    assert not of.writes


def test_r05_a_plain_yes_is_enough_to_declare_the_contact() -> None:
    of = world()
    body = doc(open_dispute(of.context, call(BUYER), wish(seller_contacted=False)))
    assert body["seller_contacted"] == {"contacted": False, "how": ""}


def test_r07_too_early_and_exactly_in_time() -> None:
    of = world(at=OPENED - SECOND)
    with pytest.raises(WindowNotOpenError) as refused:
        open_dispute(of.context, call(BUYER), wish())
    assert refused.value.available_at == OPENED
    of.clock.at = OPENED
    assert open_dispute(of.context, call(BUYER), wish()).status == 201


def test_r11_a_refund_above_what_was_paid_is_422_and_changes_nothing() -> None:
    of = world()
    with pytest.raises(ImpossibleError):
        open_dispute(of.context, call(BUYER), wish(requested_refund=MoneyModel(PAID + 1, "USD")))
    assert not of.writes
    assert not of.ledgers


def test_r01_named_items_are_disputed_alone() -> None:
    of = world()
    body = doc(open_dispute(of.context, call(BUYER), wish(100, items=[ItemChoice("mug", 1)])))
    paid = {"amount_minor": 1000, "currency": "USD"}
    assert body["items"] == [{"item_id": "mug", "quantity": 1, "title": "Blue mug", "amount": paid}]
    assert body["max_refundable"]["amount_minor"] == 1000


def test_r12_of_two_parallel_opens_one_is_201_and_the_other_409_naming_the_case() -> None:
    of = world()
    first: list[str] = []
    of.before_commit = lambda: first.append(opened(of))
    with pytest.raises(ConflictError) as refused:
        open_dispute(of.context, call(BUYER), wish())
    assert (refused.value.code, refused.value.rule, refused.value.dispute_id) == (
        "DISPUTE_EXISTS",
        "R12",
        first[0],
    )
    assert list(of.cases_kept) == first
    assert of.ledgers["order-1"].disputes_opened == 1


def test_r12_who_is_always_beaten_gives_up_with_contention_and_has_changed_nothing() -> None:
    of = world()

    def again() -> None:
        of.before_commit = again
        raise ConflictingWriteError

    of.before_commit = again
    with pytest.raises(ContentionError) as refused:
        open_dispute(of.context, call(BUYER), wish())
    assert refused.value.code == "CONTENTION"
    assert not of.cases_kept


def test_r12_a_dispute_opened_and_cancelled_in_between_stands_in_nobodys_way() -> None:
    of = world()
    of.before_commit = lambda: cancel(of, opened(of))
    assert doc(open_dispute(of.context, call(BUYER), wish()))["status"] == "NEGOTIATION"
    assert of.ledgers["order-1"].disputes_opened == 2


def test_r28_an_order_can_be_disputed_three_times_and_no_fourth() -> None:
    of = world()
    for number in (1, 2, 3):
        case = opened(of)
        assert case == f"dp-{number}"
        of.clock.at += DAY
        until = doc(cancel(of, case))["can_reopen_until"]
        assert until == ("2026-04-10T12:00:00.000Z" if number < 3 else None)
    with pytest.raises(LimitReachedError) as refused:
        opened(of)
    assert refused.value.rule == "R28"


def test_r13_cancelling_resumes_the_orders_clock_which_may_have_run_out_meanwhile() -> None:
    of = world(order(10))
    opened(of)
    of.clock.at = SHIPPED + 12 * DAY
    held = doc(orders.get_order(of.context, call(BUYER), "order-1"))
    assert (held["completed"], held["active_dispute_id"]) == (False, "dp-1")
    assert doc(cancel(of))["can_reopen_until"] is None
    body = doc(orders.get_order(of.context, call(BUYER), "order-1"))
    assert (body["completed"], body["active_dispute_id"]) == (True, None)
    with pytest.raises(ConflictError) as refused:
        opened(of)
    assert refused.value.code == "ORDER_COMPLETED"


def test_r25_an_order_whose_dispute_was_decided_cannot_be_disputed_anew() -> None:
    of = world_in(Status.DECIDED)
    with pytest.raises(ConflictError) as refused:
        opened(of)
    assert (refused.value.code, refused.value.rule) == ("ORDER_COMPLETED", "R2")
    assert of.ledgers["order-1"].refunded_minor == PAID
    assert of.ledgers["order-1"].finished_by == "dp-1"


def test_r01_r25_an_agreement_on_some_items_leaves_the_others_disputable_and_only_them() -> None:
    of = world()
    mugs = wish(2000, items=[ItemChoice("mug", 2)])
    open_dispute(of.context, call(BUYER), mugs)
    accept_request(of.context, call(SELLER), "dp-1")
    page = doc(orders.get_order(of.context, call(BUYER), "order-1"))
    assert (page["completed"], page["finished_at"]) == (False, None)
    assert page["disputable_items"] == [{"item_id": "spoon", "quantity": 3}]
    may = doc(orders.get_dispute_eligibility(of.context, call(BUYER), "order-1"))
    assert (may["eligible"], may["max_refundable"]["amount_minor"]) == (True, 500)
    with pytest.raises(ConflictError) as settled:
        open_dispute(of.context, call(BUYER), mugs)
    assert (settled.value.code, settled.value.rule) == ("ITEM_SETTLED", "R25")
    second = doc(open_dispute(of.context, call(BUYER), wish(500)))
    assert [(item["item_id"], item["quantity"]) for item in second["items"]] == [("spoon", 3)]
    accept_request(of.context, call(SELLER), second["dispute_id"])
    page = doc(orders.get_order(of.context, call(BUYER), "order-1"))
    assert (page["completed"], page["refunded"]["amount_minor"], page["disputable_items"]) == (True, PAID, [])
    with pytest.raises(ConflictError) as completed:
        open_dispute(of.context, call(BUYER), wish(1))
    assert completed.value.code == "ORDER_COMPLETED"


def test_r28_cancelling_settles_nothing_so_that_the_same_items_can_be_disputed_again() -> None:
    of = world()
    some = wish(1000, items=[ItemChoice("mug", 1)])
    open_dispute(of.context, call(BUYER), some)
    cancel(of)
    assert open_dispute(of.context, call(BUYER), some).status == 201


def test_r12_who_decided_on_a_ledger_that_has_changed_decides_anew() -> None:
    """Between reading and writing somebody else's dispute about a mug was opened and settled."""
    of = world()
    one_mug = wish(1000, items=[ItemChoice("mug", 1)])

    def somebody_else() -> None:
        open_dispute(of.context, call(BUYER), one_mug)
        accept_request(of.context, call(SELLER), "dp-2")

    of.before_commit = somebody_else
    with pytest.raises(ConflictError) as settled:
        open_dispute(of.context, call(BUYER), wish(2000, items=[ItemChoice("mug", 2)]))
    assert settled.value.code == "ITEM_SETTLED"


def test_r11_over_several_disputes_the_ledger_never_pays_above_what_was_paid() -> None:
    of = world()
    opened(of)
    of.clock.at += DAY
    cancel(of)
    second = opened(of, refund=PAID)
    of.clock.at += DAY
    # A ledger changed by hand: what the case knows of it no longer holds.
    books = of.ledger("order-1")
    of.ledgers["order-1"] = replace(books, refunded_minor=1, version=books.version + 1)
    with pytest.raises(ContentionError):
        accept_request(of.context, call(SELLER), second)
    assert case_of(of, second).status is Status.NEGOTIATION
    assert of.ledgers["order-1"].refunded_minor == 1
