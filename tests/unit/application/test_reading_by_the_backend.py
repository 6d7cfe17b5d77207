"""Findings H4: what the shop's backend reads of orders and disputes, and what it never sees (R45, contact data)."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from buyer_protection.application.actions import (
    case_file,
    lists,
    messages,
    order_lists,
    orders,
    reads,
    sellers,
)
from buyer_protection.application.schemas.queries import (
    EligibilityQuery,
    ListQuery,
    OrdersQuery,
    PageQuery,
    QueueQuery,
)
from buyer_protection.domain.enums import Status
from buyer_protection.domain.errors import ForbiddenError, InvalidRequestError, NotFoundError, Place
from tests.support.builders import DAY, OPENED, order
from tests.support.fake_signer import SIGNER
from tests.support.fakes import World
from tests.unit.application.helpers import BUYER, CASE, MANAGER, SELLER, SHOP, call, doc, world_in

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


def listed_orders(**query: Any) -> dict[str, Any]:
    of = world_in(Status.NEGOTIATION)
    answer: dict[str, Any] = doc(order_lists.list_orders(of.context, BY_SHOP, OrdersQuery(**query)))
    return answer


def test_h4_the_backend_lists_the_orders_of_the_buyer_or_seller_that_it_names() -> None:
    for query in ({"buyer_id": "buyer-1"}, {"seller_id": "seller-1"}):
        found = listed_orders(**query)
        assert [it["order_id"] for it in found["items"]] == ["order-1"]
        assert found["viewer"] == {"role": "SYSTEM"}
    assert listed_orders(buyer_id="seller-1")["items"] == []
    assert listed_orders(buyer_id="buyer-1", updated_since=OPENED + 99 * DAY)["items"] == []


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({}, "/buyer_id", "REQUIRED"),
        ({"buyer_id": "buyer-1", "seller_id": "seller-1"}, "/seller_id", "NOT_ALLOWED"),
        ({"buyer_id": "buyer-1", "role": "buyer"}, "/role", "NOT_ALLOWED"),
    ],
)
def test_h4_the_backend_names_one_party_of_its_orders(query: Any, pointer: str, code: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        listed_orders(**query)
    assert [(it.pointer, it.code) for it in refused.value.fields] == [(pointer, code)]
    assert refused.value.fields_in == Place.QUERY


def test_r01_a_person_names_no_buyer_of_the_orders_that_they_list() -> None:
    of = world_in(Status.NEGOTIATION)
    for caller in (BUYER, SELLER, MANAGER):
        with pytest.raises(InvalidRequestError) as refused:
            order_lists.list_orders(of.context, call(caller), OrdersQuery(buyer_id="buyer-1"))
        assert refused.value.fields[0].pointer == "/buyer_id"


def test_h4_a_page_token_of_the_backend_is_of_the_party_that_it_named() -> None:
    of = world_in(Status.NEGOTIATION)
    for number in range(3):
        of.context.orders.put(replace(order(), order_id=f"order-1{number}"), OPENED)
    first = doc(order_lists.list_orders(of.context, BY_SHOP, OrdersQuery(buyer_id="buyer-1", page_size=2)))
    token = first["next_page_token"]
    query = OrdersQuery(buyer_id="buyer-1", page_size=2, page_token=token)
    rest = doc(order_lists.list_orders(of.context, BY_SHOP, query))
    assert len({it["order_id"] for it in (*first["items"], *rest["items"])}) == 4
    with pytest.raises(InvalidRequestError):
        order_lists.list_orders(of.context, BY_SHOP, OrdersQuery(buyer_id="buyer-2", page_token=token))
