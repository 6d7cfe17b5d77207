"""The team's own work: counts, members, the next claim, and the claims of somebody who has left (R24, R47)."""

from typing import Any

import pytest

from buyer_protection.application.actions import claim, desk, lists
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.ports.cases import Assignment
from buyer_protection.application.schemas.queries import QueueQuery
from buyer_protection.application.schemas.requests import AssignRequest
from buyer_protection.application.workers import leavers
from buyer_protection.domain.enums import Status
from buyer_protection.domain.errors import ConflictError, ForbiddenError, NotFoundError
from tests.support.builders import OPENED, SECOND
from tests.support.fake_system import TEAMS_NAME
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    call,
    case_of,
    doc,
    evidence,
    seen,
    take_claim,
    wait_until_due,
    world_in,
)
from tests.unit.application.test_reading import many

OTHER = Caller("manager-2", MANAGER.groups)


def taken(of: World, caller: Caller = MANAGER, key: str | None = None) -> dict[str, Any]:
    return doc(desk.take_next_claim(of.context, call(caller, key)))


def test_r24_the_summary_counts_the_open_claims() -> None:
    of = many()
    take_claim(of, "dp-4")
    evidence(of, SELLER, "dp-6")
    wait_until_due(of, "dp-6")
    due = case_of(of, "dp-2").evidence_due_at
    assert due is not None
    of.clock.at = due
    counts = doc(desk.get_mediation_summary(of.context, of.team, call(MANAGER)))
    assert counts.pop("as_of").startswith("2026-")
    assert counts == {
        "open": 3,
        "overdue": 1,
        "due_today": 1,
        "mine": 1,
        "unassigned": 2,
        "by_status": {"CLAIM_EVIDENCE": 2, "UNDER_REVIEW": 1},
        "members": [{"member_id": "manager-1", "display_name": TEAMS_NAME}],
    }
    assert doc(desk.get_mediation_summary(of.context, of.team, call(OTHER)))["mine"] == 0
    for stranger in (BUYER, SELLER):
        with pytest.raises(ForbiddenError):
            desk.get_mediation_summary(of.context, of.team, call(stranger))


def test_r47_the_team_is_who_is_there_now_with_their_claims() -> None:
    of = many()
    take_claim(of, "dp-4")
    take_claim(of, "dp-2")
    of.team.left.add("manager-2")
    found = doc(desk.get_mediation_team(of.context, of.team, call(MANAGER)))
    assert found["items"] == [{"member_id": "manager-1", "open_claims": 2, "display_name": TEAMS_NAME}]
    with pytest.raises(ForbiddenError):
        desk.get_mediation_team(of.context, of.team, call(BUYER))


def test_r47_the_next_claim_is_the_most_urgent_that_nobody_has() -> None:
    of = many()
    assert [taken(of)["dispute_id"], taken(of, OTHER)["dispute_id"]] == ["dp-2", "dp-4"]
    assert (case_of(of, "dp-2").assigned_to, case_of(of, "dp-4").assigned_to) == ("manager-1", "manager-2")
    assert taken(of)["assigned_to"] == "manager-1"
    with pytest.raises(NotFoundError) as none_left:
        taken(of)
    assert (none_left.value.code, none_left.value.rule) == ("NO_CLAIM_WAITING", "R47")


def test_r47_two_at_once_never_get_the_same() -> None:
    of = many()
    first: list[str] = []
    of.before_commit = lambda: first.append(taken(of, OTHER)["dispute_id"])
    assert taken(of)["dispute_id"] == "dp-4"
    assert first == ["dp-2"]
    assert case_of(of, "dp-2").assigned_to == "manager-2"


def test_r47_the_same_key_takes_one_claim_and_answers_the_same() -> None:
    of = many()
    once = taken(of, key="k-1")
    assert taken(of, key="k-1") == once
    assert (
        lists.get_mediation_queue(of.context, call(MANAGER), QueueQuery(assigned_to="me")).body.count(
            b"dispute_id"
        )
        == 1
    )


def test_r24_who_has_a_part_in_a_claim_or_has_left_takes_none() -> None:
    of = many()
    biased = Caller("seller-1", MANAGER.groups)
    with pytest.raises(NotFoundError):
        taken(of, biased)
    of.team.left.add("manager-1")
    with pytest.raises(ForbiddenError):
        taken(of)
    with pytest.raises(ForbiddenError):
        taken(of, BUYER)


def test_r47_a_claim_whose_window_has_just_ended_is_passed_over() -> None:
    of = many()
    due = case_of(of, "dp-2").evidence_due_at
    assert due is not None
    of.clock.at = due
    assert taken(of)["dispute_id"] == "dp-4"


