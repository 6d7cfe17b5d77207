"""The order changes under a case: what the shop says, and what of it reaches the case (R38 to R41, R51; A1 to A13)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from buyer_protection.application.actions import negotiation, order_upserts, orders, refunds_elsewhere
from buyer_protection.application.actions.execute import Command
from buyer_protection.application.mails.delivery import deliver_mails
from buyer_protection.application.schemas.events import OrderRefunded, OrderUpserted
from buyer_protection.application.schemas.requests import (
    ConfirmReceiptRequest,
    ContactModel,
    MoneyModel,
    OrderItemModel,
    OrderRequest,
    RefundedItem,
    RefundElsewhereRequest,
    ShipmentModel,
)
from buyer_protection.application.workers.inbound_events import Outcome, receive_event
from buyer_protection.application.workers.sweep import Sweeper, sweep
from buyer_protection.domain.enums import OfferType, Reason, RefundKind, RefundStatus, Status
from buyer_protection.domain.errors import (
    ConflictError,
    DisputeError,
    ForbiddenError,
    ImpossibleError,
    InvalidRequestError,
    StaleVersionError,
)
from tests.support.builders import DAY, OPENED, PAID, PLACED, SHIPPED, order, usd
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    SELLER,
    SHOP,
    acknowledged,
    call,
    cancel,
    case_of,
    decide,
    doc,
    mail_delivery,
    offer,
    opened,
    return_shipped,
    seen,
    wait_until_due,
    world,
    world_in,
)

LINES = [OrderItemModel("mug", "Blue mug", 2, 2000), OrderItemModel("spoon", "Tea spoon", 3, 500)]
MINUTE = timedelta(minutes=1)


def projection(**changes: Any) -> OrderRequest:
    """The order of the world as the shop's PUT says it."""
    plain: dict[str, Any] = {
        "buyer_id": "buyer-1",
        "seller_id": "seller-1",
        "buyer": ContactModel(name="Ana", email="buyer@example.com"),
        "seller": ContactModel(name="Bo", email="seller@example.com"),
        "currency": "USD",
        "items": LINES,
        "placed_at": PLACED,
        "guaranteed_delivery_days": 40,
        "shipments": [ShipmentModel("sh-1", "Post", "TN-1", SHIPPED)],
    }
    return OrderRequest(**{**plain, **changes})


def put(of: World, if_match: int | None = None, **changes: Any) -> dict[str, Any]:
    return doc(order_upserts.put_order(of.context, call(SHOP, if_match=if_match), "order-1", projection(**changes)))


def worth(mugs: int, spoons: int = 500) -> list[OrderItemModel]:
    return [OrderItemModel("mug", "Blue mug", 2, mugs), OrderItemModel("spoon", "Tea spoon", 3, spoons)]


def refund(minor: int, refund_id: str = "g-1", **changes: Any) -> RefundElsewhereRequest:
    plain = {"kind": RefundKind.GOODWILL, "occurred_at": OPENED, **changes}
    return RefundElsewhereRequest(refund_id=refund_id, amount=MoneyModel(minor, "USD"), **plain)


def given_back(of: World, minor: int, refund_id: str = "g-1", key: str | None = None, **changes: Any) -> Any:
    command = call(SHOP, key)
    return refunds_elsewhere.record_refund(
        of.context, command, "order-1", refund(minor, refund_id, **changes)
    )


def code_of(raised: pytest.ExceptionInfo[DisputeError]) -> str:
    return raised.value.code


def test_a01_an_order_worth_less_is_never_paid_back_whole() -> None:
    of = world()
    opened(of)
    put(of, items=worth(500))
    assert seen(of, BUYER)["max_refundable"] == {"amount_minor": 1000, "currency": "USD"}
    with pytest.raises(ConflictError) as refused:
        negotiation.accept_request(of.context, call(SELLER), CASE)
    assert (code_of(refused), refused.value.max_refundable) == ("MORE_THAN_IS_LEFT", usd(1000))
    # R50: what would be refused is not offered.
    assert not {"ACCEPT_REQUEST", "ACCEPT_OFFER"} & {
        a["action"] for a in seen(of, SELLER)["available_actions"]
    }
    entry = of.timeline[CASE][-1]
    assert (entry.type, entry.actor.actor_id) == ("ORDER_CHANGED", "shop")
    assert dict(entry.data)["previous_minor"] == PAID
    offer(of, SELLER, 1000)
    negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")
    assert of.refunds_kept[CASE][0].amount == usd(1000)


