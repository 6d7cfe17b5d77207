"""The order changes under a case: what the shop says, and what of it reaches the case (R38 to R41, R51; A1 to A13)."""

from dataclasses import replace
from typing import Any

import pytest

from buyer_protection.application.actions import negotiation, order_upserts, orders
from buyer_protection.application.actions.execute import Command
from buyer_protection.application.mails.delivery import deliver_mails
from buyer_protection.application.schemas.events import OrderUpserted
from buyer_protection.application.schemas.requests import (
    ConfirmReceiptRequest,
    ContactModel,
    OrderItemModel,
    ShipmentModel,
)
from buyer_protection.application.workers.inbound_events import Outcome, receive_event
from buyer_protection.domain.enums import OfferType, Reason, Status
from buyer_protection.domain.errors import (
    ConflictError,
    ImpossibleError,
    InvalidRequestError,
    StaleVersionError,
)
from buyer_protection.runtime.edge import etag_of
from tests.support.builders import DAY, OPENED, PAID, SHIPPED, order, usd
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
from tests.unit.application.order_calls import (
    LINES,
    MINUTE,
    code_of,
    given_back,
    projection,
    put,
    worth,
)


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
    again = order_upserts.put_order(of.context, call(SHOP), "order-1", projection(as_of=OPENED - DAY))
    assert again.version == 1, "the same snapshot once more is no revision"
    put(of, as_of=OPENED - DAY, guaranteed_delivery_days=61)
    with pytest.raises(StaleVersionError):
        put(of, if_match=1)
    assert (
        order_upserts.put_order(of.context, Command(SHOP, if_match=2), "order-1", projection()).version == 3
    )
    with pytest.raises(InvalidRequestError):
        put(of, as_of=OPENED + DAY)


def test_a08_the_same_order_put_again_is_the_same_answer() -> None:
    of = world()
    first = order_upserts.put_order(of.context, call(SHOP), "order-1", projection())
    of.clock.at += MINUTE
    again = order_upserts.put_order(of.context, call(SHOP), "order-1", projection())
    assert (again.version, doc(again) | {"read_at": 0}) == (first.version, doc(first) | {"read_at": 0})
    assert etag_of(again) == etag_of(first)


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
