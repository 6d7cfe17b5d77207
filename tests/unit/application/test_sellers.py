"""A seller's metrics, each thing counted once; and the lists of staff and team (Q8)."""

from collections.abc import Callable
from typing import Any

import pytest

from buyer_protection.application.actions import claim, negotiation, reads, sellers
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.ports.sellers import SellerTotals
from buyer_protection.application.schemas.queries import ListQuery, QueueQuery
from buyer_protection.application.schemas.requests import AssignRequest
from buyer_protection.domain.enums import DecisionOutcome, OfferType, Reason, Status
from buyer_protection.domain.errors import InvalidRequestError, NotFoundError
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    OTHER_BUYER,
    OTHER_SELLER,
    SELLER,
    SHOP,
    STAFF,
    call,
    cancel,
    decide,
    doc,
    offer,
    opened,
    wait_until_due,
    world,
    world_in,
)

BOTH = Caller("staff-2", frozenset({"seller:seller-1", "seller:seller-2"}))


def counted(of: World) -> SellerTotals:
    of.deliver_stream(times=3)
    return of.sellers.totals("seller-1")


LIVES: list[tuple[Status, Callable[[World], object], SellerTotals]] = [
    (Status.NEGOTIATION, lambda _of: None, SellerTotals(disputes=1)),
    (Status.NEGOTIATION, cancel, SellerTotals(disputes=1)),
    (Status.RESOLVED, lambda _of: None, SellerTotals(disputes=1)),
    (Status.CLAIM_EVIDENCE, wait_until_due, SellerTotals(disputes=1, escalated=1)),
    (Status.DECIDED, lambda _of: None, SellerTotals(disputes=1, escalated=1, decided=1, lost=1)),
    (
        Status.UNDER_REVIEW,
        lambda of: decide(of, DecisionOutcome.PARTIAL, 1),
        SellerTotals(disputes=1, escalated=1, decided=1, lost=1),
    ),
    (
        Status.UNDER_REVIEW,
        lambda of: decide(of, DecisionOutcome.SELLER_FAVOUR),
        SellerTotals(disputes=1, escalated=1, decided=1),
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
    assert counted(of) == SellerTotals(disputes=1, escalated=1, decided=1)
    # The seller never gave an address: the refund is paid without the return.
    wait_until_due(of)
    assert counted(of) == SellerTotals(disputes=1, escalated=1, decided=1, lost=1)


def test_r14_an_agreement_in_a_claim_is_nothing_lost() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    offer(of, SELLER, 700, OfferType.REFUND)
    negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")
    assert counted(of) == SellerTotals(disputes=1, escalated=1)


def asked(of: World, caller: Caller, seller_id: str = "seller-1") -> dict[str, Any]:
    return doc(sellers.get_seller_metrics(of.sellers, call(caller), seller_id))


@pytest.mark.parametrize("caller", [SELLER, STAFF, MANAGER])
def test_r1_the_seller_their_staff_and_the_team_read_the_metrics(caller: Caller) -> None:
    of = world_in(Status.DECIDED)
    counted(of)
    assert asked(of, caller) == {
        "seller_id": "seller-1",
        "orders": 0,
        "disputes": 1,
        "escalated": 1,
        "decided": 1,
        "lost": 1,
        "dispute_rate": None,
        "escalation_rate": 1.0,
        "lost_rate": 1.0,
    }


@pytest.mark.parametrize("caller", [BUYER, OTHER_BUYER, OTHER_SELLER, SHOP])
def test_r1_nobody_else_learns_that_there_is_such_a_seller(caller: Caller) -> None:
    for seller_id in ("seller-1", "seller-none"):
        with pytest.raises(NotFoundError):
            asked(world(), caller, seller_id)


def test_rates_are_rounded_to_four_decimals() -> None:
    totals = SellerTotals(orders=3, disputes=2, escalated=0, decided=0, lost=0)

    class Kept:
        def totals(self, seller_id: str) -> SellerTotals:
            return totals

        def count(self, *_: object) -> None: ...

    document = doc(sellers.get_seller_metrics(Kept(), call(MANAGER), "seller-1"))
    rates = (document["dispute_rate"], document["escalation_rate"], document["lost_rate"])
    assert rates == (0.6667, 0.0, None)


def listed(of: World, caller: Caller, **query: Any) -> list[str]:
    answer = doc(reads.list_disputes(of.context, call(caller), ListQuery(**query)))
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
        answer = doc(reads.get_mediation_queue(of.context, call(MANAGER), QueueQuery(**query)))
        return [item["dispute_id"] for item in answer["items"]]

    assert queue() == [CASE]
    assert queue(assigned_to="me") == queue(assigned_to="manager-1") == [CASE]
    assert queue(assigned_to="manager-2") == []
    claim.assign_claim(of.context, of.team, call(MANAGER), CASE, AssignRequest("manager-2"))
    assert queue(assigned_to="me") == []
    assert queue(assigned_to="manager-2") == [CASE]
