"""Who may answer what the other side gave, whose turn that is, and with how many items (R42, R43, R46, R50)."""

from dataclasses import replace

import pytest

from buyer_protection.domain import claim, evidence, parcels
from buyer_protection.domain.available_actions import AvailableAction, available_actions, party_state
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Action, PartyState, Reason, Role, Status
from buyer_protection.domain.errors import LimitReachedError
from buyer_protection.domain.evidence_window import EXTRA_ITEMS, heard_until
from buyer_protection.domain.timeline import Actor
from tests.support.builders import (
    BUYER,
    DAY,
    MANAGER,
    OPENED,
    POLICY,
    SECOND,
    SELLER,
    case_in_claim,
    case_return_evidence,
    case_under_review,
    with_evidence,
)
from tests.unit.domain.evidence_moves import END, T5, announced, arrives, asked, done, ticks

each_side = pytest.mark.parametrize(("one", "other"), [(BUYER, SELLER), (SELLER, BUYER)])
T6 = T5 + DAY


def adding(case: Dispute, role: Role, at: int = 0) -> AvailableAction | None:
    """The offer to add evidence, `at` seconds after T6."""
    offered = available_actions(case, role, T6 + at * SECOND)
    return next((it for it in offered if it.action is Action.ADD_EVIDENCE), None)


def is_pressed(case: Dispute, role: Role, at: int = 0) -> bool:
    """Whether the page says that it is this side's turn, and that adding evidence is what it is about."""
    offered, state = adding(case, role, at), party_state(case, role, T6 + at * SECOND)
    pressing = offered is not None and offered.mandatory
    assert pressing == (state is PartyState.REQUIRED_ACTION)
    return pressing


# --- who may answer ---


def test_r43_who_had_nothing_more_and_gave_one_item_after_all_can_answer_in_a_later_window() -> None:
    case = done(done(case_in_claim(evidence_by=BUYER), BUYER, T5), SELLER, T5)
    case = parcels.change_reason(case, BUYER, Reason.NOT_AS_DESCRIBED, None, "Broken.", T6).after
    case = with_evidence(with_evidence(case, BUYER, T6), SELLER, T6 + SECOND)
    case = done(case, SELLER, T6 + 2 * SECOND)
    assert (case.status, case.deadline) == (Status.CLAIM_EVIDENCE, T6 + SECOND + DAY)
    assert heard_until(case, Role.BUYER) == T6 + SECOND + DAY


def test_r43_an_answer_given_in_the_window_before_does_not_use_up_the_right_to_answer() -> None:
    case = done(case_in_claim(evidence_by=SELLER), SELLER, T5)
    case = with_evidence(with_evidence(case, BUYER, T5), SELLER, T5 + SECOND)
    case = asked(ticks(case, END).after, Role.BUYER, END + DAY)
    case = done(with_evidence(case, BUYER, END + 2 * DAY), BUYER, END + 2 * DAY)
    assert (case.status, case.deadline) == (Status.CLAIM_EVIDENCE, END + 3 * DAY)


@each_side
def test_r43_who_had_nothing_more_and_gave_one_item_after_all_can_answer_the_last_moment_of_the_window(
    one: Actor, other: Actor
) -> None:
    case = with_evidence(done(case_in_claim(), one, T5), one, T6)
    case = with_evidence(case, other, T6 + SECOND)
    # The window is longer than a day: nothing is taken away from it.
    assert (case.side(one.role).reply_until, heard_until(case, one.role)) == (None, END)
    late = with_evidence(case, other, END - SECOND)
    assert heard_until(late, one.role) == END - SECOND + DAY


@each_side
def test_r43_a_side_that_was_not_asked_has_a_day_for_what_the_side_that_was_asked_gives(
    one: Actor, other: Actor
) -> None:
    case = asked(case_under_review(), one.role, OPENED + 12 * DAY)
    now = OPENED + 13 * DAY
    case = with_evidence(case, one, now)
    assert heard_until(case, other.role) == now + DAY
    case = done(case, one, now + SECOND)
    # The date that was named holds, whatever the side that was asked does.
    assert (case.status, case.deadline) == (Status.CLAIM_EVIDENCE, now + DAY)
    assert case.side(other.role).reply_until == now + DAY
    with_evidence(case, other, now + DAY - SECOND)
    assert ticks(case, now + DAY).after.status is Status.UNDER_REVIEW
    assert done(case, other, now + 2 * SECOND).status is Status.UNDER_REVIEW


