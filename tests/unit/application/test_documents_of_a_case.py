"""What a dispute's document says besides the case: who reads it, names, what is unread, limits, the shop's own keys."""

from dataclasses import replace
from typing import Any

import pytest

from buyer_protection.application.actions import lists, messages, reads
from buyer_protection.application.actions.evidence import get_evidence, withdraw_evidence
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.actions.metadata import put_metadata
from buyer_protection.application.schemas.queries import PageQuery, QueueQuery
from buyer_protection.application.schemas.requests import MessageRequest, MetadataRequest, ReadRequest
from buyer_protection.domain.display_names import names_of
from buyer_protection.domain.enums import Role, Status
from buyer_protection.domain.errors import DisputeError, ForbiddenError, NotFoundError, StaleVersionError
from buyer_protection.domain.order import Contact
from buyer_protection.domain.sides import PartyNames, Thread
from buyer_protection.domain.timeline import instant
from buyer_protection.runtime.edge import etag_of
from tests.support.builders import DAY, order
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    SHOP,
    call,
    case_of,
    doc,
    evidence,
    offer,
    opened,
    seen,
    world,
    world_in,
)

ROLES = ((BUYER, "BUYER"), (SELLER, "SELLER"), (MANAGER, "CASE_MANAGER"))


def named(buyer: str, seller: str = "Lamps & Co") -> World:
    """A world with a dispute about an order whose parties have these names."""
    kept = order()
    of = world(replace(kept, buyer=replace(kept.buyer, name=buyer), seller=replace(kept.seller, name=seller)))
    opened(of)
    return of


def write(of: World, caller: Caller) -> None:
    messages.send_message(of.context, call(caller), CASE, MessageRequest("Hello."))


def etag(of: World, caller: Caller) -> str | None:
    return etag_of(reads.get_dispute(of.context, call(caller), CASE))


# --- who reads --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("caller", "role"), ROLES)
def test_each_answer_says_who_reads_it_and_when(caller: Caller, role: str) -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    page, command = PageQuery(), call(caller)
    answers = [
        reads.get_dispute(of.context, command, CASE),
        reads.get_timeline(of.context, command, CASE, page),
        reads.list_offers(of.context, command, CASE),
        reads.list_evidence(of.context, command, CASE),
        messages.list_messages(of.context, command, CASE, page),
    ]
    if caller is MANAGER:
        answers.append(lists.get_mediation_queue(of.context, command, QueueQuery()))
    for answer in map(doc, answers):
        assert (answer["viewer"], answer["as_of"]) == ({"role": role}, instant(of.clock.at))


def test_the_present_alone_changes_no_etag() -> None:
    of = world_in(Status.UNDER_REVIEW)
    before = [etag(of, caller) for caller, _ in ROLES]
    of.clock.at += DAY / 4
    assert [etag(of, caller) for caller, _ in ROLES] == before
    assert len(set(before)) == 3


def test_h10_a_message_changes_the_etag_of_each_reader_and_the_version_of_none() -> None:
    of = world_in(Status.NEGOTIATION)
    before, version = [etag(of, caller) for caller, _ in ROLES], case_of(of).version
    of.clock.at += DAY / 24
    write(of, SELLER)
    after = [etag(of, caller) for caller, _ in ROLES]
    assert not set(before) & set(after)
    assert {str(one).split("-")[0] for one in (*before, *after)} == {f'"{version}'}


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Maria Santos", "Maria S."),
        ("  María   de los Ángeles  pérez ", "María P."),
        ("Maria", "Maria"),
        ("王小明", "王小明"),
    ],
)
def test_a_seller_reads_the_buyers_name_shortened_and_everybody_else_whole(name: str, shown: str) -> None:
    of = named(name)
    whole = " ".join(name.split())
    assert [seen(of, caller)["buyer"] for caller, _ in ROLES] == [
        {"id": "buyer-1", "display_name": one} for one in (whole, shown, whole)
    ]
    assert {seen(of, caller)["seller"]["display_name"] for caller, _ in ROLES} == {"Lamps & Co"}


