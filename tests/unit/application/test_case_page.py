"""The page of a case, who one is, and the guide before a dispute exists."""

from typing import Any

import pytest

from buyer_protection.application.actions import messages, reads
from buyer_protection.application.actions.case_file import get_evidence_guide
from buyer_protection.application.actions.case_page import get_dispute_page
from buyer_protection.application.actions.evidence import add_evidence
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.actions.me import get_me
from buyer_protection.application.actions.policies import get_guide_before
from buyer_protection.application.schemas.queries import GuideQuery, PageQuery
from buyer_protection.application.schemas.requests import EvidenceRequest, FileModel, MessageRequest
from buyer_protection.domain.enums import EvidenceType, MediaType, Reason, Status, SubReason
from buyer_protection.domain.errors import InvalidRequestError, NotFoundError
from buyer_protection.domain.evidence import verify
from buyer_protection.domain.evidence_item import Copies, FileCopy
from buyer_protection.runtime.edge import etag_of
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
    case_of,
    doc,
    evidence,
    offer,
    seen,
    world,
    world_in,
)


def page(of: World, caller: Caller) -> dict[str, Any]:
    return doc(get_dispute_page(of.context, of.files, call(caller), CASE, scanning=False))


def write(of: World, count: int) -> None:
    for number in range(count):
        messages.send_message(of.context, call(BUYER), CASE, MessageRequest(f"No {number + 1}"))


def photo(of: World) -> None:
    """The seller's photo, uploaded and verified."""
    file = FileModel("a.jpg", MediaType.JPEG, 10, "0" * 64)
    asked = EvidenceRequest(EvidenceType.PHOTO, files=[file])
    add_evidence(of.context, of.files, call(SELLER), CASE, asked)
    number = len(of.evidence[CASE])
    copy = FileCopy("a.jpg", MediaType.JPEG, 9, "1" * 64, "v-2")
    item = of.evidence[CASE][f"ev-{number}"]
    change = verify(case_of(of), item, "f-1", "v-1", None, of.clock.at, Copies(copy, copy))
    assert change is not None
    of.cases.commit(change, now=of.clock.at)


def of_everything() -> World:
    """A negotiation with an offer, evidence of both kinds and messages."""
    of = world_in(Status.NEGOTIATION)
    offer(of, SELLER)
    evidence(of, BUYER)
    photo(of)
    write(of, 2)
    return of


@pytest.mark.parametrize("caller", [BUYER, SELLER, STAFF, MANAGER])
def test_a_page_says_what_the_calls_say_that_it_puts_together(caller: Caller) -> None:
    of, command = of_everything(), call(caller)
    shown = page(of, caller)
    assert shown["dispute"] == seen(of, caller)
    assert shown["offers"] == doc(reads.list_offers(of.context, command, CASE))["items"]
    assert shown["messages"] == {
        "items": doc(messages.list_messages(of.context, command, CASE, PageQuery()))["items"]
    }
    assert shown["timeline"] == {
        "items": doc(reads.get_timeline(of.context, command, CASE, PageQuery()))["items"]
    }
    text, picture = shown["evidence"]
    (file,) = picture["files"]
    del file["thumbnail"], file["copy"]["download"]
    assert [text, {**picture, "files": [{**file, "download": 0}]}] == [
        {**one, "files": [{**file, "download": 0} for file in one["files"]]}
        for one in doc(reads.list_evidence(of.context, command, CASE))["items"]
    ]
    assert picture["files"][0]["download"]["url"]
    assert (shown["viewer"], shown["as_of"]) == (shown["dispute"]["viewer"], shown["dispute"]["as_of"])


def test_a_party_is_guided_on_its_own_side_and_the_team_on_both() -> None:
    of = of_everything()
    lines = {
        who: doc(get_evidence_guide(of.context, call(caller), CASE))["items"]
        for who, caller in (("BUYER", BUYER), ("SELLER", SELLER))
    }
    for caller, sides in ((BUYER, ["BUYER"]), (SELLER, ["SELLER"]), (MANAGER, ["BUYER", "SELLER"])):
        assert page(of, caller)["guide"] == [{"party": side, "lines": lines[side]} for side in sides]


@pytest.mark.parametrize("caller", [OTHER_BUYER, OTHER_SELLER])
def test_r01_a_stranger_has_no_page(caller: Caller) -> None:
    with pytest.raises(NotFoundError):
        page(of_everything(), caller)


def test_r26_what_does_not_count_yet_is_on_its_owners_page_alone() -> None:
    of = world_in(Status.NEGOTIATION)
    file = FileModel("a.jpg", MediaType.JPEG, 10, "0" * 64)
    add_evidence(of.context, of.files, call(SELLER), CASE, EvidenceRequest(EvidenceType.PHOTO, files=[file]))
    counts = [len(page(of, caller)["evidence"]) for caller in (BUYER, SELLER, MANAGER)]
    assert counts == [0, 1, 0]
    assert "download" not in page(of, SELLER)["evidence"][0]["files"][0]


