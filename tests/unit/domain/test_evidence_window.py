"""Whose evidence is awaited, and until when: C3, C4 (R22, R42, R43)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from buyer_protection.domain import claim, evidence, parcels
from buyer_protection.domain.available_actions import available_actions, must_act, party_state
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    Action,
    EventType,
    OutcomeCode,
    PartyState,
    Reason,
    Role,
    Status,
)
from buyer_protection.domain.errors import WindowClosedError
from buyer_protection.domain.evidence import form_life
from buyer_protection.domain.evidence_window import UPLOAD_GRACE, heard_until
from buyer_protection.domain.replay import replay
from buyer_protection.domain.timeline import Actor, instant
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
from tests.unit.domain.evidence_moves import (
    END,
    FIVE_MINUTES,
    T5,
    announced,
    arrives,
    asked,
    done,
    ticks,
)

# --- C3: who was asked ---


@pytest.mark.parametrize(("party", "actor"), [(Role.BUYER, BUYER), (Role.SELLER, SELLER)])
def test_c3_r43_the_review_starts_when_the_side_that_was_asked_is_done(party: Role, actor: Actor) -> None:
    case = asked(case_under_review(), party, OPENED + 12 * DAY)
    case = with_evidence(case, actor, OPENED + 13 * DAY)
    assert case.evidence_asked_of is party
    other = SELLER if actor is BUYER else BUYER
    assert must_act(case, OPENED + 13 * DAY) == {other.role}
    case = done(case, other, OPENED + 13 * DAY)
    assert must_act(case, OPENED + 13 * DAY) == set()
    change = evidence.complete_evidence(case, actor, OPENED + 13 * DAY + SECOND)
    assert (change.after.status, change.after.evidence_asked_of) == (Status.UNDER_REVIEW, None)
    assert change.entry.data["review_started"] is True
    assert change.after.decision_due_at == OPENED + 20 * DAY + SECOND


def test_c3_r43_who_was_not_asked_ends_nothing_and_is_not_waited_for() -> None:
    case = asked(case_under_review(), Role.BUYER, OPENED + 12 * DAY)
    case = done(case, SELLER, OPENED + 13 * DAY)
    assert (case.status, case.deadline, must_act(case, OPENED + 13 * DAY)) == (
        Status.CLAIM_EVIDENCE,
        OPENED + 17 * DAY,
        {Role.BUYER},
    )
    assert done(case, BUYER, OPENED + 14 * DAY).status is Status.UNDER_REVIEW


def test_c3_r43_who_was_asked_may_say_at_once_that_there_is_nothing() -> None:
    case = asked(case_under_review(), Role.SELLER, OPENED + 12 * DAY)
    assert done(case, SELLER, OPENED + 12 * DAY).status is Status.UNDER_REVIEW


def test_c3_r43_where_nobody_was_asked_both_are_waited_for() -> None:
    case = done(with_evidence(case_in_claim(), SELLER, T5), SELLER, T5)
    assert (case.status, case.deadline) == (Status.CLAIM_EVIDENCE, END)
    assert done(case, BUYER, T5 + SECOND).status is Status.UNDER_REVIEW


def test_c3_r43_nobodys_evidence_is_nothing_to_review() -> None:
    case = done(done(case_in_claim(), SELLER, T5), BUYER, T5)
    assert (case.status, case.deadline) == (Status.CLAIM_EVIDENCE, END)
    outcome = ticks(case, END).after.outcome
    assert outcome is not None
    assert outcome.code is OutcomeCode.CANCELLED_NO_EVIDENCE


# --- C3: a later item ---


@pytest.mark.parametrize(("first", "second"), [(BUYER, SELLER), (SELLER, BUYER)])
def test_c3_r43_a_later_item_may_be_answered_for_a_day(first: Actor, second: Actor) -> None:
    case = done(case_in_claim(), first, T5)
    case = with_evidence(case, second, T5 + DAY)
    assert case.side(first.role).complete is False
    assert (case.deadline, heard_until(case, first.role)) == (END, T5 + 2 * DAY)
    change = evidence.complete_evidence(case, second, T5 + DAY + SECOND)
    # The other side is done; what is waited for is the answer.
    assert (change.after.status, change.after.deadline) == (Status.CLAIM_EVIDENCE, T5 + 2 * DAY)
    assert change.entry.data["evidence_due_at"] == instant(T5 + 2 * DAY)
    assert must_act(change.after, T5 + 2 * DAY - SECOND) == {first.role}
    assert done(change.after, first, T5 + DAY + 2 * SECOND).status is Status.UNDER_REVIEW
    assert ticks(change.after, T5 + 2 * DAY).after.status is Status.UNDER_REVIEW


def test_c3_r43_an_answer_may_be_answered_too_but_never_beyond_the_window_and_a_day() -> None:
    case = done(case_in_claim(), BUYER, T5)
    case = with_evidence(case, SELLER, END - SECOND)
    assert case.deadline == END + DAY - SECOND
    case = done(case, SELLER, END - SECOND / 2)
    case = with_evidence(case, BUYER, END + DAY - 2 * SECOND)
    assert (case.deadline, case.side(Role.SELLER).reply_until) == (END + DAY, END + DAY)
    answered = with_evidence(case, SELLER, END + DAY - SECOND)
    assert answered.deadline == END + DAY
    assert ticks(answered, END + DAY).after.status is Status.UNDER_REVIEW
    with pytest.raises(WindowClosedError):
        with_evidence(answered, BUYER, END + DAY)


def test_c3_r43_only_an_answer_is_taken_after_the_windows_end() -> None:
    case = done(case_in_claim(), BUYER, T5)
    case = with_evidence(case, SELLER, END - SECOND)
    with pytest.raises(WindowClosedError) as refused:
        with_evidence(case, SELLER, END)
    assert (refused.value.code, refused.value.deadline) == ("TOO_LATE", END)
    assert with_evidence(case, BUYER, END).evidence_by_buyer == 1


def test_c3_r43_a_second_later_item_has_its_own_day() -> None:
    case = done(case_in_claim(), BUYER, T5)
    case = with_evidence(case, SELLER, T5 + DAY)
    case = with_evidence(case, SELLER, T5 + DAY + DAY / 2)
    assert heard_until(case, Role.BUYER) == T5 + 2 * DAY + DAY / 2


def test_c3_r43_an_item_that_answers_a_question_can_be_answered_by_a_side_that_had_nothing_more_before() -> (
    None
):
    review = done(done(case_in_claim(evidence_by=SELLER), SELLER, T5), BUYER, T5)
    case = asked(review, Role.BUYER, T5 + DAY)
    assert (case.buyer_complete, case.seller_complete) == (False, True)
    case = done(with_evidence(case, BUYER, T5 + 2 * DAY), BUYER, T5 + 2 * DAY)
    assert (case.status, case.deadline) == (Status.CLAIM_EVIDENCE, T5 + 3 * DAY)
    assert must_act(case, T5 + 2 * DAY) == {Role.SELLER}
    answered = with_evidence(case, SELLER, T5 + 3 * DAY - SECOND)
    assert answered.evidence_by_seller == 2
    assert done(case, SELLER, T5 + 2 * DAY + SECOND).status is Status.UNDER_REVIEW
    assert ticks(case, T5 + 3 * DAY).after.status is Status.UNDER_REVIEW


def test_c3_r43_a_question_that_is_answered_without_an_item_gives_nobody_a_day() -> None:
    review = done(done(case_in_claim(evidence_by=SELLER), SELLER, T5), BUYER, T5)
    case = asked(review, Role.BUYER, T5 + DAY)
    assert done(case, BUYER, T5 + 2 * DAY).status is Status.UNDER_REVIEW


def test_r43_who_is_not_heard_any_more_is_not_asked_to_act_while_the_case_waits_for_the_other_side() -> None:
    case = with_evidence(done(case_in_claim(), BUYER, T5), SELLER, END - SECOND)
    case = replace(case, evidence_by_seller=0)
    assert case.deadline == END + DAY - SECOND
    assert must_act(case, END - SECOND / 2) == {Role.BUYER, Role.SELLER}
    assert must_act(case, END) == {Role.BUYER}
    assert party_state(case, Role.SELLER, END) is PartyState.REQUIRED_OTHER_PARTY_ACTION
    actions = {one.action for one in available_actions(case, Role.SELLER, END)}
    assert Action.ADD_EVIDENCE not in actions


def test_c3_r43_a_question_to_one_side_ends_with_its_answer_and_it_may_answer_what_comes_meanwhile() -> None:
    case = done(asked(case_under_review(), Role.BUYER, OPENED + 12 * DAY), SELLER, OPENED + 12 * DAY)
    now = OPENED + 13 * DAY
    assert done(case, BUYER, now).status is Status.UNDER_REVIEW
    case, item = announced(case, SELLER, now)
    case = done(case, BUYER, now + SECOND)
    assert case.status is Status.CLAIM_EVIDENCE
    came = arrives(case, item, now + 2 * SECOND).after
    assert (came.deadline, must_act(came, now + DAY)) == (now + 2 * SECOND + DAY, {Role.BUYER})


def test_c3_r43_ones_own_later_item_gives_nobody_a_day() -> None:
    case = with_evidence(done(case_in_claim(), BUYER, T5), BUYER, T5 + DAY)
    assert (case.deadline, case.buyer_reply_until, case.seller_reply_until) == (END, None, None)


def test_c3_r43_another_date_of_the_team_holds_for_answers_too() -> None:
    case = done(case_in_claim(), BUYER, T5)
    case = done(with_evidence(case, SELLER, T5 + DAY), SELLER, T5 + DAY)
    assert case.deadline == T5 + 2 * DAY
    change = claim.set_evidence_window(case, MANAGER, T5 + 9 * DAY, T5 + DAY)
    assert (change.after.deadline, change.entry.data["evidence_due_at"]) == (
        T5 + 9 * DAY,
        instant(T5 + 9 * DAY),
    )
    assert with_evidence(change.after, SELLER, T5 + 8 * DAY).evidence_by_seller == 2


def test_c3_r42_r43_the_window_about_a_return_knows_late_items_as_well() -> None:
    case = case_return_evidence()
    start = case.updated_at or OPENED
    case = done(case, SELLER, start)
    case = done(with_evidence(case, BUYER, start + DAY), BUYER, start + DAY)
    assert (case.status, case.deadline) == (Status.CLAIM_EVIDENCE, start + 2 * DAY)


# --- C3: a changed reason ---


def changed(case: Dispute, now: datetime) -> Change:
    return parcels.change_reason(case, BUYER, Reason.NOT_AS_DESCRIBED, None, "Broken.", now)


def test_c3_r43_a_changed_reason_during_a_review_gives_the_seller_a_day() -> None:
    now = OPENED + 12 * DAY
    change = changed(case_under_review(), now)
    after = change.after
    assert (after.status, after.deadline, must_act(after, now)) == (
        Status.CLAIM_EVIDENCE,
        now + DAY,
        {Role.SELLER},
    )
    assert change.entry.data["evidence_due_at"] == instant(now + DAY)
    assert with_evidence(after, SELLER, now + DAY - SECOND).evidence_by_seller == 2
    assert done(after, SELLER, now + SECOND).status is Status.UNDER_REVIEW
    again = ticks(after, now + DAY).after
    assert (again.status, again.decision_due_at, again.evidence_requests) == (
        Status.UNDER_REVIEW,
        now + 8 * DAY,
        0,
    )


def test_c3_r43_the_timeline_says_that_the_case_went_back() -> None:
    change = changed(case_under_review(), OPENED + 12 * DAY)
    before = ticks(case_in_claim(evidence_by=SELLER), END)
    assert replay([before.entry, change.entry]).status is Status.CLAIM_EVIDENCE
    old = {name: value for name, value in change.entry.data.items() if name != "evidence_due_at"}
    # Entries of before name no date, and did not go back.
    assert replay([before.entry, replace(change.entry, data=old)]).status is Status.UNDER_REVIEW


def test_c3_r43_a_changed_reason_while_evidence_is_given_can_be_answered_like_a_late_item() -> None:
    case = case_in_claim(evidence_by=BUYER)
    assert changed(case, T5 + SECOND).after.deadline == END
    case = changed(done(case, SELLER, T5 + SECOND), END - SECOND).after
    assert (case.status, case.deadline) == (Status.CLAIM_EVIDENCE, END + DAY - SECOND)


def test_r22_r43_an_answer_that_is_not_given_never_brings_back_a_date_that_has_passed() -> None:
    case = changed(case_in_claim(), END - SECOND).after
    now = END + DAY / 2
    change = evidence.complete_evidence(case, SELLER, now)
    # Nobody is awaited any more, and there is nothing to judge: the clock's turn begins now, not half a day ago.
    assert (change.after.status, change.after.deadline) == (Status.CLAIM_EVIDENCE, now)
    assert (change.after.evidence_window_until, change.after.epoch) == (END, case.epoch + 1)
    assert change.entry.data["evidence_due_at"] == instant(now)
    outcome = ticks(change.after, now).after.outcome
    assert outcome is not None
    assert outcome.code is OutcomeCode.CANCELLED_NO_EVIDENCE


# --- C4: what is on its way ---


@pytest.mark.parametrize(
    ("day_seconds", "life"), [(86_400, 300.0), (600, 300.0), (599, 299.5), (2, 1.0), (0.5, 0.25)]
)
def test_c4_r22_a_form_lives_five_minutes_or_half_a_policy_day(day_seconds: float, life: float) -> None:
    assert form_life(replace(POLICY, day_seconds=day_seconds)) == timedelta(seconds=life)


def test_c4_r22_what_was_announced_in_time_is_waited_for_once_and_counts() -> None:
    case, item = announced(case_in_claim(), BUYER, END - SECOND)
    change = ticks(case, END)
    until = END - SECOND + FIVE_MINUTES + UPLOAD_GRACE
    assert (change.entry.type, change.after.status) == (EventType.UPLOADS_AWAITED, Status.CLAIM_EVIDENCE)
    assert dict(change.entry.data) == {"evidence_due_at": instant(until), "previous_due_at": instant(END)}
    waiting = change.after
    assert (waiting.deadline, waiting.epoch) == (until, case.epoch + 1)
    came = arrives(waiting, item, END + 2 * SECOND)
    assert (came.entry.type, came.after.evidence_by_buyer) == (EventType.EVIDENCE_ADDED, 1)
    assert came.after.deadline == until
    assert ticks(came.after, until).after.status is Status.UNDER_REVIEW


def test_c4_r22_what_never_comes_is_waited_for_once_only() -> None:
    case, _ = announced(case_in_claim(), BUYER, END - SECOND)
    waiting = ticks(case, END).after
    assert waiting.deadline is not None
    ended = ticks(waiting, waiting.deadline).after
    assert ended.outcome is not None
    assert (ended.status, ended.outcome.code) == (
        Status.CANCELLED,
        OutcomeCode.CANCELLED_NO_EVIDENCE,
    )


def test_c4_r22_the_longest_form_counts_and_one_that_has_ended_does_not() -> None:
    case, _ = announced(case_in_claim(), SELLER, END - FIVE_MINUTES)
    assert ticks(case, END).after.status is Status.CANCELLED
    case, _ = announced(case, SELLER, END - 2 * SECOND)
    case, _ = announced(case, BUYER, END - SECOND)
    assert ticks(case, END).after.deadline == END - SECOND + FIVE_MINUTES + UPLOAD_GRACE


@pytest.mark.parametrize("late", [timedelta(0), SECOND, timedelta(minutes=2)])
def test_c4_r22_a_late_clock_waits_until_the_same_instant(late: timedelta) -> None:
    case, _ = announced(case_in_claim(), BUYER, END - SECOND)
    assert ticks(case, END + late).after.deadline == END - SECOND + FIVE_MINUTES + UPLOAD_GRACE


def test_c4_r22_nothing_new_is_taken_while_uploads_are_waited_for() -> None:
    case, _ = announced(case_in_claim(), BUYER, END - SECOND)
    waiting = ticks(case, END).after
    for actor in (BUYER, SELLER):
        with pytest.raises(WindowClosedError) as refused:
            with_evidence(waiting, actor, END + SECOND)
        assert refused.value.deadline == END


def test_c4_r22_r43_the_review_does_not_start_before_what_the_other_side_announced_has_come() -> None:
    case = asked(case_under_review(), Role.BUYER, OPENED + 12 * DAY)
    now = OPENED + 13 * DAY
    case, item = announced(case, SELLER, now)
    change = evidence.complete_evidence(case, BUYER, now + SECOND)
    until = now + FIVE_MINUTES + UPLOAD_GRACE
    assert (change.after.status, change.after.deadline) == (Status.CLAIM_EVIDENCE, until)
    came = arrives(change.after, item, now + 2 * SECOND).after
    # It is a late item for the buyer, who had nothing more to add.
    assert came.deadline == now + 2 * SECOND + DAY
    assert done(came, BUYER, now + 3 * SECOND).status is Status.UNDER_REVIEW


def test_c4_r43_a_file_that_comes_while_it_is_waited_for_can_be_answered() -> None:
    case = done(case_in_claim(), SELLER, T5)
    case, item = announced(case, BUYER, END - SECOND)
    came = arrives(ticks(case, END).after, item, END + SECOND).after
    assert (came.deadline, came.side(Role.SELLER).reply_until) == (END + DAY, END + DAY)


# --- C4: what is announced while uploads are waited for ---


def test_c4_r22_a_file_announced_after_nothing_more_is_waited_for_at_the_windows_end_too() -> None:
    case, first = announced(done(case_in_claim(evidence_by=SELLER), SELLER, T5), BUYER, END - 2 * SECOND)
    case = ticks(case, END).after
    case = arrives(case, first, END + SECOND).after
    assert case.deadline == END + DAY
    # The seller answers at the very end of the day for it: the first wait is over, and does not use up this one.
    case, answer = announced(case, SELLER, END + DAY - SECOND)
    waiting = ticks(case, END + DAY)
    until = END + DAY - SECOND + FIVE_MINUTES + UPLOAD_GRACE
    assert (waiting.entry.type, waiting.after.deadline) == (EventType.UPLOADS_AWAITED, until)
    came = arrives(waiting.after, answer, END + DAY + SECOND)
    assert (came.entry.type, came.after.evidence_by_seller) == (EventType.EVIDENCE_ADDED, 2)


def test_c4_r22_an_early_wait_is_none_of_the_windows_end() -> None:
    now = OPENED + 13 * DAY
    case, _ = announced(asked(case_under_review(), Role.BUYER, OPENED + 12 * DAY), SELLER, now)
    case = done(case, BUYER, now + SECOND)
    assert case.uploads_awaited
    # Who was asked has something after all: the window is open again until its end, and waits there.
    case, _ = announced(case, BUYER, now + 2 * SECOND)
    assert (case.deadline, case.uploads_awaited) == (OPENED + 17 * DAY, False)
    case, last = announced(case, BUYER, OPENED + 17 * DAY - SECOND)
    waiting = ticks(case, OPENED + 17 * DAY).after
    assert waiting.status is Status.CLAIM_EVIDENCE
    assert arrives(waiting, last, OPENED + 17 * DAY + SECOND).entry.type is EventType.EVIDENCE_ADDED


def test_c4_r22_what_is_announced_before_the_end_of_an_early_wait_is_waited_for() -> None:
    now = OPENED + 13 * DAY
    case, _ = announced(asked(case_under_review(), Role.BUYER, OPENED + 12 * DAY), SELLER, now)
    case = done(case, BUYER, now + SECOND)
    assert case.deadline == now + FIVE_MINUTES + UPLOAD_GRACE
    later = now + FIVE_MINUTES
    case, item = announced(case, SELLER, later)
    assert (case.deadline, case.uploads_awaited) == (later + FIVE_MINUTES + UPLOAD_GRACE, True)
    came = arrives(case, item, now + FIVE_MINUTES + UPLOAD_GRACE + SECOND)
    assert came.entry.type is EventType.EVIDENCE_ADDED
