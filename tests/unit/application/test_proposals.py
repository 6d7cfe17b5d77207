"""R14, R45: the team's proposal, which each side takes unseen by the other."""

import json

import pytest

from buyer_protection.application.actions import beside, negotiation, reads
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import MoneyModel, OfferRequest
from buyer_protection.domain.enums import EventType, OfferType, Reason, Status
from buyer_protection.domain.errors import ConflictError, DisputeError, ForbiddenError
from tests.support.builders import PAID
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    STAFF,
    call,
    cancel,
    case_of,
    decide,
    doc,
    offer,
    roles_of,
    seen,
    take_claim,
    world_in,
)
from tests.unit.application.refund_steps import give_back

CLAIMS = [Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW]


def propose(
    of: World, minor: int | None = 700, kind: OfferType = OfferType.REFUND, caller: Caller = MANAGER
) -> str:
    take_claim(of)
    amount = None if minor is None else MoneyModel(minor, "USD")
    made = beside.propose_settlement(of.context, call(caller), CASE, OfferRequest(kind, amount, "Fair."))
    assert made.status == 201
    return str(doc(made)["offer_id"])


def accept(of: World, offer_id: str, caller: Caller, key: str | None = None) -> Answer:
    return negotiation.accept_offer(of.context, call(caller, key), CASE, offer_id)


def offers(of: World, caller: Caller = BUYER) -> list[tuple[str, str, str]]:
    found = doc(reads.list_offers(of.context, call(caller), CASE))["items"]
    return [(one["offer_id"], one["made_by"], one["status"]) for one in found]


def accepts(of: World, caller: Caller) -> set[str]:
    return {
        one["href"].split("/")[-2]
        for one in seen(of, caller)["available_actions"]
        if one["action"] == "ACCEPT_OFFER"
    }


@pytest.mark.parametrize("status", CLAIMS)
@pytest.mark.parametrize(("first", "second"), [(BUYER, SELLER), (STAFF, BUYER)])
def test_r14_both_say_yes_and_it_is_an_agreement(status: Status, first: Caller, second: Caller) -> None:
    of = world_in(status)
    offer_id = propose(of)
    due = case_of(of).deadline
    accept(of, offer_id, first)
    assert (case_of(of).status, case_of(of).deadline) == (status, due)
    got = doc(accept(of, offer_id, second))
    assert (got["status"], got["outcome"]["code"]) == ("RESOLVED", "AGREED_PARTIAL_REFUND")
    assert got["outcome"]["refund"]["amount_minor"] == 700
    assert offers(of)[-1] == (offer_id, "CASE_MANAGER", "ACCEPTED")
    [entry] = [one for one in of.timeline[CASE] if one.type is EventType.OFFER_ACCEPTED]
    assert entry.data["made_by"] == "CASE_MANAGER"


@pytest.mark.parametrize("status", CLAIMS)
def test_r45_one_sides_yes_is_hidden_until_the_others(status: Status) -> None:
    of = world_in(status)
    offer_id = propose(of)
    of.deliver_stream()
    before = {caller: seen(of, caller) for caller in (SELLER, MANAGER)}
    entries = len(of.timeline[CASE])
    answered = doc(accept(of, offer_id, BUYER, "k-1"))
    assert {caller: seen(of, caller) for caller in (SELLER, MANAGER)} == before
    assert (answered["status"], answered["version"]) == (status, before[SELLER]["version"])
    mails = len(of.mails)
    of.deliver_stream()
    assert (len(of.timeline[CASE]), len(of.mails)) == (entries, mails)
    assert "taken_by" not in json.dumps(answered)
    # Who has said it is offered it no more; who has not still is.
    assert (accepts(of, BUYER), accepts(of, SELLER)) == (set(), {offer_id})
    # Said twice, it is said once.
    kept = of.cases_kept[CASE]
    assert doc(accept(of, offer_id, BUYER, "k-1")) == answered
    assert doc(accept(of, offer_id, BUYER, "k-2"))["status"] == status
    assert of.cases_kept[CASE] == kept


def test_r14_both_who_say_yes_at_the_same_instant_agree() -> None:
    of = world_in(Status.UNDER_REVIEW)
    offer_id = propose(of)
    of.before_commit = lambda: accept(of, offer_id, SELLER)
    assert doc(accept(of, offer_id, BUYER))["status"] == "RESOLVED"


def test_r14_another_proposal_takes_the_place_of_the_first_and_of_the_yes_to_it() -> None:
    of = world_in(Status.UNDER_REVIEW)
    first = propose(of)
    accept(of, first, BUYER)
    second = propose(of, 800)
    assert [one for one in offers(of) if one[1] == "CASE_MANAGER"] == [
        (first, "CASE_MANAGER", "REPLACED"),
        (second, "CASE_MANAGER", "OPEN"),
    ]
    with pytest.raises(ConflictError) as refused:
        accept(of, first, SELLER)
    assert refused.value.code == "OFFER_NOT_CURRENT"
    accept(of, second, SELLER)
    assert case_of(of).status is Status.UNDER_REVIEW
    accept(of, second, BUYER)
    assert case_of(of).status is Status.RESOLVED