def test_a_policy_may_show_the_buyers_whole_name_to_sellers() -> None:
    of = named("Maria Santos")
    case = case_of(of)
    of.cases_kept[CASE] = replace(case, policy=replace(case.policy, shorten_buyer_name=False))
    assert seen(of, SELLER)["buyer"]["display_name"] == "Maria Santos"


@pytest.mark.parametrize("name", ["maria@example.com", "Maria 5511987", "\u2800 \u200b", "Rua A 12345"])
def test_what_is_a_way_to_reach_somebody_is_no_name_and_the_id_stands_for_it(name: str) -> None:
    of = named(name, seller=name)
    assert case_of(of).names == PartyNames()
    assert seen(of, SELLER)["buyer"] == {"id": "buyer-1", "display_name": "buyer-1"}
    assert seen(of, BUYER)["seller"] == {"id": "seller-1", "display_name": "seller-1"}


def test_names_are_those_of_the_opening_and_of_cases_before_they_were_kept_the_ids() -> None:
    of = named("Maria Santos")
    kept = of.orders_kept["order-1"]
    of.orders_kept["order-1"] = replace(kept, buyer=Contact("a@example.com", "Somebody Else"))
    assert names_of(of.orders_kept["order-1"]).buyer == "Somebody Else"
    assert seen(of, BUYER)["buyer"]["display_name"] == "Maria Santos"
    of.cases_kept[CASE] = replace(case_of(of), names=PartyNames())
    assert seen(of, MANAGER)["buyer"]["display_name"] == "buyer-1"


# --- the thread -------------------------------------------------------------------------------------------------------


def unread(of: World) -> list[int | None]:
    return [seen(of, caller)["unread_messages"] for caller, _ in ROLES]


def test_r05_unread_messages_are_the_others_since_one_last_read_or_wrote() -> None:
    of = world_in(Status.NEGOTIATION)
    assert (unread(of), seen(of, BUYER)["last_message_at"]) == ([0, 0, None], None)
    for caller in (SELLER, SELLER, MANAGER):
        write(of, caller)
    assert (unread(of), seen(of, BUYER)["last_message_at"]) == ([3, 1, None], instant(of.clock.at))
    messages.mark_messages_read(of.context, call(BUYER), CASE, ReadRequest("ms-2"))
    assert unread(of) == [3, 1, None]
    messages.mark_messages_read(of.context, call(BUYER), CASE, ReadRequest("ms-3"))
    assert unread(of) == [0, 1, None]
    write(of, SELLER)
    assert unread(of) == [1, 0, None]


def test_r05_a_thread_of_before_messages_were_counted_has_one_unread_at_least() -> None:
    of = world_in(Status.NEGOTIATION)
    write(of, SELLER)
    of.cases_kept[CASE] = replace(case_of(of), thread=Thread())
    assert unread(of) == [1, 0, None]


# --- limits -----------------------------------------------------------------------------------------------------------


def test_limits_are_the_readers_own_and_count_down() -> None:
    of = world_in(Status.NEGOTIATION)
    offer(of, SELLER)
    evidence(of, SELLER)
    of_seller, of_buyer = seen(of, SELLER)["limits"], seen(of, BUYER)["limits"]
    assert of_seller == {
        "offers_left": 19,
        "evidence_left": 49,
        "files": 10,
        "bytes": 50 * 1024 * 1024,
        "evidence_bytes_left": 1024**3,
    }
    assert (of_buyer["offers_left"], of_buyer["evidence_left"]) == (19, 50)
    assert seen(of, MANAGER)["limits"] is None


def test_r14_r26_where_nothing_is_left_the_action_is_not_offered() -> None:
    of = world_in(Status.NEGOTIATION)
    case = case_of(of)
    of.cases_kept[CASE] = replace(
        case, offers_by_seller=case.policy.max_offers_per_party, evidence_made_by_seller=50
    )
    document = seen(of, SELLER)
    assert (document["limits"]["offers_left"], document["limits"]["evidence_left"]) == (0, 0)
    assert not {"MAKE_OFFER", "ADD_EVIDENCE"} & {one["action"] for one in document["available_actions"]}