def test_a01_the_clock_grants_the_smaller_and_says_so() -> None:
    of = world()
    opened(of, Reason.NOT_AS_DESCRIBED)
    offer(of, SELLER, 2000, OfferType.REFUND_WITH_RETURN)
    negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")
    put(of, items=worth(300))
    wait_until_due(of)
    data = of.timeline[CASE][-1].data
    assert (data["refund_minor"], data["agreed_minor"]) == (800, 2000)
    assert of.refunds_kept[CASE][0].amount == usd(800)


def test_a01_a_return_that_came_back_pays_what_is_left() -> None:
    of = world()
    opened(of, Reason.NOT_AS_DESCRIBED)
    offer(of, SELLER, 2000, OfferType.REFUND_WITH_RETURN)
    negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")
    return_shipped(of)
    given_back(of, 1700)
    acknowledged(of)
    assert of.refunds_kept[CASE][0].amount == usd(800)


def test_a01_a_ruling_pays_what_is_left_and_no_more() -> None:
    of = world_in(Status.UNDER_REVIEW)
    given_back(of, 1000)
    with pytest.raises(ConflictError) as refused:
        decide(of, refund=PAID)
    assert code_of(refused) == "MORE_THAN_IS_LEFT"
    decide(of)
    assert of.refunds_kept[CASE][0].amount == usd(1500)


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
    ]
    for error, request in wrong:
        with pytest.raises(error):
            refunds_elsewhere.record_refund(of.context, call(SHOP), "order-1", request)
    euros = replace_currency(refund(9))
    with pytest.raises(ImpossibleError) as mismatch:
        refunds_elsewhere.record_refund(of.context, call(SHOP), "order-1", euros)
    assert code_of(mismatch) == "CURRENCY_MISMATCH"
    assert of.ledger("order-1").version == 0


def replace_currency(asked: RefundElsewhereRequest) -> RefundElsewhereRequest:
    return RefundElsewhereRequest(asked.refund_id, asked.kind, MoneyModel(9, "EUR"), asked.occurred_at)


def test_a02_what_is_above_what_is_left_is_taken_and_alarmed() -> None:
    of = world()
    assert given_back(of, PAID + 1).is_above_left
    assert of.ledger("order-1").elsewhere_minor == PAID + 1
    answer = doc(orders.get_dispute_eligibility(of.context, call(BUYER), "order-1"))
    assert (answer["eligible"], answer["code"]) == (False, "NOTHING_TO_REFUND")


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


def test_a05_the_parties_and_the_currency_of_a_disputed_order_are_fixed() -> None:
    of = world()
    put(of, buyer_id="buyer-9")
    put(of)
    opened(of)
    for changes, field in (
        ({"buyer_id": "buyer-9"}, "/buyer_id"),
        ({"seller_id": "seller-9"}, "/seller_id"),
        ({"currency": "EUR"}, "/currency"),
    ):
        with pytest.raises(ConflictError) as refused:
            put(of, **changes)
        assert (code_of(refused), [f.pointer for f in refused.value.fields]) == ("ORDER_FIXED", [field])
    cancel(of)
    with pytest.raises(ConflictError):
        put(of, buyer_id="buyer-9")