def test_only_the_newest_items_come_with_links() -> None:
    of = world_in(Status.NEGOTIATION)
    for _ in range(22):
        photo(of)
    linked = ["download" in item["files"][0] for item in page(of, BUYER)["evidence"]]
    assert linked == [False] * 2 + [True] * 20


@pytest.mark.parametrize("count", [0, 1, 50, 51, 100, 101, 130])
def test_the_newest_messages_and_entries_lead_back_to_all_earlier_ones(count: int) -> None:
    of = world_in(Status.NEGOTIATION)
    write(of, count)
    shown, command = page(of, SELLER), call(SELLER)
    texts = [one["text"] for one in shown["messages"]["items"]]
    token = shown["messages"].get("earlier_page_token")
    assert (len(texts), token is None) == (min(50, count), count <= 50)
    while token is not None:
        part = doc(
            messages.list_messages(of.context, command, CASE, PageQuery(page_size=7, page_token=token))
        )
        texts = [one["text"] for one in part["items"]] + texts
        token = part.get("next_page_token")
    assert texts == [f"No {number + 1}" for number in range(count)]
    seqs = [one["seq"] for one in shown["timeline"]["items"]]
    token = shown["timeline"].get("earlier_page_token")
    while token is not None:
        part = doc(reads.get_timeline(of.context, command, CASE, PageQuery(page_token=token)))
        seqs = [one["seq"] for one in part["items"]] + seqs
        token = part.get("next_page_token")
    assert seqs == list(range(1, case_of(of).timeline_seq + 1))


def test_a_token_that_leads_back_opens_the_readers_own_list_alone() -> None:
    of = world_in(Status.NEGOTIATION)
    write(of, 60)
    shown = page(of, SELLER)
    token = PageQuery(page_token=shown["messages"]["earlier_page_token"])
    for refused in (
        lambda: messages.list_messages(of.context, call(BUYER), CASE, token),
        lambda: reads.get_timeline(of.context, call(SELLER), CASE, token),
    ):
        with pytest.raises(InvalidRequestError):
            refused()


def test_a_page_is_another_exactly_when_something_on_it_is() -> None:
    of = of_everything()

    def etag() -> str | None:
        return etag_of(get_dispute_page(of.context, of.files, call(SELLER), CASE, scanning=False))

    before, version = etag(), case_of(of).version
    of.clock.at += (of.clock.at - case_of(of).opened_at) / 1000
    assert etag() == before
    write(of, 1)
    assert etag() != before
    assert str(etag()).startswith(f'"{version}-')


# --- who one is -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caller", "roles", "sellers"),
    [
        (BUYER, ["BUYER", "SELLER"], []),
        (STAFF, ["BUYER", "SELLER"], ["seller-1"]),
        (MANAGER, ["CASE_MANAGER"], []),
        (Caller("o-1", frozenset({"operator", "case_manager"})), ["CASE_MANAGER", "OPERATOR"], []),
    ],
)
def test_one_reads_ones_roles_and_sellers(caller: Caller, roles: list[str], sellers: list[str]) -> None:
    assert doc(get_me(caller)) == {
        "id": caller.caller_id,
        "roles": roles,
        "sellers": sellers,
        "locale": None,
        "zone": None,
    }


def test_one_reads_the_language_and_the_zone_of_ones_account() -> None:
    mine = doc(get_me(Caller("buyer-1", locale="pt-BR", zone="America/Sao_Paulo")))
    assert (mine["locale"], mine["zone"]) == ("pt-BR", "America/Sao_Paulo")


# --- before there is a dispute ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", list(Reason))
def test_r10_the_guide_before_is_that_of_a_case_that_is_opened_for_the_reason(reason: Reason) -> None:
    before = doc(get_guide_before(world().context, "aliexpress-classic", GuideQuery(reason=reason)))["items"]
    assert [side["party"] for side in before] == ["BUYER", "SELLER"]
    of = world_in(Status.NEGOTIATION, reason)
    assert before == page(of, MANAGER)["guide"]


def test_r35_the_guide_before_knows_the_sub_reason_and_refuses_one_of_another_reason() -> None:
    query = GuideQuery(reason=Reason.NOT_RECEIVED, sub_reason=SubReason.CUSTOMS_HELD)
    sides = doc(get_guide_before(world().context, "aliexpress-classic", query))["items"]
    assert all("CUSTOMS_DOCUMENT" in {line["type"] for line in side["lines"]} for side in sides)
    wrong = GuideQuery(reason=Reason.NOT_RECEIVED, sub_reason=SubReason.DAMAGED)
    with pytest.raises(InvalidRequestError):
        get_guide_before(world().context, "aliexpress-classic", wrong)
    with pytest.raises(NotFoundError):
        get_guide_before(world().context, "no-such-profile", query)