# --- a return under way -----------------------------------------------------------------------------------------------


def test_r36_the_settlement_is_shown_while_a_return_is_under_way() -> None:
    of = world_in(Status.AWAITING_RETURN)
    for caller, _ in ROLES:
        settlement = seen(of, caller)["settlement"]
        assert (settlement["code"], settlement["refund"]) == (
            "AGREED_REFUND_WITH_RETURN",
            {"amount_minor": 1000, "currency": "USD"},
        )
    assert seen(world_in(Status.NEGOTIATION), BUYER)["settlement"] is None


# --- the shop's own keys ----------------------------------------------------------------------------------------------


def keep(of: World, caller: Caller = SHOP, if_match: int | None = None, **keys: str) -> dict[str, Any]:
    command = call(caller, if_match=if_match)
    return doc(put_metadata(of.context, command, CASE, MetadataRequest(keys)))


def test_the_shop_replaces_its_own_keys_whole_and_the_parties_never_see_them() -> None:
    of = world_in(Status.NEGOTIATION)
    before = case_of(of)
    of_parties = [etag(of, caller) for caller in (BUYER, SELLER)]
    assert keep(of, ticket="CS-1", shelf="A")["metadata"] == {"ticket": "CS-1", "shelf": "A"}
    assert keep(of, ticket="CS-2")["metadata"] == {"ticket": "CS-2"}
    assert seen(of, MANAGER)["metadata"] == {"ticket": "CS-2"}
    assert not any("metadata" in seen(of, caller) for caller in (BUYER, SELLER))
    after = case_of(of)
    assert replace(after, metadata={}) == before
    assert [etag(of, caller) for caller in (BUYER, SELLER)] == of_parties
    write(of, BUYER)
    assert case_of(of).metadata == {"ticket": "CS-2"}


@pytest.mark.parametrize(
    ("caller", "error"), [(BUYER, ForbiddenError), (SELLER, ForbiddenError), (MANAGER, ForbiddenError)]
)
def test_only_the_shops_backend_keeps_keys(caller: Caller, error: type[DisputeError]) -> None:
    with pytest.raises(error):
        keep(world_in(Status.NEGOTIATION), caller, ticket="CS-1")


def test_keys_of_no_case_are_absent_and_those_of_another_version_stale() -> None:
    of = world_in(Status.NEGOTIATION)
    with pytest.raises(StaleVersionError):
        keep(of, if_match=case_of(of).version + 1, ticket="CS-1")
    assert keep(of, if_match=case_of(of).version, ticket="CS-1")
    with pytest.raises(NotFoundError):
        put_metadata(of.context, call(SHOP), "dp-absent", MetadataRequest({}))


# --- withdrawing evidence ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(Status))
def test_r26_r50_an_item_is_withdrawable_exactly_where_withdrawing_it_is_taken(status: Status) -> None:
    of = world_in(Status.NEGOTIATION)
    evidence(of, SELLER)
    given = of.evidence[CASE]["ev-1"]
    of = world_in(status)
    of.evidence[CASE]["ev-1"] = given
    of.cases_kept[CASE] = replace(case_of(of), evidence_by_seller=1)
    for caller, role in ROLES:
        item = doc(get_evidence(of.context, of.files, call(caller), CASE, "ev-1", scanning=False))
        listed = doc(reads.list_evidence(of.context, call(caller), CASE))["items"][0]
        assert item["withdrawable"] is listed["withdrawable"]
        assert item["withdrawable"] is (role == Role.SELLER and status is Status.NEGOTIATION)
        if not item["withdrawable"]:
            with pytest.raises(DisputeError):
                withdraw_evidence(of.context, call(caller), CASE, "ev-1")
    if status is Status.NEGOTIATION:
        withdraw_evidence(of.context, call(SELLER), CASE, "ev-1")
        assert doc(reads.list_evidence(of.context, call(SELLER), CASE))["items"] == []