def test_r38_the_bus_takes_all_but_what_is_fixed() -> None:
    of = world()
    opened(of)
    other = ContactModel(name="Eve", email="eve@example.com")
    parcels = [ShipmentModel("sh-1", "Post", "TN-2", SHIPPED)]
    stranger = projection(buyer_id="buyer-9", buyer=other, currency="EUR", items=worth(1), shipments=parcels)
    event = OrderUpserted(order_id="order-1", order=stranger)
    assert receive_event(of.context, event, OPENED) is Outcome.ORDER_FIXED
    kept = of.orders_kept["order-1"]
    assert (kept.buyer_id, kept.buyer.email, kept.currency) == ("buyer-1", "buyer@example.com", "USD")
    assert (kept.items, kept.shipments[0].tracking_number) == (order().items, "TN-2")


def test_a05_a_mail_leaves_only_to_the_cases_own_party() -> None:
    of = world()
    opened(of)
    of.deliver_stream()
    # As an order of before parties were fixed may be.
    stranger = replace(of.orders_kept["order-1"], buyer_id="buyer-9")
    of.orders_kept["order-1"] = stranger
    outcomes: list[tuple[str, str]] = []
    deliver_mails(mail_delivery(of, outcomes), CASE)
    assert [mail["to"] for mail in of.transport.sent] == ["seller@example.com"]
    assert ("PARTY_CHANGED", "") in outcomes


def test_a06_a_cancellation_promises_what_the_order_says_now() -> None:
    of = world()
    opened(of)
    put(of, completion_at=of.clock.at + DAY)
    assert case_of(of).reopen_until == of.clock.at + DAY
    put(of, completion_at=of.clock.at - MINUTE)
    assert doc(cancel(of))["can_reopen_until"] is None


def test_a08_an_older_order_is_refused_and_a_stale_one_too() -> None:
    of = world()
    first = order_upserts.put_order(of.context, call(SHOP), "order-1", projection(as_of=OPENED - DAY))
    assert (first.version, doc(first)["as_of"]) == (1, "2026-03-05T12:00:00.000Z")
    with pytest.raises(ConflictError) as older:
        put(of, as_of=OPENED - DAY - MINUTE, shipments=[])
    assert code_of(older) == "ORDER_IS_NEWER"
    assert len(of.orders_kept["order-1"].shipments) == 1
    put(of, as_of=OPENED - DAY)
    with pytest.raises(StaleVersionError):
        put(of, if_match=1)
    assert order_upserts.put_order(of.context, Command(SHOP, if_match=2), "order-1", projection()).version == 3
    with pytest.raises(InvalidRequestError):
        put(of, as_of=OPENED + DAY)


def test_a09_a_case_keeps_its_items_as_they_were() -> None:
    of = world()
    opened(of)
    put(of, items=[OrderItemModel("mug", "Brass mug", 2, 2000), LINES[1]])
    assert seen(of, SELLER)["items"] == [
        {
            "item_id": "mug",
            "quantity": 2,
            "title": "Blue mug",
            "amount": {"amount_minor": 2000, "currency": "USD"},
        },
        {
            "item_id": "spoon",
            "quantity": 3,
            "title": "Tea spoon",
            "amount": {"amount_minor": 500, "currency": "USD"},
        },
    ]
    of.deliver_stream()
    deliver_mails(mail_delivery(of), CASE)
    assert all("Blue mug" in mail["text"] and "Brass" not in mail["text"] for mail in of.transport.sent)


def test_a12_nothing_that_was_not_shipped_was_received() -> None:
    of = world(order(shipments=()))
    sure = ConfirmReceiptRequest(True)
    with pytest.raises(ConflictError) as refused:
        orders.confirm_receipt(of.context, call(BUYER), "order-1", sure)
    assert code_of(refused) == "NOT_SHIPPED"
    put(of)
    with pytest.raises(InvalidRequestError) as unsure:
        orders.confirm_receipt(of.context, call(BUYER), "order-1", ConfirmReceiptRequest())
    assert [field.code for field in unsure.value.fields] == ["MUST_BE_TRUE"]
    assert doc(orders.confirm_receipt(of.context, call(BUYER), "order-1", sure))["completed"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"seller_id": "buyer-1"}, "/seller_id"),
        ({"currency": "ABC"}, "/currency"),
        ({"currency": "XXX"}, "/currency"),
        ({"currency": "XTS"}, "/currency"),
        ({"currency": "XAU"}, "/currency"),
        ({"buyer": ContactModel(name="   ")}, "/buyer/name"),
        ({"seller": ContactModel(name="\u2800\u3164\u200b\ufe0f")}, "/seller/name"),
        ({"seller": ContactModel(name="\u00ad\u2060")}, "/seller/name"),
    ],
)
def test_a13_an_order_that_cannot_be_is_refused(changes: dict[str, Any], pointer: str) -> None:
    of = world()
    with pytest.raises(ImpossibleError) as refused:
        put(of, **changes)
    assert (code_of(refused), [f.pointer for f in refused.value.fields]) == ("IMPOSSIBLE_ORDER", [pointer])


