"""Findings H4: what the shop's backend reads of orders and disputes, and what it never sees (R45, contact data)."""

from typing import Any

import msgspec
import pytest

from buyer_protection.application.actions import case_file, lists, messages, orders, reads, sellers
from buyer_protection.application.schemas.queries import EligibilityQuery, ListQuery, PageQuery, QueueQuery
from buyer_protection.domain.enums import Status
from buyer_protection.domain.errors import ForbiddenError, InvalidRequestError, NotFoundError
from tests.support.fake_signer import SIGNER
from tests.support.fakes import World
from tests.unit.application.helpers import CASE, SHOP, call, doc, world_in

BY_SHOP = call(SHOP)


def texts_of(of: World) -> str:
    """All that it may read of a case, as one text."""
    answers = (
        reads.get_dispute(of.context, BY_SHOP, CASE),
        reads.get_timeline(of.context, BY_SHOP, CASE, PageQuery(page_size=50)),
        reads.list_offers(of.context, BY_SHOP, CASE),
        reads.list_evidence(of.context, BY_SHOP, CASE),
        lists.list_disputes(of.context, BY_SHOP, ListQuery(order_id="order-1")),
        orders.get_dispute_eligibility(of.context, BY_SHOP, "order-1", EligibilityQuery()),
    )
    return "".join(answer.body.decode() for answer in answers)


@pytest.mark.parametrize("status", Status)
def test_h4_the_backend_reads_a_case_in_every_status(status: Status) -> None:
    dispute = doc(reads.get_dispute(world_in(status).context, BY_SHOP, CASE))

    assert dispute["status"] == status
    assert dispute["available_actions"] == []
    assert dispute["party_state"] != "REQUIRED_ACTION"
    assert (dispute["return_address"], dispute["return_addresses"]) == (None, [])


@pytest.mark.parametrize("status", Status)
def test_h4_r45_the_backend_sees_neither_contact_data_nor_what_is_the_teams(status: Status) -> None:
    said = texts_of(world_in(status))

    for never in ("example.com", "Quay", "Dock Road", "manager-1", "m-1", "suggestion", "download", "upload"):
        assert never not in said, never


def test_h4_the_backend_reads_the_order_that_it_wrote() -> None:
    document = doc(orders.get_order(world_in(Status.NEGOTIATION).context, BY_SHOP, "order-1"))

    assert document["order_id"] == "order-1"
    assert document["active_dispute_id"] == CASE


@pytest.mark.parametrize(
    "read",
    [
        lambda of: messages.list_messages(of.context, BY_SHOP, CASE, PageQuery()),
        lambda of: case_file.export_case(of.context, SIGNER, BY_SHOP, CASE),
        lambda of: reads.get_claim_brief(of.context, BY_SHOP, CASE),
        lambda of: lists.get_mediation_queue(of.context, BY_SHOP, msgspec.convert({}, QueueQuery)),
    ],
    ids=["thread", "export", "brief", "queue"],
)
def test_h4_what_people_wrote_to_each_other_is_not_the_backends(read: Any) -> None:
    with pytest.raises(ForbiddenError):
        read(world_in(Status.UNDER_REVIEW))


@pytest.mark.parametrize(
    "query",
    [ListQuery(order_id="order-1"), ListQuery(buyer_id="buyer-1"), ListQuery(seller_id="seller-1")],
    ids=["order", "buyer", "seller"],
)
def test_h4_the_backend_lists_by_order_buyer_or_seller(query: ListQuery) -> None:
    of = world_in(Status.NEGOTIATION)

    assert [it["dispute_id"] for it in doc(lists.list_disputes(of.context, BY_SHOP, query))["items"]] == [
        CASE
    ]


@pytest.mark.parametrize(
    "query",
    [
        ListQuery(order_id="order-9"),
        ListQuery(buyer_id="buyer-9"),
        ListQuery(buyer_id="buyer-1", seller_id="seller-9"),
        ListQuery(seller_id="seller-1", status=[Status.DECIDED]),
    ],
)
def test_h4_a_list_of_the_backend_holds_what_it_asked_for_alone(query: ListQuery) -> None:
    assert doc(lists.list_disputes(world_in(Status.NEGOTIATION).context, BY_SHOP, query))["items"] == []


@pytest.mark.parametrize(
    ("query", "pointer"), [(ListQuery(role="seller"), "/role"), (ListQuery(role="buyer"), "/role")]
)
def test_h4_the_backend_has_no_role(query: ListQuery, pointer: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        lists.list_disputes(world_in(Status.NEGOTIATION).context, BY_SHOP, query)

    assert refused.value.fields[0].pointer == pointer


def test_h4_the_backend_reads_every_sellers_metrics() -> None:
    of = world_in(Status.NEGOTIATION)

    assert (
        doc(sellers.get_seller_metrics(of.sellers, of.clock, BY_SHOP, "seller-1"))["seller_id"] == "seller-1"
    )


def test_h4_what_there_is_not_is_absent_for_the_backend_too() -> None:
    of = world_in(Status.NEGOTIATION)
    with pytest.raises(NotFoundError):
        reads.get_dispute(of.context, BY_SHOP, "dp-404")
    with pytest.raises(NotFoundError):
        orders.get_order(of.context, BY_SHOP, "order-9")