def test_r43_a_later_item_takes_nothing_from_a_date_that_the_team_has_set_for_an_answer() -> None:
    case = with_evidence(done(case_in_claim(), BUYER, T5), SELLER, T6)
    case = claim.set_evidence_window(case, MANAGER, T6 + 9 * DAY, T6).after
    case = with_evidence(case, SELLER, T6 + SECOND)
    assert heard_until(case, Role.BUYER) == T6 + 9 * DAY


# --- whose turn it is ---


@each_side
def test_r43_r50_an_answer_that_was_given_is_asked_for_no_more(one: Actor, other: Actor) -> None:
    case = with_evidence(done(case_in_claim(evidence_by=SELLER), one, T5), other, T6)
    case = done(case, other, T6)
    assert is_pressed(case, one.role)
    # At the instant of the item, so that both sides' days end together.
    answered = with_evidence(case, one, T6)
    assert not is_pressed(answered, one.role, 1)
    # More is still taken, up to the same date.
    offered = adding(answered, one.role, 1)
    assert offered is not None
    assert offered.due_at == T6 + DAY
    # What comes after it asks again.
    again = done(with_evidence(answered, other, T6 + 2 * SECOND), other, T6 + 2 * SECOND)
    assert is_pressed(again, one.role, 3)


def test_r43_an_answer_with_a_file_is_asked_for_until_the_file_counts() -> None:
    case = with_evidence(done(case_in_claim(evidence_by=SELLER), SELLER, T5), BUYER, T6)
    case, item = announced(case, SELLER, T6 + SECOND)
    assert is_pressed(case, Role.SELLER, 1)
    assert not is_pressed(arrives(case, item, T6 + 2 * SECOND).after, Role.SELLER, 2)


@each_side
def test_r43_r50_an_answer_is_asked_for_while_the_window_of_the_other_side_is_open(
    one: Actor, other: Actor
) -> None:
    review = done(done(case_in_claim(evidence_by=SELLER), SELLER, T5), BUYER, T5)
    case = with_evidence(asked(review, one.role, T5), one, T6)
    assert case.deadline == T5 + 5 * DAY
    assert is_pressed(case, other.role)
    offered = adding(case, other.role)
    assert offered is not None
    assert offered.due_at == T6 + DAY
    assert not is_pressed(case, one.role)
    assert not is_pressed(case, other.role, 86_400)


# --- with how many items ---


def full(case: Dispute, made: int = POLICY.max_evidence_per_party) -> Dispute:
    """The case once each side has made so many items."""
    return replace(case, evidence_made_by_buyer=made, evidence_made_by_seller=made)


@each_side
def test_r46_r50_who_is_asked_at_the_limit_of_items_can_answer_with_five_and_so_can_the_other_side(
    one: Actor, other: Actor
) -> None:
    case = full(case_under_review())
    for number in range(1, POLICY.max_evidence_requests + 1):
        now = OPENED + (12 + number) * DAY
        case = asked(case, one.role, now)
        assert Action.ADD_EVIDENCE in {it.action for it in available_actions(case, one.role, now)}
        for _ in range(EXTRA_ITEMS):
            case = with_evidence(with_evidence(case, one, now), other, now)
        for actor in (one, other):
            assert Action.ADD_EVIDENCE not in {it.action for it in available_actions(case, actor.role, now)}
            with pytest.raises(LimitReachedError) as refused:
                with_evidence(case, actor, now)
            assert str(POLICY.max_evidence_per_party + number * EXTRA_ITEMS) in refused.value.detail
        case = done(done(case, one, now), other, now)
        assert case.status is Status.UNDER_REVIEW


def test_r42_r46_evidence_about_a_return_can_be_given_at_the_limit_of_items() -> None:
    case = full(case_return_evidence())
    now = case.updated_at or OPENED
    for actor in (BUYER, SELLER):
        assert Action.ADD_EVIDENCE in {it.action for it in available_actions(case, actor.role, now)}
        case = with_evidence(case, actor, now)
    assert case.evidence_extra == EXTRA_ITEMS


@pytest.mark.parametrize("built", [case_in_claim, case_under_review])
def test_r43_r46_a_changed_reason_can_be_answered_at_the_limit_of_items(built: object) -> None:
    case, now = (case_in_claim(), T6) if built is case_in_claim else (case_under_review(), OPENED + 12 * DAY)
    case = parcels.change_reason(full(case), BUYER, Reason.NOT_AS_DESCRIBED, None, "Broken.", now).after
    assert with_evidence(case, SELLER, now).evidence_by_seller > 0


def test_r26_the_claims_own_window_brings_no_more_items() -> None:
    case = full(case_in_claim())
    assert adding(case, Role.BUYER) is None
    with pytest.raises(LimitReachedError):
        evidence.add_evidence(case, BUYER, evidence.EvidenceType.STATEMENT, "One more.", None, T6)
