"""A seller's metrics, each thing counted once; and the lists of staff and team (Q8)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from buyer_protection.application.actions import claim, lists, negotiation, sellers
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.ports.sellers import SellerTotals
from buyer_protection.application.schemas.queries import ListQuery, QueueQuery
from buyer_protection.application.schemas.requests import AssignRequest, ItemChoice
from buyer_protection.domain.enums import DecisionOutcome, OfferType, Reason, Status
from buyer_protection.domain.errors import InvalidRequestError, NotFoundError
from tests.support.builders import PAID
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
    decide,
    doc,
    offer,
    opened,
    wait_until_due,
    wish,
    world,
    world_in,
)
from tests.unit.application.test_refunds_elsewhere import given_back

BOTH = Caller("staff-2", frozenset({"seller:seller-1", "seller:seller-2"}))


def counted(of: World) -> SellerTotals:
    of.deliver_stream(times=3)
    return of.sellers.totals("seller-1")


DISPUTED = SellerTotals(disputes=1, disputed_orders=1)
LIVES: list[tuple[Status, Callable[[World], object], SellerTotals]] = [
    (Status.NEGOTIATION, lambda _of: None, SellerTotals(disputes=1, disputed_orders=1)),
    (Status.NEGOTIATION, cancel, SellerTotals(disputes=1, cancelled=1)),
    (Status.RESOLVED, lambda _of: None, SellerTotals(disputes=1, disputed_orders=1)),
    (Status.CLAIM_EVIDENCE, wait_until_due, SellerTotals(disputes=1, escalated=1, cancelled=1)),
    (
        Status.DECIDED,
        lambda _of: None,
        DISPUTED.plus(SellerTotals(escalated=1, decided=1, lost=1, lost_share=10_000)),
    ),
    (
        Status.UNDER_REVIEW,
        lambda of: decide(of, DecisionOutcome.PARTIAL, 1),
        DISPUTED.plus(SellerTotals(escalated=1, decided=1, lost=1, lost_share=4)),
    ),
    (
        Status.UNDER_REVIEW,
        lambda of: decide(of, DecisionOutcome.SELLER_FAVOUR),
        DISPUTED.plus(SellerTotals(escalated=1, decided=1)),
    ),
]


@pytest.mark.parametrize(("status", "go_on", "totals"), LIVES)
def test_r24_a_record_read_three_times_counts_once(
    status: Status, go_on: Callable[[World], object], totals: SellerTotals
) -> None:
    of = world_in(status)
    go_on(of)
    assert counted(of) == totals


def test_r36_what_was_decided_against_a_return_is_lost_only_when_it_is_paid() -> None:
    of = world_in(Status.UNDER_REVIEW, Reason.NOT_AS_DESCRIBED)
    decide(of, with_return=True)
    assert counted(of) == DISPUTED.plus(SellerTotals(escalated=1, decided=1))
    # The seller never gave an address: the refund is paid without the return.
    wait_until_due(of)
    assert counted(of) == DISPUTED.plus(SellerTotals(escalated=1, decided=1, lost=1, lost_share=10_000))


def test_r14_an_agreement_in_a_claim_is_nothing_lost() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    offer(of, SELLER, 700, OfferType.REFUND)
    negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")
    assert counted(of) == DISPUTED.plus(SellerTotals(escalated=1))


def asked(of: World, caller: Caller, seller_id: str = "seller-1") -> dict[str, Any]:
    return doc(sellers.get_seller_metrics(of.sellers, of.clock, call(caller), seller_id))


@pytest.mark.parametrize("caller", [SELLER, STAFF, MANAGER])
def test_r1_the_seller_their_staff_and_the_team_read_the_metrics(caller: Caller) -> None:
    of = world_in(Status.DECIDED)
    counted(of)
    figures = {"orders": 0, "disputes": 1, "escalated": 1, "decided": 1, "lost": 1, "cancelled": 0}
    figures |= {"disputed_orders": 1, "dispute_rate": None, "escalation_rate": 1.0, "lost_rate": 1.0}
    periods = [{"days": days, **figures} for days in (30, 90, 365)]
    assert asked(of, caller) == {"seller_id": "seller-1", **figures, "periods": periods}


def of_orders(of: World, count: int) -> None:
    """So many orders of the seller, placed as the first one was."""
    for number in range(count):
        of.orders.put(replace(of.orders_kept["order-1"], order_id=f"order-x{number}"))


def test_e3_an_order_that_is_disputed_and_cancelled_three_times_is_no_disputed_order() -> None:
    of = world()
    of_orders(of, 3)
    for number in (1, 2, 3):
        case = opened(of)
        counted(of)
        rates = [asked(of, SELLER)[name] for name in ("disputes", "disputed_orders", "dispute_rate")]
        assert rates == [number, 1, 0.3333]
        cancel(of, case)
        of.clock.at += timedelta(minutes=1)
    counted(of)
    seen = asked(of, SELLER)
    assert (seen["disputes"], seen["cancelled"], seen["disputed_orders"]) == (3, 3, 0)
    assert (seen["dispute_rate"], seen["periods"][2]["dispute_rate"]) == (0.0, 0.0)


def test_e3_two_settled_disputes_about_one_order_make_one_disputed_order() -> None:
    of = world()
    of_orders(of, 4)
    for item in of.orders_kept["order-1"].items:
        request = wish(item.amount_minor, items=[ItemChoice(item.item_id, item.quantity)])
        case = doc(open_dispute(of.context, call(BUYER), request))["dispute_id"]
        negotiation.accept_request(of.context, call(SELLER), case)
        counted(of)
        of.clock.at += timedelta(minutes=1)
    seen = asked(of, SELLER)
    assert (seen["disputes"], seen["disputed_orders"], seen["dispute_rate"]) == (2, 1, 0.25)


def test_e3_a_partial_ruling_counts_by_the_share_that_was_paid() -> None:
    of = world_in(Status.UNDER_REVIEW)
    decide(of, DecisionOutcome.PARTIAL, PAID // 4)
    counted(of)
    seen = asked(of, SELLER)
    assert (seen["lost"], seen["lost_rate"], seen["periods"][0]["lost_rate"]) == (1, 0.25, 0.25)


@pytest.mark.parametrize("status", [Status.NEGOTIATION, Status.UNDER_REVIEW, Status.AWAITING_RETURN])
def test_e3_r51_what_was_given_back_elsewhere_is_outside_of_all_rates(status: Status) -> None:
    of = world_in(status, Reason.NOT_AS_DESCRIBED)
    of_orders(of, 2)
    given_back(of, PAID)
    counted(of)
    seen = asked(of, SELLER)
    assert (seen["disputes"], seen["disputed_orders"], seen["cancelled"]) == (1, 0, 0)
    assert (seen["dispute_rate"], seen["escalation_rate"], seen["lost_rate"]) == (0.0, None, None)


def test_e3_rates_of_a_period_are_of_the_orders_placed_and_the_disputes_opened_in_it() -> None:
    of = world()
    opened(of)
    counted(of)
    of_orders(of, 1)
    opened_on = of.clock.at
    within = {30: 29, 90: 89, 365: 364}
    for days, last in within.items():
        for later, disputes in ((last, 1), (last + 1, 0)):
            of.clock.at = opened_on + timedelta(days=later)
            period = next(one for one in asked(of, SELLER)["periods"] if one["days"] == days)
            assert period["disputes"] == period["disputed_orders"] == disputes
    assert asked(of, SELLER)["disputes"] == 1


@pytest.mark.parametrize("caller", [BUYER, OTHER_BUYER, OTHER_SELLER])
def test_r1_nobody_else_learns_that_there_is_such_a_seller(caller: Caller) -> None:
    for seller_id in ("seller-1", "seller-none"):
        with pytest.raises(NotFoundError):
            asked(world(), caller, seller_id)


def test_rates_are_rounded_to_four_decimals() -> None:
    totals = SellerTotals(orders=3, disputes=2, disputed_orders=2)

    class Kept:
        def totals(self, seller_id: str) -> SellerTotals:
            return totals

        def daily(self, seller_id: str, since: date) -> dict[date, SellerTotals]:
            return {}

        def count(self, *_: object) -> None: ...

    document = doc(sellers.get_seller_metrics(Kept(), world().clock, call(MANAGER), "seller-1"))
    rates = (document["dispute_rate"], document["escalation_rate"], document["lost_rate"])
    assert rates == (0.6667, 0.0, None)


def listed(of: World, caller: Caller, **query: Any) -> list[str]:
    answer = doc(lists.list_disputes(of.context, call(caller), ListQuery(**query)))
    assert "next_page_token" not in answer
    return [item["dispute_id"] for item in answer["items"]]


def test_r1_a_sellers_staff_list_that_sellers_cases() -> None:
    of = world()
    opened(of)
    assert listed(of, SELLER, role="seller") == [CASE]
    assert listed(of, STAFF, role="seller") == [CASE]
    assert listed(of, STAFF, role="seller", seller_id="seller-1") == [CASE]
    assert listed(of, BOTH, role="seller", seller_id="seller-1") == [CASE]
    assert listed(of, BOTH, role="seller", seller_id="seller-2") == []
    assert listed(of, OTHER_SELLER, role="seller", seller_id="seller-1") == []
    assert listed(of, STAFF, role="seller", seller_id="staff-1") == []
    assert listed(of, BUYER, seller_id="seller-1") == [CASE]
    assert listed(of, BUYER, seller_id="seller-2") == []


def test_r1_staff_of_several_sellers_name_one() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        listed(world(), BOTH, role="seller")
    assert refused.value.fields[0].pointer == "/seller_id"


def test_r24_the_queue_of_one_case_manager() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)

    def queue(**query: Any) -> list[str]:
        answer = doc(lists.get_mediation_queue(of.context, call(MANAGER), QueueQuery(**query)))
        return [item["dispute_id"] for item in answer["items"]]

    assert queue() == [CASE]
    assert queue(assigned_to="me") == queue(assigned_to="manager-1") == [CASE]
    assert queue(assigned_to="manager-2") == []
    claim.assign_claim(of.context, call(MANAGER), CASE, AssignRequest("manager-2"))
    assert queue(assigned_to="me") == []
    assert queue(assigned_to="manager-2") == [CASE]
