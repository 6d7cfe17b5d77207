"""The gate, enumerated whole: every action × role × status against a table by hand (Q8)."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from buyer_protection.domain.actions import ACTIONS, GATES
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Action, Role, Status
from buyer_protection.domain.errors import ConflictError, ForbiddenError, WindowClosedError
from buyer_protection.domain.permissions import check, check_role, check_status, check_window, may
from tests.support.builders import (
    case_in,
    case_in_claim,
    case_negotiating,
    case_return_reviewed,
    case_under_review,
)
from tests.support.calls import ENDED, call_of
from tests.support.each import each_case

ROLES = {"B": "BUYER", "S": "SELLER", "M": "CASE_MANAGER", "Y": "SYSTEM"}
# By action, as the table of calls says it by hand; several calls may stand behind one gate.
TABLE = {spec.gate.action.value: call_of(spec.name) for spec in ACTIONS if spec.gate is not None}
READS = {"READ", "READ_CONTENTS", "READ_CLAIM_BRIEF", "READ_GUIDE", "READ_NOTES"}
# What the parties agreed, or the team ruled, is settled: a review of the return leaves it alone.
SETTLED = {
    "MAKE_OFFER",
    "ACCEPT_OFFER",
    "DECLINE_OFFER",
    "WITHDRAW_OFFER",
    "ACCEPT_REQUEST",
    "CANCEL",
    "PROPOSE",
}


def expected(action: str, role: str, status: str) -> str | None:
    call = TABLE[action]
    if role not in {ROLES[one] for one in call.may}:
        return "FORBIDDEN"
    if status in call.statuses:
        return None
    if status in ENDED:
        return "DISPUTE_CLOSED"
    return "TOO_LATE" if (action, status) == ("ADD_EVIDENCE", "UNDER_REVIEW") else "WRONG_STATUS"


def test_r01_the_table_names_every_action() -> None:
    assert set(TABLE) == {action.value for action in Action} == {action.value for action in GATES}
    behind_one_gate = (
        call_of(spec.name)[:3] == TABLE[spec.gate.action][:3] for spec in ACTIONS if spec.gate is not None
    )
    assert all(behind_one_gate)


@each_case(product(Action, Role, Status))
def test_r14_r18_r24_r25_the_gate_lets_through_exactly_what_the_table_says(
    action: Action, role: Role, status: Status
) -> None:
    case = case_in(status)
    now = (case.updated_at or case.opened_at) + timedelta(milliseconds=1)
    wanted = expected(action, role, status)
    if wanted is None:
        check(case, role, action, now)
        return
    with pytest.raises((ConflictError, ForbiddenError)) as refused:
        check(case, role, action, now)
    assert refused.value.code == wanted
    special = {"DISPUTE_CLOSED": "R25", "TOO_LATE": "R22"}
    assert refused.value.rule == special.get(wanted, TABLE[action].rule)
    assert refused.value.detail


@each_case(product(Action, Role, [False, True]))
def test_r36_a_review_of_a_return_is_about_the_return_alone(
    action: Action, role: Role, decided: bool
) -> None:
    case = case_return_reviewed(decided=decided)
    now = (case.updated_at or case.opened_at) + timedelta(milliseconds=1)
    wanted = expected(action, role, "UNDER_REVIEW")
    if wanted is None and action.value in SETTLED:
        wanted = "WRONG_STATUS"
    if wanted is None:
        check(case, role, action, now)
        return
    with pytest.raises((ConflictError, ForbiddenError)) as refused:
        check(case, role, action, now)
    assert refused.value.code == wanted


def test_r24_reads_are_the_four_that_say_so() -> None:
    assert {action.value for action, rule in GATES.items() if rule.is_read} == READS


def test_r18_a_policy_may_let_the_seller_escalate_and_nobody_else() -> None:
    case = case_negotiating()
    with pytest.raises(ForbiddenError) as refused:
        check_role(case, Role.SELLER, Action.ESCALATE)
    assert (refused.value.code, refused.value.rule) == ("FORBIDDEN", "R18")
    open_minded = replace(case, policy=replace(case.policy, seller_may_escalate=True))
    check_role(open_minded, Role.SELLER, Action.ESCALATE)
    for role in (Role.CASE_MANAGER, Role.SYSTEM):
        with pytest.raises(ForbiddenError):
            check_role(open_minded, role, Action.ESCALATE)
    with pytest.raises(ForbiddenError):
        check_role(open_minded, Role.SELLER, Action.CANCEL)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    "case",
    [
        *map(case_in, Status),
        case_return_reviewed(),
        replace(case_negotiating(), policy=replace(case_negotiating().policy, seller_may_escalate=True)),
    ],
    ids=lambda case: case.status.value,
)
def test_r18_r36_who_may_do_what_is_said_once_and_the_gate_agrees(
    case: Dispute, role: Role, action: Action
) -> None:
    refused = False
    try:
        check_role(case, role, action)
        check_status(case, action)
    except (ConflictError, ForbiddenError):
        refused = True
    assert may(case, role, action) is not refused


@pytest.mark.parametrize(
    ("status", "rule"),
    [
        (Status.NEGOTIATION, "R15"),
        (Status.CLAIM_EVIDENCE, "R22"),
        (Status.AWAITING_RETURN, "R36"),
        (Status.RETURN_SHIPPED, "R36"),
    ],
)
def test_r15_r22_r36_at_the_instant_a_window_ends_no_person_acts_any_more(status: Status, rule: str) -> None:
    case = case_in(status)
    deadline = case.deadline
    assert deadline is not None
    check_window(case, deadline - timedelta(milliseconds=1))
    for now in (deadline, deadline + timedelta(days=1)):
        with pytest.raises(WindowClosedError) as refused:
            check_window(case, now)
        assert (refused.value.code, refused.value.rule, refused.value.deadline) == (
            "TOO_LATE",
            rule,
            deadline,
        )


def test_r24_a_late_decision_is_still_possible() -> None:
    case = case_under_review()
    assert case.deadline is not None
    check(case, Role.CASE_MANAGER, Action.DECIDE, case.deadline + timedelta(days=30))


def test_r22_evidence_under_review_is_too_late_and_names_the_end_of_its_window() -> None:
    case = case_under_review()
    with pytest.raises(WindowClosedError) as refused:
        check_status(case, Action.ADD_EVIDENCE)
    assert refused.value.deadline == case.evidence_due_at


def test_r36_evidence_while_a_return_is_reviewed_is_too_late_since_that_review_began() -> None:
    case = case_return_reviewed()
    with pytest.raises(WindowClosedError) as refused:
        check_status(case, Action.ADD_EVIDENCE)
    assert (refused.value.rule, refused.value.deadline) == ("R22", case.updated_at)


def test_r14_the_role_is_judged_before_the_status_and_the_status_before_the_window() -> None:
    claim = case_in_claim()
    assert claim.deadline is not None
    with pytest.raises(ForbiddenError):
        check(claim, Role.SELLER, Action.ESCALATE, claim.deadline)
    with pytest.raises(ConflictError) as refused:
        check(claim, Role.BUYER, Action.ESCALATE, claim.deadline)
    assert refused.value.code == "WRONG_STATUS"
