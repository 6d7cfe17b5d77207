"""The team's own steps: who has the claim, and what it still asks for (R22, R23, R24)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from buyer_protection.domain import claim, evidence
from buyer_protection.domain.available_actions import must_act
from buyer_protection.domain.claim import EvidenceQuestion
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import EventType, EvidenceType, Role, Status
from buyer_protection.domain.errors import (
    ConflictError,
    ForbiddenError,
    ImpossibleError,
    LimitReachedError,
    WindowClosedError,
)
from buyer_protection.domain.timeline import Actor, instant
from buyer_protection.domain.windows import alarm_status, close_window
from tests.support.builders import (
    BUYER,
    DAY,
    MANAGER,
    OPENED,
    SECOND,
    SELLER,
    case_in,
    case_in_claim,
    case_return_reviewed,
    case_under_review,
    ruling,
    with_evidence,
)

T12 = OPENED + 12 * DAY
TYPES = (EvidenceType.PHOTO, EvidenceType.CHAT_LOG)


def ask(
    case: Dispute, party: Role = Role.BUYER, due_at: datetime | None = None, now: datetime = T12
) -> Change:
    question = EvidenceQuestion(party, TYPES, due_at or now + 5 * DAY, "Which plug is it?")
    return claim.request_evidence(case, MANAGER, question, now)


def reviewed_again(case: Dispute) -> Dispute:
    assert case.deadline is not None
    change = close_window(case, case.deadline)
    assert change is not None
    return change.after


@pytest.mark.parametrize("status", [Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW])
def test_c7_r24_r45_a_claim_is_taken_or_given_to_a_colleague_without_any_change_of_the_case(
    status: Status,
) -> None:
    case = case_in(status)
    now = (case.updated_at or OPENED) + SECOND
    taken = claim.assign(replace(case, assigned_to=None), MANAGER, "manager-1", now)
    given = claim.assign(taken, MANAGER, "manager-2", now)
    assert (taken.assigned_to, given.assigned_to) == ("manager-1", "manager-2")
    assert replace(given, assigned_to=case.assigned_to) == case


@pytest.mark.parametrize("assigned_to", [None, "manager-2"])
@pytest.mark.parametrize(
    ("status", "step"),
    [
        (
            Status.CLAIM_EVIDENCE,
            lambda case, now: claim.set_evidence_window(case, MANAGER, now + DAY, now),
        ),
        (
            Status.UNDER_REVIEW,
            lambda case, now: claim.request_evidence(
                case, MANAGER, EvidenceQuestion(Role.BUYER, (), now + DAY, "Where?"), now
            ),
        ),
        (Status.UNDER_REVIEW, lambda case, now: claim.decide(case, MANAGER, ruling(), frozenset(), now)),
    ],
    ids=["window", "request", "decision"],
)
def test_r47_window_request_and_decision_are_those_of_who_has_the_claim(
    status: Status, step: Callable[[Dispute, datetime], Change], assigned_to: str | None
) -> None:
    case = case_in(status)
    now = (case.updated_at or OPENED) + SECOND
    with pytest.raises(ConflictError) as refused:
        step(replace(case, assigned_to=assigned_to), now)
    assert (refused.value.code, refused.value.rule) == ("NOT_ASSIGNED", "R47")
    assert step(case, now).after.version > case.version


@pytest.mark.parametrize("party", [BUYER, SELLER])
def test_r24_nobody_has_their_own_case(party: Actor) -> None:
    with pytest.raises(ConflictError) as refused:
        claim.assign(case_in_claim(), MANAGER, party.actor_id, OPENED + 5 * DAY)
    assert (refused.value.code, refused.value.rule) == ("ASSIGNEE_IS_PARTY", "R24")


@pytest.mark.parametrize("actor", [BUYER, SELLER])
def test_r24_only_the_team_assigns_and_asks(actor: Actor) -> None:
    with pytest.raises(ForbiddenError):
        claim.assign(case_under_review(), actor, "manager-2", T12)
    question = EvidenceQuestion(Role.BUYER, TYPES, T12 + DAY, "Which plug is it?")
    with pytest.raises(ForbiddenError) as refused:
        claim.request_evidence(case_under_review(), actor, question, T12)
    assert refused.value.rule == "R24"


def test_r22_r24_asking_for_evidence_opens_a_window_that_the_team_sets() -> None:
    case = case_under_review()
    change = ask(case)
    after = change.after
    assert (after.status, after.deadline, after.evidence_requests) == (
        Status.CLAIM_EVIDENCE,
        T12 + 5 * DAY,
        1,
    )
    assert after.epoch == case.epoch + 1
    assert must_act(after, T12) == {Role.BUYER}
    assert change.entry.type is EventType.EVIDENCE_REQUESTED
    assert dict(change.entry.data) == {
        "party": "BUYER",
        "types": ["PHOTO", "CHAT_LOG"],
        "question": "Which plug is it?",
        "evidence_due_at": instant(T12 + 5 * DAY),
    }


def test_r24_evidence_is_asked_for_twice_at_most() -> None:
    case = case_under_review()
    for number in (1, 2):
        assert case.deadline is not None
        now = (case.updated_at or OPENED) + DAY
        asked = ask(case, now=now).after
        assert asked.evidence_requests == number
        case = reviewed_again(asked)
        assert case.status is Status.UNDER_REVIEW
    with pytest.raises(LimitReachedError) as refused:
        ask(case, now=(case.updated_at or OPENED) + DAY)
    assert (refused.value.code, refused.value.rule) == ("LIMIT_REACHED", "R24")


@pytest.mark.parametrize("due_at", [T12, T12 - SECOND, T12 + DAY - SECOND, T12 + 30 * DAY + SECOND])
def test_c2_r22_the_date_lies_a_day_ahead_and_not_farther_than_the_policy_lets_it(due_at: datetime) -> None:
    with pytest.raises(ImpossibleError) as refused:
        ask(case_under_review(), due_at=due_at)
    assert (refused.value.code, refused.value.rule) == ("DATE_OUT_OF_RANGE", "R22")
    ask(case_under_review(), due_at=T12 + DAY)
    ask(case_under_review(), due_at=T12 + 30 * DAY)


def test_r24_the_window_ends_with_a_new_review_and_a_new_date_for_the_decision() -> None:
    asked = ask(case_under_review()).after
    due = T12 + 5 * DAY
    with pytest.raises(WindowClosedError):
        evidence.add_evidence(asked, BUYER, EvidenceType.STATEMENT, "Late.", None, due)
    evidence.add_evidence(asked, BUYER, EvidenceType.STATEMENT, "In time.", None, due - SECOND)
    again = close_window(asked, due)
    assert again is not None
    assert (again.after.status, again.after.decision_due_at) == (Status.UNDER_REVIEW, due + 7 * DAY)
    assert again.entry.type is EventType.REVIEW_STARTED


def test_r24_a_decision_that_was_late_can_be_late_again_after_more_evidence() -> None:
    case = case_under_review()
    assert case.deadline is not None
    missed = close_window(case, case.deadline)
    assert missed is not None
    asked = ask(missed.after, now=case.deadline + DAY).after
    again = reviewed_again(asked)
    assert again.deadline is not None
    second = close_window(again, again.deadline)
    assert second is not None
    assert second.entry.type is EventType.DEADLINE_MISSED


@pytest.mark.parametrize(("party", "actor"), [(Role.BUYER, BUYER), (Role.SELLER, SELLER)])
def test_r22_whoever_is_asked_may_say_that_this_was_all_and_the_review_goes_on(
    party: Role, actor: Actor
) -> None:
    case = case_in_claim(evidence_by=SELLER)
    for side in (BUYER, SELLER):
        case = evidence.complete_evidence(case, side, OPENED + 6 * DAY).after
    asked = ask(case, party).after
    assert (asked.buyer_complete, asked.seller_complete) == (
        party is not Role.BUYER,
        party is not Role.SELLER,
    )
    assert must_act(asked, T12) == {party}
    given = with_evidence(asked, actor, T12 + DAY)
    # R43: what is awaited is the other side's answer, for a day.
    assert must_act(given, T12 + DAY) == {Role.BUYER, Role.SELLER} - {party}
    assert must_act(given, T12 + 2 * DAY) == frozenset()
    done = evidence.complete_evidence(given, actor, T12 + 2 * DAY).after
    assert (done.status, done.decision_due_at) == (Status.UNDER_REVIEW, T12 + 9 * DAY)


def test_r22_a_claim_that_the_mediation_has_seen_is_not_announced_to_it_again() -> None:
    case = case_under_review()
    after = replace(case, mediation_opened_at=T12)
    seen = case.record(T12, MANAGER, EventType.MEDIATION_OPENED, {}, after).after
    assert alarm_status(ask(seen).after) == "CLAIM_EVIDENCE"


def test_r36_also_about_a_return_the_team_may_ask_for_evidence() -> None:
    case = case_return_reviewed(decided=True)
    asked = ask(case, Role.SELLER, now=(case.updated_at or OPENED) + DAY).after
    assert (asked.status, asked.settlement) == (Status.CLAIM_EVIDENCE, case.settlement)
    assert reviewed_again(asked).settlement == case.settlement
