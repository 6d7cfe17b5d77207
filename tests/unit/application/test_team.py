"""R47: who is in the team is asked at the instant of what a member does; a token may be an hour behind."""

import pytest

from buyer_protection.application.actions import claim, desk, messages
from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.schemas.requests import AssignRequest, MessageRequest
from buyer_protection.domain.actions import ACTIONS
from buyer_protection.domain.enums import Status
from buyer_protection.domain.errors import ConflictError, ForbiddenError
from tests.support.calls import CALLS
from tests.support.use_cases import Behind, use
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    call,
    case_of,
    decide,
    doc,
    seen,
    take_claim,
    world_in,
)


def test_r47_who_has_left_the_team_decides_nothing() -> None:
    of = world_in(Status.UNDER_REVIEW)
    before = case_of(of)
    of.team.left.add(MANAGER.caller_id)

    with pytest.raises(ForbiddenError) as refused:
        decide(of)

    assert refused.value.rule == "R47"
    assert case_of(of) == before


# What a member of the team may call on a case, reads aside.
WRITES = [
    spec.name
    for spec in ACTIONS
    if spec.gate is not None
    and not spec.gate.is_read
    and spec.method != "GET"
    and "M" in CALLS[spec.name].may
]


@pytest.mark.parametrize("name", WRITES)
def test_r47_who_has_left_the_team_does_nothing_to_a_case(name: str) -> None:
    row = CALLS[name]
    of = world_in(Status(min(row.statuses & {"CLAIM_EVIDENCE", "UNDER_REVIEW"}, key=len)))
    take_claim(of)
    before, written = case_of(of), of.writes
    of.team.left.add(MANAGER.caller_id)

    behind, ids = Behind(of.context, of.files, of.team), {"dispute_id": CASE, "decision_id": "dc-1"}
    with pytest.raises(ForbiddenError) as refused:
        use(name, behind, call(MANAGER, "k-1"), row.sent(of.clock.at), **ids)

    assert refused.value.rule == "R47"
    assert (case_of(of), of.writes) == (before, written)


def test_r47_who_has_left_the_team_takes_no_claim() -> None:
    of = world_in(Status.UNDER_REVIEW)
    claim.unassign_claim(of.context, call(MANAGER), CASE)
    of.team.left.add(MANAGER.caller_id)
    with pytest.raises(ForbiddenError) as refused:
        desk.take_next_claim(of.context, call(MANAGER))
    assert (refused.value.rule, case_of(of).assigned_to) == ("R47", None)


def test_r47_the_pool_is_not_asked_about_parties() -> None:
    of = world_in(Status.UNDER_REVIEW)
    of.team.left |= {BUYER.caller_id, SELLER.caller_id}
    for party in (BUYER, SELLER):
        messages.send_message(of.context, call(party), CASE, MessageRequest("Hello."))


def test_r47_where_no_pool_is_known_nobody_is_of_the_team() -> None:
    of = world_in(Status.UNDER_REVIEW)
    without = Context(of.cases, of.orders, of.clock, of.context.ids, of.policy)
    with pytest.raises(ForbiddenError):
        messages.send_message(without, call(MANAGER), CASE, MessageRequest("Hello."))


def test_r47_only_a_present_member_of_the_team_is_given_a_claim() -> None:
    of = world_in(Status.UNDER_REVIEW)
    of.team.left.add("manager-2")

    with pytest.raises(ConflictError) as refused:
        claim.assign_claim(of.context, call(MANAGER), CASE, AssignRequest("manager-2"))
    assert (refused.value.code, refused.value.rule) == ("ASSIGNEE_NOT_IN_TEAM", "R47")

    of.team.left.clear()
    given = claim.assign_claim(of.context, call(MANAGER), CASE, AssignRequest("manager-2"))
    assert doc(given)["assigned_to"] == "manager-2"


def test_r50_what_needs_the_claim_to_be_ones_own_is_offered_to_its_assignee_alone() -> None:
    of = world_in(Status.UNDER_REVIEW)
    own = {"DECIDE", "REQUEST_EVIDENCE"}

    def offered(caller: Caller) -> set[str]:
        return {one["action"] for one in seen(of, caller)["available_actions"]}

    take_claim(of)
    other = Caller("manager-2", MANAGER.groups)
    assert offered(MANAGER) >= own | {"ASSIGN"}
    assert not offered(other) & own
    assert "ASSIGN" in offered(other)

    given = claim.assign_claim(of.context, call(MANAGER), CASE, AssignRequest("manager-2"))
    assert not {one["action"] for one in doc(given)["available_actions"]} & own
    assert offered(other) >= own
