"""Money that the shop gave back outside of disputes, and refunds that do not leave for it (R39, R41, R51; A2, G1)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from buyer_protection.application.actions import negotiation, orders, refunds_elsewhere
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.schemas.events import OrderRefunded
from buyer_protection.application.schemas.requests import (
    ItemChoice,
    MoneyModel,
    RefundedItem,
    RefundElsewhereRequest,
)
from buyer_protection.application.workers.inbound_events import Outcome, receive_event
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.sweep_round import Sweeper
from buyer_protection.domain.enums import RefundKind, RefundStatus, Status
from buyer_protection.domain.errors import (
    ConflictError,
    DisputeError,
    ForbiddenError,
    ImpossibleError,
    InvalidRequestError,
)
from tests.support.builders import DAY, OPENED, PAID, usd
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    SELLER,
    SHOP,
    call,
    case_of,
    doc,
    opened,
    seen,
    wish,
    world,
)
from tests.unit.application.order_calls import (
    code_of,
    given_back,
    put,
    refund,
    worth,
)


def test_a02_a_refund_elsewhere_is_told_once_and_shown_to_all() -> None:
    of = world()
    opened(of)
    noted = given_back(of, 1000, key="k" * 16)
    assert (noted.answer.status, noted.is_above_left) == (201, False)
    assert doc(noted.answer)["amount"] == {"amount_minor": 1000, "currency": "USD"}
    assert given_back(of, 1000, key="k" * 16).answer == noted.answer
    assert given_back(of, 1000).answer.status == 200
    with pytest.raises(ConflictError) as reused:
        given_back(of, 999)
    assert code_of(reused) == "EVENT_ID_REUSED"
    for reader in (BUYER, SELLER):
        assert seen(of, reader)["max_refundable"]["amount_minor"] == 1500
    assert of.ledger("order-1").elsewhere_minor == 1000
    page = doc(orders.get_order(of.context, call(BUYER), "order-1"))["refunded"]
    assert (page["amount_minor"], page["elsewhere"]["amount_minor"]) == (0, 1000)
    negotiation.accept_request(of.context, call(SELLER), CASE)
    assert of.refunds_kept[CASE][0].amount == usd(1500)


def test_r41_only_the_shop_tells_of_refunds_and_only_what_can_be() -> None:
    of = world()
    with pytest.raises(ForbiddenError):
        refunds_elsewhere.record_refund(of.context, call(BUYER), "order-1", refund(1))
    wrong: list[tuple[type[DisputeError], RefundElsewhereRequest]] = [
        (InvalidRequestError, refund(1, occurred_at=OPENED + DAY)),
        (ImpossibleError, refund(0)),
        (InvalidRequestError, refund(9, items=[RefundedItem("bowl", 1, MoneyModel(9, "USD"))])),
        (InvalidRequestError, refund(9, items=[RefundedItem("mug", 3, MoneyModel(9, "USD"))])),
        (ImpossibleError, refund(9, items=[RefundedItem("mug", 1, MoneyModel(10, "USD"))])),
        (ImpossibleError, refund(9, items=[RefundedItem("mug", 1, MoneyModel(9, "EUR"))])),
        (ConflictError, refund(9, reverses="g-404")),
        (InvalidRequestError, refund(9, "rf-dp-1", dispute_id="dp-2")),
        (InvalidRequestError, refund(9, kind=RefundKind.CANCELLATION, items=twice("mug"))),
    ]
    for error, request in wrong:
        with pytest.raises(error):
            refunds_elsewhere.record_refund(of.context, call(SHOP), "order-1", request)
    euros = replace_currency(refund(9))
    with pytest.raises(ImpossibleError) as mismatch:
        refunds_elsewhere.record_refund(of.context, call(SHOP), "order-1", euros)
    assert code_of(mismatch) == "CURRENCY_MISMATCH"
    assert of.ledger("order-1").version == 0


def twice(item_id: str) -> list[RefundedItem]:
    return [RefundedItem(item_id, 1, MoneyModel(4, "USD")) for _ in range(2)]


def replace_currency(asked: RefundElsewhereRequest) -> RefundElsewhereRequest:
    return RefundElsewhereRequest(asked.refund_id, asked.kind, MoneyModel(9, "EUR"), asked.occurred_at)


def test_a02_what_is_above_what_is_left_is_taken_and_alarmed() -> None:
    of = world()
    assert given_back(of, PAID + 1).is_above_left
    assert of.ledger("order-1").elsewhere_minor == PAID + 1
    answer = doc(orders.get_dispute_eligibility(of.context, call(BUYER), "order-1"))
    assert (answer["eligible"], answer["code"]) == (False, "NOTHING_TO_REFUND")


@pytest.mark.parametrize(
    ("minor", "line", "is_above"),
    [(2000, 2000, False), (2001, 2001, True), (2400, 2000, False), (501, 0, False)],
)
def test_r39_what_is_above_what_is_left_of_its_own_line_is_alarmed(
    minor: int, line: int, is_above: bool
) -> None:
    of = world()
    items = [RefundedItem("mug", 2, MoneyModel(line, "USD"))] if line else []
    assert given_back(of, minor, items=items).is_above_left is is_above
    assert of.ledger("order-1").elsewhere_minor == minor


def test_r39_what_was_cancelled_and_has_left_the_order_is_above_no_line() -> None:
    of = world()
    put(of, items=worth(2000)[:1])
    spoons = [RefundedItem("spoon", 3, MoneyModel(500, "USD"))]
    assert not given_back(of, 500, kind=RefundKind.CANCELLATION, items=spoons).is_above_left


def test_r39_money_for_a_line_that_the_order_never_had_is_alarmed() -> None:
    of = world()
    cancelled = {"kind": RefundKind.CANCELLATION}
    assert given_back(of, 1, items=[RefundedItem("mugg", 2, MoneyModel(1, "USD"))], **cancelled).is_above_left
    assert of.ledger("order-1").elsewhere == {"mugg": 1}
    # A line that was there once is no typing error, also after it came and went again.
    for number, lines in enumerate([worth(2000)[1:], worth(2000), worth(2000)[1:]]):
        put(of, items=lines)
        mugs = [RefundedItem("mug", 2, MoneyModel(1, "USD"))]
        assert not given_back(of, 1, f"g-1{number}", items=mugs, **cancelled).is_above_left
    assert of.ledger("order-1").former_items == ("mug",)


def test_r39_what_a_dispute_has_given_back_of_a_line_is_left_of_it_no_more() -> None:
    of = world()
    opened(of, refund=2000)
    negotiation.accept_request(of.context, call(SELLER), CASE)
    spoons = [RefundedItem("spoon", 3, MoneyModel(101, "USD"))]
    assert of.ledger("order-1").given_back == {"mug": 1600, "spoon": 400}
    assert given_back(of, 101, items=spoons).is_above_left


def test_r39_a_refund_elsewhere_is_taken_back_once_and_whole() -> None:
    of = world()
    opened(of)
    given_back(of, 1000, items=[RefundedItem("mug", 1, MoneyModel(1000, "USD"))])
    with pytest.raises(ImpossibleError):
        given_back(of, 900, "g-2", reverses="g-1")
    assert given_back(of, 1000, "g-2", reverses="g-1").answer.status == 201
    assert given_back(of, 1000, "g-2", reverses="g-1").answer.status == 200
    with pytest.raises(ConflictError):
        given_back(of, 1000, "g-3", reverses="g-1")
    assert seen(of, BUYER)["max_refundable"]["amount_minor"] == PAID
    assert [e.data["cause"] for e in of.timeline[CASE][1:]] == ["REFUND_ELSEWHERE", "REFUND_REVERSED"]


@pytest.mark.parametrize("named", [{"refund_id": "rf-dp-1"}, {"refund_id": "pay-7", "dispute_id": CASE}])
def test_r39_what_names_a_refund_of_ours_is_ours_and_counts_once(named: dict[str, str]) -> None:
    of = world()
    opened(of, refund=1000)
    negotiation.accept_request(of.context, call(SELLER), CASE)
    noted = given_back(of, 1000, **named)
    assert (noted.answer.status, doc(noted.answer)["is_ours"]) == (201, True)
    assert (of.ledger("order-1").refunded_minor, of.ledger("order-1").elsewhere_minor) == (1000, 0)


def test_r39_what_names_a_dispute_that_pays_nothing_yet_is_elsewhere() -> None:
    of = world()
    opened(of)
    noted = given_back(of, 1000, dispute_id=CASE)
    assert doc(noted.answer)["is_ours"] is False
    assert seen(of, BUYER)["max_refundable"]["amount_minor"] == 1500


def test_a02_the_bus_says_the_same() -> None:
    of = world()
    opened(of)
    event = OrderRefunded(
        order_id="order-1",
        refund_id="g-1",
        kind=RefundKind.CHARGEBACK,
        amount=MoneyModel(700, "USD"),
        occurred_at=OPENED,
    )
    assert [receive_event(of.context, event, OPENED) for _ in range(2)] == [Outcome.RECORDED, Outcome.KNOWN]
    assert seen(of, SELLER)["max_refundable"]["amount_minor"] == 1800
    more = OrderRefunded(
        order_id="order-1",
        refund_id="g-2",
        kind=RefundKind.OTHER,
        amount=MoneyModel(1801, "USD"),
        occurred_at=OPENED,
    )
    assert receive_event(of.context, more, OPENED) is Outcome.ABOVE_WHAT_IS_LEFT


def test_r51_a_case_of_which_everything_was_given_back_elsewhere_ends() -> None:
    of = world()
    opened(of)
    given_back(of, PAID)
    assert seen(of, BUYER)["outcome"]["code"] == "REFUNDED_ELSEWHERE"
    assert (case_of(of).status, of.ledger("order-1").active_dispute_id) == (Status.CANCELLED, None)
    assert CASE not in of.refunds_kept


def test_r51_a_refund_of_another_line_ends_no_case_whose_own_line_left_the_order() -> None:
    of = world()
    open_dispute(of.context, call(BUYER), wish(2000, items=[ItemChoice("mug", 2)]))
    put(of, items=worth(2000)[1:])
    given_back(of, 1, items=[RefundedItem("spoon", 1, MoneyModel(1, "USD"))])
    given_back(of, 100, "g-2")
    assert (case_of(of).status, case_of(of).grantable) == (Status.NEGOTIATION, usd(0))
    given_back(of, 399, "g-3")
    assert seen(of, BUYER)["outcome"]["code"] == "REFUNDED_ELSEWHERE"


def test_r51_a_refund_of_the_cases_own_line_ends_it_also_once_the_line_left_the_order() -> None:
    of = world()
    open_dispute(of.context, call(BUYER), wish(2000, items=[ItemChoice("mug", 2)]))
    put(of, items=worth(2000)[1:])
    mugs = [RefundedItem("mug", 2, MoneyModel(2000, "USD"))]
    given_back(of, 2000, kind=RefundKind.CANCELLATION, items=mugs)
    assert seen(of, BUYER)["outcome"]["code"] == "REFUNDED_ELSEWHERE"


def test_r39_a_chargeback_before_the_refund_leaves_holds_it_until_it_is_taken_back() -> None:
    of = world()
    opened(of)
    negotiation.accept_request(of.context, call(SELLER), CASE)
    given_back(of, PAID, kind=RefundKind.CHARGEBACK)
    of.deliver_stream()
    assert not [event for event in of.bus.published if event.type == "RefundRequested"]
    assert (case_of(of).refund_status, of.timeline[CASE][-1].type) == (RefundStatus.HELD, "REFUND_HELD")
    sweeper = Sweeper(
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
    of.clock.at += timedelta(hours=2)
    assert sweep(sweeper)["refunds_held_over_ledger"] == 1
    assert len(of.timeline[CASE]) == 3
    given_back(of, PAID, "g-2", reverses="g-1")
    of.clock.at += timedelta(hours=2)
    assert sweep(sweeper)["refunds_reemitted"] == 1
    assert [event.type for event in of.bus.published if event.type == "RefundRequested"] == [
        "RefundRequested"
    ]
    assert (case_of(of).refund_status, of.timeline[CASE][-1].type) == (
        RefundStatus.REQUESTED,
        "REFUND_RELEASED",
    )


def test_g1_a_refund_row_that_no_case_stands_behind_is_never_published() -> None:
    of = world()
    opened(of)
    negotiation.accept_request(of.context, call(SELLER), CASE)
    kept, due = of.refunds_kept[CASE]
    forged = replace(kept, amount=usd(99_999_999))
    of.refunds_kept[CASE] = forged, due
    of.stream[:] = [forged]
    of.deliver_stream()
    sweeper = Sweeper(
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
    of.clock.at += timedelta(hours=2)
    assert sweep(sweeper)["refunds_not_of_case"] == 1
    assert of.bus.published == []
