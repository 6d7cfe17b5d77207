"""R47: above an amount at stake a ruling waits for a second member; what the parties do comes first."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from buyer_protection.adapters.mail.rendering import render
from buyer_protection.application.actions import beside, claim, messages, negotiation, reads
from buyer_protection.application.actions.decision_preview import preview_decision
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import (
    AssignRequest,
    DecisionRequest,
    EvidenceQuestionRequest,
    MessageRequest,
    MoneyModel,
    OfferRequest,
)
from buyer_protection.domain.enums import (
    DecisionOutcome,
    DecisionReason,
    EvidenceType,
    OfferType,
    Reason,
    Status,
)
from buyer_protection.domain.errors import (
    ConflictError,
    DisputeError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    NotFoundError,
    StaleVersionError,
)
from tests.support.builders import DAY, PAID
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    call,
    cancel,
    case_of,
    doc,
    offer,
    seen,
    take_claim,
    wait_until_due,
    world_in,
)
from tests.unit.application.refund_steps import give_back

SECOND = Caller("manager-2", MANAGER.groups)
ABOVE = {"USD": PAID - 1}
PART = DecisionRequest(
    DecisionOutcome.PARTIAL, [DecisionReason.NOT_DELIVERED], "A word of the team.", MoneyModel(700, "USD")
)


def rule(
    of: World,
    caller: Caller = MANAGER,
    key: str | None = None,
    request: DecisionRequest = PART,
    body: str = "b",
) -> Answer:
    return claim.decide_claim(of.context, call(caller, key, body=body), CASE, request, ABOVE)


def waiting(reason: Reason = Reason.NOT_RECEIVED) -> tuple[World, str]:
    of = world_in(Status.UNDER_REVIEW, reason)
    take_claim(of)
    return of, str(doc(rule(of))["decision_id"])


def confirm(of: World, decision_id: str, caller: Caller = SECOND, key: str | None = None) -> Answer:
    return beside.confirm_decision(of.context, call(caller, key), CASE, decision_id)


def refuse(of: World, decision_id: str, caller: Caller = SECOND) -> Answer:
    return beside.refuse_decision(of.context, call(caller), CASE, decision_id)


def withdraw(of: World, decision_id: str, caller: Caller = MANAGER) -> Answer:
    return beside.withdraw_decision(of.context, call(caller), CASE, decision_id)


def refusal(act: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(DisputeError) as refused:
        act()
    return refused.value.code, refused.value.rule


def test_r47_above_the_amount_a_ruling_waits_and_the_parties_see_nothing_of_it() -> None:
    of = world_in(Status.UNDER_REVIEW)
    take_claim(of)
    before, entries = case_of(of), len(of.timeline[CASE])
    shown = [seen(of, party) for party in (BUYER, SELLER)]
    answer = rule(of)
    got = doc(answer)
    assert answer.status == 202
    assert (got["code"], got["status"], got["made_by"]) == ("CONFIRMATION_NEEDED", "WAITING", "manager-1")
    assert got["at_stake"] == {"amount_minor": PAID, "currency": "USD"}
    assert got["outcome"]["refund"]["amount_minor"] == 700
    assert [seen(of, party) for party in (BUYER, SELLER)] == shown
    after = case_of(of)
    assert replace(after, waiting_ruling=None) == before
    assert len(of.timeline[CASE]) == entries


def test_r47_at_the_amount_and_in_another_currency_one_member_decides_alone() -> None:
    for above in ({"USD": PAID}, {"EUR": 1}, {}):
        of = world_in(Status.UNDER_REVIEW)
        answer = claim.decide_claim(of.context, call(MANAGER), CASE, PART, above)
        assert (answer.status, case_of(of).status) == (200, Status.DECIDED)


def test_r47_at_stake_is_what_the_buyer_asked_for_whoever_wins() -> None:
    of = world_in(Status.UNDER_REVIEW)
    lost = DecisionRequest(DecisionOutcome.SELLER_FAVOUR, [DecisionReason.OTHER], "Nothing came.")
    assert doc(rule(of, request=lost))["at_stake"]["amount_minor"] == PAID


def test_r47_a_second_member_confirms_and_the_ruling_takes_effect_as_it_was_made() -> None:
    of, decision_id = waiting()
    of.clock.at += DAY
    answer = confirm(of, decision_id)
    assert (answer.status, doc(answer)["status"]) == (200, "DECIDED")
    ended = case_of(of)
    assert ended.outcome is not None
    assert (ended.outcome.refund.amount_minor, ended.outcome.rationale) == (700, "A word of the team.")
    assert of.timeline[CASE][-1].person_id == "manager-2"
    kept = of.rulings[CASE, decision_id]
    assert (kept.made_by, kept.status, kept.settled_by) == ("manager-1", "CONFIRMED", "manager-2")


def test_r47_a_ruling_with_a_return_waits_for_the_goods_once_it_is_confirmed() -> None:
    of = world_in(Status.UNDER_REVIEW, Reason.NOT_AS_DESCRIBED)
    take_claim(of)
    request = DecisionRequest(
        DecisionOutcome.BUYER_FAVOUR, [DecisionReason.ITEM_DAMAGED], "Send it back.", None, True
    )
    confirm(of, str(doc(rule(of, request=request))["decision_id"]))
    assert case_of(of).status is Status.AWAITING_RETURN


@pytest.mark.parametrize("act", [confirm, refuse])
def test_r47_its_maker_neither_confirms_nor_refuses_it(act: Callable[..., Answer]) -> None:
    of, decision_id = waiting()
    assert refusal(lambda: act(of, decision_id, MANAGER)) == ("FORBIDDEN", "R47")
    assert case_of(of).status is Status.UNDER_REVIEW


@pytest.mark.parametrize("act", [confirm, refuse, withdraw])
@pytest.mark.parametrize("caller", [BUYER, SELLER, Caller("buyer-1", MANAGER.groups), Caller("stranger")])
def test_r47_who_has_a_part_in_the_case_has_none_in_its_ruling(
    act: Callable[..., Answer], caller: Caller
) -> None:
    of, decision_id = waiting()
    with pytest.raises((ForbiddenError, NotFoundError)):
        act(of, decision_id, caller)


@pytest.mark.parametrize("left", ["manager-1", "manager-2"])
def test_r47_both_are_in_the_team_when_it_is_confirmed(left: str) -> None:
    of, decision_id = waiting()
    of.team.left.add(left)
    assert refusal(lambda: confirm(of, decision_id)) == ("FORBIDDEN", "R47")
    assert case_of(of).status is Status.UNDER_REVIEW


def test_r47_what_is_refused_or_withdrawn_is_decided_anew() -> None:
    of, first = waiting()
    assert refusal(lambda: withdraw(of, first, SECOND)) == ("FORBIDDEN", "R47")
    assert doc(refuse(of, first))["status"] == "REFUSED"
    second = str(doc(rule(of))["decision_id"])
    assert second != first
    assert doc(withdraw(of, second))["status"] == "WITHDRAWN"
    for gone in (first, second):
        for act in (confirm, refuse):
            assert refusal(lambda act=act, gone=gone: act(of, gone)) == ("DECISION_NOT_CURRENT", "R47")
    confirm(of, str(doc(rule(of))["decision_id"]))
    assert case_of(of).status is Status.DECIDED


def test_r47_one_ruling_waits_at_a_time_and_is_absent_where_there_is_none() -> None:
    of, _ = waiting()
    assert refusal(lambda: rule(of)) == ("CONFIRMATION_NEEDED", "R47")
    assert refusal(lambda: confirm(of, "dc-404")) == ("NOT_FOUND", "R47")


def test_r47_only_the_assignee_makes_a_ruling_and_anybody_else_confirms_it() -> None:
    of = world_in(Status.UNDER_REVIEW)
    take_claim(of)
    assert refusal(lambda: rule(of, SECOND)) == ("NOT_ASSIGNED", "R47")
    decision_id = str(doc(rule(of))["decision_id"])
    # Who was given the claim meanwhile is a second member as well as any.
    claim.assign_claim(of.context, call(SECOND), CASE, AssignRequest("manager-2"))
    confirm(of, decision_id)
    assert case_of(of).status is Status.DECIDED


def ask(of: World) -> None:
    asked = EvidenceQuestionRequest("BUYER", [EvidenceType.PHOTO], of.clock.at + 2 * DAY, "Where?")
    claim.request_evidence(of.context, call(MANAGER), CASE, asked)


@pytest.mark.parametrize(
    "step",
    [
        lambda of: offer(of, SELLER, 600),
        lambda of: negotiation.accept_request(of.context, call(SELLER), CASE),
        cancel,
        ask,
        give_back(100),
        lambda of: beside.propose_settlement(
            of.context, call(MANAGER), CASE, OfferRequest(OfferType.REFUND, MoneyModel(5, "USD"))
        ),
    ],
)
def test_r47_a_step_that_changes_the_case_voids_the_ruling(step: Callable[[World], object]) -> None:
    of, decision_id = waiting()
    step(of)
    code, _ = refusal(lambda: confirm(of, decision_id))
    assert code in {"DECISION_NOT_CURRENT", "DISPUTE_CLOSED", "WRONG_STATUS"}
    assert case_of(of).waiting_ruling is None


def test_r47_talk_and_a_date_that_passes_leave_the_ruling_as_it_is() -> None:
    of, decision_id = waiting()
    messages.send_message(of.context, call(BUYER), CASE, MessageRequest("When?"))
    wait_until_due(of)
    assert case_of(of).missed_noted
    of.clock.at += DAY
    assert doc(confirm(of, decision_id))["status"] == "DECIDED"


@pytest.mark.parametrize(
    "first",
    [
        cancel,
        lambda of: negotiation.accept_request(of.context, call(SELLER), CASE),
        lambda of: offer(of, SELLER, 5),
    ],
)
def test_r47_a_party_that_comes_first_by_a_moment_wins_over_the_confirmation(
    first: Callable[[World], object],
) -> None:
    of, decision_id = waiting()
    of.before_commit = lambda: first(of)
    code, _ = refusal(lambda: confirm(of, decision_id))
    assert code in {"DECISION_NOT_CURRENT", "DISPUTE_CLOSED"}
    assert case_of(of).status is not Status.DECIDED


def test_r47_a_confirmation_that_comes_first_by_a_moment_wins_over_a_party() -> None:
    of, decision_id = waiting()
    of.before_commit = lambda: confirm(of, decision_id)
    with pytest.raises(ConflictError) as refused:
        cancel(of)
    assert (refused.value.code, case_of(of).status) == ("DISPUTE_CLOSED", Status.DECIDED)
    assert len(of.refunds_kept) == 1


def test_r47_a_ruling_begins_to_wait_only_on_the_case_as_it_was_read() -> None:
    of = world_in(Status.UNDER_REVIEW)
    of.before_commit = lambda: offer(of, SELLER, 5)
    decision_id = str(doc(rule(of))["decision_id"])
    # It was made again on the case with the offer, and waits.
    assert len(of.rulings) == 1
    assert doc(confirm(of, decision_id))["status"] == "DECIDED"


def test_q4_each_call_repeated_with_its_key_has_one_effect_and_the_same_answer() -> None:
    of = world_in(Status.UNDER_REVIEW)
    first = rule(of, key="k-1")
    assert rule(of, key="k-1") == first
    assert len(of.rulings) == 1
    with pytest.raises(IdempotencyKeyReusedError):
        rule(of, key="k-1", body="another")
    decision_id = str(doc(first)["decision_id"])
    done = confirm(of, decision_id, key="k-2")
    assert confirm(of, decision_id, key="k-2") == done
    assert [entry.type.value for entry in of.timeline[CASE]].count("DECIDED") == 1


def test_r50_each_member_is_offered_what_they_may_do_with_a_ruling() -> None:
    of, decision_id = waiting()

    def offered(caller: Caller) -> dict[str, str]:
        return {
            one["action"]: one["href"]
            for one in seen(of, caller)["available_actions"]
            if one["action"].endswith("_DECISION") or one["action"] == "DECIDE"
        }

    base = f"/v1/disputes/{CASE}/claim/decision/{decision_id}"
    assert offered(MANAGER) == {"WITHDRAW_DECISION": f"{base}/withdraw"}
    assert offered(SECOND) == {"CONFIRM_DECISION": f"{base}/confirm", "REFUSE_DECISION": f"{base}/refuse"}
    for party in (BUYER, SELLER):
        assert offered(party) == {}


def preview(
    of: World, caller: Caller = MANAGER, key: str | None = None, if_match: int | None = None
) -> Answer:
    command = call(caller, key, if_match=if_match)
    site = "https://shop.example.com"
    return preview_decision(of.context, render, site, command, CASE, PART, ABOVE)


def test_r24_a_dry_run_says_what_both_would_read_and_does_nothing() -> None:
    of = world_in(Status.UNDER_REVIEW)
    before, writes = case_of(of), of.writes
    got = doc(preview(of, key="k-1"))
    assert (case_of(of), of.writes, of.idempotency_records.keys() & {"manager-1/k-1"}) == (
        before,
        writes,
        set(),
    )
    assert got["confirmation_needed"] is True
    assert got["outcome"]["refund"] == {"amount_minor": 700, "currency": "USD"}
    for side in ("buyer", "seller"):
        shown = got[side]["dispute"]
        assert (shown["status"], shown["outcome"]) == ("DECIDED", got["outcome"])
        assert shown["assigned_to"] is None
        assert "A word of the team." in got[side]["mail"]["text"]
    # What it said is what both then read.
    claim.decide_claim(of.context, call(MANAGER, "k-1"), CASE, PART)
    for side, caller in (("buyer", BUYER), ("seller", SELLER)):
        assert seen(of, caller) == got[side]["dispute"]


def test_r24_r47_a_dry_run_is_refused_where_the_decision_would_be() -> None:
    of = world_in(Status.UNDER_REVIEW)
    assert refusal(lambda: preview(of, SECOND)) == ("NOT_ASSIGNED", "R47")
    assert refusal(lambda: preview(of, BUYER)) == ("FORBIDDEN", "R24")
    with pytest.raises(StaleVersionError):
        preview(of, if_match=1)
    of.team.left.add("manager-1")
    assert refusal(lambda: preview(of)) == ("FORBIDDEN", "R47")
    of.team.left.clear()
    rule(of)
    assert refusal(lambda: preview(of)) == ("CONFIRMATION_NEEDED", "R47")


def in_brief(of: World) -> dict[str, Any] | None:
    shown: dict[str, Any] | None = doc(reads.get_claim_brief(of.context, call(SECOND), CASE))[
        "waiting_decision"
    ]
    return shown


def test_r47_the_second_member_reads_what_they_confirm_while_it_waits() -> None:
    of = world_in(Status.UNDER_REVIEW)
    take_claim(of)
    assert in_brief(of) is None
    made = doc(rule(of))
    assert in_brief(of) == made
    assert made["outcome"]["rationale"] == PART.rationale
    withdraw(of, made["decision_id"])
    assert in_brief(of) is None
    again = doc(rule(of))
    assert in_brief(of) == again
    offer(of, SELLER, 5)
    assert in_brief(of) is None