def test_a13_an_order_with_a_doubt_is_taken_with_a_warning() -> None:
    of = world()
    buyer = ContactModel(name="Ana", locale="en-US-u-ca-gregory", time_zone="Mars/Phobos")
    lines = [OrderItemModel(f"i-{number}", "Thing", 1, 1) for number in range(1000)]
    assert put(of, buyer=buyer, items=lines)["warnings"] == ["BUYER_EMAIL_MISSING", "BUYER_TIME_ZONE_UNKNOWN"]
    assert doc(orders.get_order(of.context, call(SELLER), "order-1"))["warnings"] == []
    opened(of, refund=1000)
    of.deliver_stream()
    outcomes: list[tuple[str, str]] = []
    deliver_mails(mail_delivery(of, outcomes), CASE)
    assert [mail["to"] for mail in of.transport.sent] == ["seller@example.com"]
    assert ("NO_ADDRESS", "") in outcomes
    assert [notice["code"] for notice in seen(of, BUYER)["notices"]] == ["MAIL_UNDELIVERABLE"]
    assert len(seen(of, BUYER)["items"]) == 1000


def test_r39_a_chargeback_before_the_refund_leaves_holds_it_until_it_is_taken_back() -> None:
    of = world()
    opened(of)
    negotiation.accept_request(of.context, call(SELLER), CASE)
    given_back(of, PAID, kind=RefundKind.CHARGEBACK)
    of.deliver_stream()
    assert not [event for event in of.bus.published if event.type == "RefundRequested"]
    assert (case_of(of).refund_status, of.timeline[CASE][-1].type) == (RefundStatus.HELD, "REFUND_HELD")
    sweeper = Sweeper(of.cases, of.timers, of.refunds, of.executions, of.queue, of.bus, of.clock, of.orders)
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
    sweeper = Sweeper(of.cases, of.timers, of.refunds, of.executions, of.queue, of.bus, of.clock, of.orders)
    of.clock.at += timedelta(hours=2)
    assert sweep(sweeper)["refunds_not_of_case"] == 1
    assert of.bus.published == []


def test_a01_a_grant_that_was_decided_before_the_order_changed_is_decided_anew() -> None:
    of = world()
    opened(of)
    of.before_commit = lambda: put(of, items=worth(500))
    with pytest.raises(ConflictError) as refused:
        negotiation.accept_request(of.context, call(SELLER), CASE)
    assert code_of(refused) == "MORE_THAN_IS_LEFT"
    assert case_of(of).status is Status.NEGOTIATION


def test_a03_a04_eligibility_and_opening_agree_after_lines_went_and_came() -> None:
    of = world()
    opened(of)
    put(of, items=[*worth(2000), OrderItemModel("bowl", "Bowl", 1, 900)])
    negotiation.accept_request(of.context, call(SELLER), CASE)
    answer = doc(orders.get_dispute_eligibility(of.context, call(BUYER), "order-1"))
    assert (answer["eligible"], answer["max_refundable"]["amount_minor"]) == (True, 900)
    put(of)
    answer = doc(orders.get_dispute_eligibility(of.context, call(BUYER), "order-1"))
    assert (answer["eligible"], answer["code"]) == (False, "NOTHING_TO_REFUND")