def test_r36_a_proposal_with_a_return_waits_for_the_goods() -> None:
    of = world_in(Status.UNDER_REVIEW, Reason.NOT_AS_DESCRIBED)
    offer_id = propose(of, 700, OfferType.REFUND_WITH_RETURN)
    accept(of, offer_id, SELLER)
    got = doc(accept(of, offer_id, BUYER))
    assert (got["status"], got["outcome"]) == ("AWAITING_RETURN", None)
    settled = case_of(of).settlement
    assert settled is not None
    assert (settled.code, settled.return_required) == ("AGREED_REFUND_WITH_RETURN", True)
    # A review of the return is about the return alone.
    with pytest.raises(ConflictError):
        propose(of)


def test_r14_the_parties_own_offers_go_on_and_settle_the_case() -> None:
    of = world_in(Status.UNDER_REVIEW)
    proposal = propose(of)
    mine = str(doc(offer(of, SELLER, 900))["offer_id"])
    assert accepts(of, BUYER) == {proposal, mine}
    accept(of, mine, BUYER)
    assert case_of(of).status is Status.RESOLVED
    assert (proposal, "CASE_MANAGER", "LAPSED") in offers(of)


@pytest.mark.parametrize("end", [cancel, decide])
def test_r14_it_lapses_when_the_case_leaves_the_claim(end: object) -> None:
    of = world_in(Status.UNDER_REVIEW)
    proposal = propose(of)
    assert callable(end)
    end(of)
    assert (proposal, "CASE_MANAGER", "LAPSED") in offers(of)
    with pytest.raises(ConflictError) as refused:
        accept(of, proposal, BUYER)
    assert refused.value.code == "DISPUTE_CLOSED"


def test_r14_it_stands_while_the_review_begins_and_nothing_is_taken_after_the_window() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    proposal = propose(of)
    accept(of, proposal, BUYER)
    of.clock.at = case_of(of).deadline or of.clock.at
    with pytest.raises(ConflictError) as refused:
        accept(of, proposal, SELLER)
    assert refused.value.code == "TOO_LATE"


def test_r39_r51_a_proposal_above_what_is_left_is_refused_and_lapses() -> None:
    of = world_in(Status.UNDER_REVIEW)
    proposal = propose(of, PAID)
    accept(of, proposal, BUYER)
    give_back(100)(of)
    assert case_of(of).proposal is None
    assert (proposal, "CASE_MANAGER", "LAPSED") in offers(of)
    with pytest.raises(ConflictError) as refused:
        propose(of, PAID)
    assert refused.value.code == "MORE_THAN_IS_LEFT"
    assert accepts(of, SELLER) == set()


def test_r47_only_the_assignee_proposes() -> None:
    of = world_in(Status.UNDER_REVIEW)
    for caller, code in ((Caller("manager-2", MANAGER.groups), "NOT_ASSIGNED"), (BUYER, "FORBIDDEN")):
        with pytest.raises(DisputeError) as refused:
            propose(of, caller=caller)
        assert refused.value.code == code


def test_r14_it_is_accepted_or_left() -> None:
    of = world_in(Status.UNDER_REVIEW)
    proposal = propose(of)
    for act in (negotiation.decline_offer, negotiation.withdraw_offer):
        with pytest.raises(ForbiddenError) as refused:
            act(of.context, call(BUYER), CASE, proposal)
        assert refused.value.rule == "R14"


def test_r14_the_team_has_a_limit_of_its_own() -> None:
    of = world_in(Status.UNDER_REVIEW)
    for _ in range(20):
        propose(of)
    assert "PROPOSE" not in {one["action"] for one in seen(of, MANAGER)["available_actions"]}
    with pytest.raises(DisputeError) as refused:
        propose(of)
    assert refused.value.code == "LIMIT_REACHED"
    assert doc(offer(of, SELLER, 5))["offer_id"]


def test_r23_both_get_one_mail_about_a_proposal() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    of.deliver_stream()
    of.mails.clear()
    propose(of)
    of.deliver_stream(times=2)
    assert sorted(roles_of(of)) == [("BUYER", "PROPOSAL_MADE"), ("SELLER", "PROPOSAL_MADE")]


def standing(of: World, caller: Caller) -> dict[str, object] | None:
    shown: dict[str, object] | None = seen(of, caller)["proposal"]
    return shown


def test_r14_r45_each_side_reads_the_standing_proposal_and_its_own_yes_only() -> None:
    of = world_in(Status.UNDER_REVIEW)
    assert [standing(of, reader) for reader in (BUYER, SELLER, MANAGER)] == [None] * 3
    offer_id = propose(of)
    made_at = doc(reads.list_offers(of.context, call(BUYER), CASE))["items"][-1]["made_at"]
    shown = {
        "offer_id": offer_id,
        "made_by": "CASE_MANAGER",
        "type": "REFUND",
        "refund": {"amount_minor": 700, "currency": "USD"},
        "made_at": made_at,
    }
    assert standing(of, BUYER) == {**shown, "accepted_by_me": False}
    assert doc(accept(of, offer_id, BUYER))["proposal"] == {**shown, "accepted_by_me": True}
    assert [standing(of, reader) for reader in (BUYER, SELLER, MANAGER)] == [
        {**shown, "accepted_by_me": mine} for mine in (True, False, None)
    ]
    propose(of, 800)
    again = standing(of, BUYER)
    assert again is not None
    assert again["accepted_by_me"] is False
    accept(of, str(again["offer_id"]), BUYER)
    assert doc(accept(of, str(again["offer_id"]), SELLER))["proposal"] is None