def test_r47_a_claim_goes_back_to_nobody_and_nothing_of_it_moves_for_the_parties() -> None:
    of = world_in(Status.UNDER_REVIEW)
    before = seen(of, BUYER)
    given = claim.unassign_claim(of.context, call(OTHER, "k-1"), CASE)
    assert doc(given)["assigned_to"] is None
    assert claim.unassign_claim(of.context, call(OTHER, "k-1"), CASE) == given
    assert seen(of, BUYER) == before
    step = of.assignments[-1][1]
    assert (step.by, step.assignee, step.previous) == ("manager-2", None, "manager-1")
    written = len(of.assignments)
    claim.unassign_claim(of.context, call(MANAGER), CASE)
    assert len(of.assignments) == written


def test_r47_what_found_a_claim_to_be_nobodys_does_not_take_it_from_its_next_holder() -> None:
    """The call's repetition comes late, with its key: one effect, which was none."""
    of = world_in(Status.UNDER_REVIEW)
    claim.unassign_claim(of.context, call(OTHER), CASE)
    found = claim.unassign_claim(of.context, call(OTHER, "k-2"), CASE)
    claim.assign_claim(of.context, call(MANAGER, "k-3"), CASE, AssignRequest("manager-1"))
    assert claim.unassign_claim(of.context, call(OTHER, "k-2"), CASE) == found
    assert case_of(of, CASE).assigned_to == "manager-1"


def test_r47_only_the_team_gives_an_open_claim_back() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    with pytest.raises(ForbiddenError):
        claim.unassign_claim(of.context, call(BUYER), CASE)
    talking = world_in(Status.NEGOTIATION)
    with pytest.raises(ConflictError):
        claim.unassign_claim(talking.context, call(MANAGER), CASE)


def test_c12_nobody_but_a_present_member_without_a_part_is_given_a_claim() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    of.team.left.update({"buyer-9", "nobody"})
    for assignee, code in (
        ("buyer-1", "ASSIGNEE_IS_PARTY"),
        ("seller-1", "ASSIGNEE_IS_PARTY"),
        ("buyer-9", "ASSIGNEE_NOT_IN_TEAM"),
        ("nobody", "ASSIGNEE_NOT_IN_TEAM"),
    ):
        with pytest.raises(ConflictError) as refused:
            claim.assign_claim(of.context, call(MANAGER), CASE, AssignRequest(assignee))
        assert refused.value.code == code


def test_r47_the_claims_of_somebody_who_has_left_are_nobodys() -> None:
    of = many()
    for dispute_id, assignee in (("dp-2", "manager-1"), ("dp-4", "manager-2"), ("dp-6", "manager-1")):
        claim.assign_claim(of.context, call(MANAGER), dispute_id, AssignRequest(assignee))
    assert leavers.return_claims(of.cases, of.team, of.clock) == []
    of.team.left.add("manager-1")
    assert sorted(leavers.return_claims(of.cases, of.team, of.clock)) == ["dp-2", "dp-6"]
    assert [case_of(of, one).assigned_to for one in ("dp-2", "dp-4", "dp-6")] == [None, "manager-2", None]
    assert taken(of, OTHER)["dispute_id"] == "dp-2"
    assert leavers.return_claims(of.cases, of.team, of.clock) == []


def test_r47_a_member_whom_the_list_of_the_team_missed_keeps_their_claims() -> None:
    of = many()
    take_claim(of, "dp-2")
    of.team.known.clear()
    assert leavers.return_claims(of.cases, of.team, of.clock) == []
    assert case_of(of, "dp-2").assigned_to == "manager-1"


def test_r47_a_leavers_claim_that_somebody_has_just_taken_over_stays_theirs() -> None:
    of = many()
    take_claim(of, "dp-2")
    of.team.left.add("manager-1")

    def taken_over() -> None:
        step = Assignment("dp-2", "manager-2", "manager-2", "manager-1")
        of.cases.keep_assignment(step, now=of.clock.at)

    of.before_commit = taken_over
    assert leavers.return_claims(of.cases, of.team, of.clock) == []
    assert case_of(of, "dp-2").assigned_to == "manager-2"


def test_r47_leavers_are_asked_after_every_five_minutes() -> None:
    asked = [minute for minute in range(60) if leavers.is_due(OPENED + 60 * minute * SECOND)]
    assert asked == list(range(0, 60, leavers.EVERY))
    assert OPENED.minute == 0
