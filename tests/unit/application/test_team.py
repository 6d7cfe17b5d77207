"""R47: who is in the team is asked at the instant of the decision; a token may be an hour behind."""

import pytest

from buyer_protection.application.actions import claim
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.schemas.requests import AssignRequest
from buyer_protection.domain.enums import Status
from buyer_protection.domain.errors import ConflictError, ForbiddenError
from tests.unit.application.helpers import (
    CASE,
    MANAGER,
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


def test_r47_only_a_present_member_of_the_team_is_given_a_claim() -> None:
    of = world_in(Status.UNDER_REVIEW)
    of.team.left.add("manager-2")

    with pytest.raises(ConflictError) as refused:
        claim.assign_claim(of.context, of.team, call(MANAGER), CASE, AssignRequest("manager-2"))
    assert (refused.value.code, refused.value.rule) == ("ASSIGNEE_NOT_IN_TEAM", "R47")

    of.team.left.clear()
    given = claim.assign_claim(of.context, of.team, call(MANAGER), CASE, AssignRequest("manager-2"))
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

    given = claim.assign_claim(of.context, of.team, call(MANAGER), CASE, AssignRequest("manager-2"))
    assert not {one["action"] for one in doc(given)["available_actions"]} & own
    assert offered(other) >= own
