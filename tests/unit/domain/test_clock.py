"""The clock's own transitions (R15, R22, R24, R36), its reminders, and that it is never early and always converges."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.domain import claim, negotiation
from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    EventType,
    OfferStatus,
    OfferType,
    OutcomeCode,
    Role,
    Stage,
    Status,
)
from buyer_protection.domain.timeline import CLOCK, instant
from buyer_protection.domain.windows import (
    CLAIM_OPENED,
    alarm_status,
    close_window,
    next_reminder,
    seconds_until,
    wake_at,
)
from tests.support.builders import (
    BUYER,
    DAY,
    MANAGER,
    OPENED,
    SECOND,
    SELLER,
    address_confirmed,
    case_awaiting_return,
    case_in,
    case_in_claim,
    case_negotiating,
    case_return_shipped,
    case_under_review,
    escalated,
    usd,
    with_evidence,
)

T5 = OPENED + 5 * DAY


def step(case: Dispute, now: datetime) -> Change:
    change = close_window(case, now)
    assert change is not None
    return change


def due(case: Dispute) -> datetime:
    assert case.deadline is not None
    return case.deadline


def settled(case: Dispute, now: datetime) -> Dispute:
    for _ in range(12):
        change = close_window(case, now)
        if change is None:
            return case
        case = change.after
    raise AssertionError("the clock does not come to rest")


def followed(case: Dispute) -> Dispute:
    """Where the clock alone takes the case in the end."""
    while (wake := wake_at(case)) is not None:
        case = step(case, wake).after
    return case


def test_r15_a_negotiation_without_result_becomes_a_claim_at_15d_and_not_a_second_before() -> None:
    case = settled(case_negotiating(), OPENED + 15 * DAY - SECOND)
    assert case.status is Status.NEGOTIATION
    change = step(case, OPENED + 15 * DAY)
    after = change.after
    assert (after.status, after.stage, after.escalated_by) == (
        Status.CLAIM_EVIDENCE,
        Stage.CLAIM,
        Role.SYSTEM,
    )
    assert (after.claim_reason, after.no_agreement_confirmed_at) == (None, None)
    assert after.deadline == OPENED + 22 * DAY
    assert change.closed_offers == {"of-1": OfferStatus.LAPSED}
    assert (change.entry.actor, change.entry.data["claim_reason"]) == (CLOCK, None)


def test_r15_a_pending_proposal_of_either_side_lapses() -> None:
    case = negotiation.make_offer(case_negotiating(), SELLER, OfferType.REFUND, usd(5), "", OPENED).after
    change = step(case, OPENED + 15 * DAY)
    assert change.closed_offers == {"of-1": OfferStatus.LAPSED, "of-2": OfferStatus.LAPSED}
    assert change.entry.data["lapsed_offers"] == ["of-1", "of-2"]


def test_r22_a_claim_without_any_evidence_is_cancelled_at_the_due_instant() -> None:
    case = case_in_claim()
    change = step(case, due(case))
    assert change.after.outcome == Outcome(OutcomeCode.CANCELLED_NO_EVIDENCE, usd(0), False, Role.SYSTEM)
    assert (change.after.status, change.releases_order, change.refund) == (Status.CANCELLED, True, None)
    assert (change.entry.type, change.entry.actor) == (EventType.CANCELLED, CLOCK)


@pytest.mark.parametrize("by", [BUYER, SELLER])
def test_r22_one_item_of_either_side_is_enough_for_a_review(by: object) -> None:
    case = case_in_claim(evidence_by=by)  # type: ignore[arg-type]
    change = step(case, due(case))
    assert (change.after.status, change.after.decision_due_at) == (Status.UNDER_REVIEW, due(case) + 7 * DAY)
    assert (change.entry.type, dict(change.entry.data)) == (
        EventType.REVIEW_STARTED,
        {"decision_due_at": instant(due(case) + 7 * DAY)},
    )


def test_r21_evidence_from_the_negotiation_saves_the_claim() -> None:
    case = escalated(with_evidence(case_negotiating(), BUYER, OPENED))
    assert step(case, due(case)).after.status is Status.UNDER_REVIEW


def test_r22_after_the_team_moved_the_window_the_old_instant_does_nothing() -> None:
    case = case_in_claim()
    old = due(case)
    moved = claim.set_evidence_window(case, MANAGER, old + 5 * DAY, T5).after
    assert close_window(moved, old) is None
    assert step(settled(moved, old + 5 * DAY - SECOND), old + 5 * DAY).after.status is Status.CANCELLED


def test_r24_a_late_decision_is_noted_once_and_nothing_else_happens() -> None:
    case = case_under_review()
    change = step(case, due(case))
    assert (change.entry.type, dict(change.entry.data)) == (
        EventType.DEADLINE_MISSED,
        {"due_at": instant(due(case))},
    )
    after = change.after
    assert (after.status, after.decision_due_at, after.deadline) == (Status.UNDER_REVIEW, due(case), None)
    assert close_window(after, due(case) + 400 * DAY) is None
    assert wake_at(after) is None


@pytest.mark.parametrize(("decided", "end"), [(False, Status.RESOLVED), (True, Status.DECIDED)])
def test_r36_a_seller_who_never_confirmed_an_address_pays_without_a_return(
    *, decided: bool, end: Status
) -> None:
    case = case_awaiting_return(decided=decided)
    change = step(case, due(case))
    assert (change.after.status, change.after.outcome) == (end, case.settlement)
    assert change.refund is not None
    assert case.settlement is not None
    assert change.refund.amount == case.settlement.refund
    assert change.entry.data["cause"] == "ADDRESS_NEVER_CONFIRMED"


@pytest.mark.parametrize(("decided", "end"), [(False, Status.RESOLVED), (True, Status.DECIDED)])
def test_r36_a_buyer_who_does_not_ship_gets_nothing(*, decided: bool, end: Status) -> None:
    case = address_confirmed(case_awaiting_return(decided=decided))
    change = step(case, due(case))
    outcome = change.after.outcome
    assert outcome is not None
    assert case.settlement is not None
    assert (outcome.code, outcome.refund, outcome.return_required) == (
        OutcomeCode.RETURN_NOT_SHIPPED,
        usd(0),
        True,
    )
    assert (outcome.decided_by, outcome.rationale) == (case.settlement.decided_by, case.settlement.rationale)
    assert (outcome.reasons, outcome.evidence_ids) == (case.settlement.reasons, case.settlement.evidence_ids)
    assert (change.after.status, change.refund, change.finishes_order) == (end, None, True)
    assert change.entry.data["cause"] == "NOT_SHIPPED"


@pytest.mark.parametrize(("decided", "end"), [(False, Status.RESOLVED), (True, Status.DECIDED)])
def test_r36_where_the_seller_is_silent_the_carriers_delivery_counts(*, decided: bool, end: Status) -> None:
    case = case_return_shipped(decided=decided, delivered=True)
    change = step(case, due(case))
    assert (change.after.status, change.after.outcome) == (end, case.settlement)
    assert change.refund is not None
    assert (change.entry.type, change.entry.data["cause"]) == (EventType.RETURN_CLOSED, "DELIVERED")


def test_r42_without_the_carriers_word_both_are_heard_about_the_return_and_a_person_looks_at_it() -> None:
    case = case_return_shipped()
    change = step(case, due(case))
    until = due(case) + 5 * DAY
    assert (change.after.status, change.after.deadline) == (Status.CLAIM_EVIDENCE, until)
    assert dict(change.entry.data) == {"condition": "NOT_ACKNOWLEDGED", "evidence_due_at": instant(until)}
    reviewed = step(change.after, until)
    assert (reviewed.after.status, reviewed.after.deadline) == (Status.UNDER_REVIEW, until + 7 * DAY)


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.DECIDED, Status.CANCELLED])
def test_r25_the_clock_leaves_what_has_ended_alone(status: Status) -> None:
    case = case_in(status)
    assert (close_window(case, OPENED + 1000 * DAY), wake_at(case), next_reminder(case)) == (None, None, None)


def test_r16_the_buyer_is_reminded_when_escalating_becomes_possible_and_whoever_must_act_a_day_before_the_end() -> (
    None
):
    case = case_negotiating()
    assert wake_at(case) == OPENED + 3 * DAY
    assert close_window(case, OPENED + 3 * DAY - SECOND) is None
    first = step(case, OPENED + 3 * DAY)
    assert first.entry.type is EventType.ESCALATION_AVAILABLE
    assert dict(first.entry.data) == {"due_at": instant(OPENED + 15 * DAY)}
    assert (first.after.epoch, wake_at(first.after)) == (case.epoch, OPENED + 14 * DAY)
    second = step(first.after, OPENED + 14 * DAY)
    assert second.entry.type is EventType.REMINDED
    assert dict(second.entry.data) == {
        "due_at": instant(OPENED + 15 * DAY),
        "parties": ["SELLER"],
        "window": "NEGOTIATION",
    }
    assert wake_at(second.after) == OPENED + 15 * DAY


@pytest.mark.parametrize(
    ("case", "window", "parties"),
    [
        (case_in_claim(), "EVIDENCE", ["BUYER", "SELLER"]),
        (case_in_claim(evidence_by=BUYER), "EVIDENCE", ["SELLER"]),
        (case_awaiting_return(), "RETURN_SHIPMENT", ["SELLER"]),
        (address_confirmed(case_awaiting_return()), "RETURN_SHIPMENT", ["BUYER"]),
        (case_return_shipped(), "RETURN_RECEIPT", ["SELLER"]),
    ],
)
def test_r15_r22_r36_each_window_has_its_reminder(case: Dispute, window: str, parties: list[str]) -> None:
    change = step(case, due(case) - DAY)
    assert change.entry.type is EventType.REMINDED
    assert (change.entry.data["window"], change.entry.data["parties"]) == (window, parties)
    assert close_window(case, due(case) - DAY - SECOND) is None
    assert close_window(change.after, due(case) - SECOND) is None


def test_r22_a_window_of_less_than_a_day_has_no_reminder_and_a_new_window_has_one_of_its_own() -> None:
    short = claim.set_evidence_window(case_in_claim(), MANAGER, T5 + DAY, T5).after
    assert (next_reminder(short), wake_at(short)) == (None, T5 + DAY)
    late = T5 + 5 * DAY + timedelta(hours=12)
    reminded = step(case_in_claim(), late).after
    moved = claim.set_evidence_window(reminded, MANAGER, late + 9 * DAY, late).after
    assert wake_at(moved) == late + 8 * DAY


def test_r24_a_review_has_no_reminder() -> None:
    case = case_under_review()
    assert (next_reminder(case), wake_at(case)) == (None, due(case))


def test_r23_a_fresh_claim_is_announced_to_the_mediation_until_that_has_seen_it() -> None:
    assert alarm_status(case_in_claim()) == CLAIM_OPENED
    for status in (s for s in Status if s is not Status.CLAIM_EVIDENCE):
        assert alarm_status(case_in(status)) == status.value


@given(st.integers(-10_000_000, 10_000_000))
def test_r15_nobody_sleeps_less_than_a_second_or_wakes_early(micros: int) -> None:
    seconds = seconds_until(OPENED + timedelta(microseconds=micros), OPENED)
    assert seconds >= 1
    assert timedelta(seconds=seconds) >= timedelta(microseconds=micros)
    assert timedelta(seconds=seconds - 1) < timedelta(microseconds=micros) or seconds == 1


offsets = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=60)) | st.sampled_from(
    [3 * DAY, 15 * DAY, 15 * DAY - SECOND, 22 * DAY, 7 * DAY]
)


@given(st.sampled_from(Status), offsets)
def test_r15_the_clock_never_acts_before_what_it_said_it_would_wake_for(
    status: Status, offset: timedelta
) -> None:
    case = case_in(status)
    now = (case.updated_at or OPENED) + offset
    wake = wake_at(case)
    change = close_window(case, now)
    assert (change is not None) == (wake is not None and now >= wake)
    if change is not None and change.after.status is not case.status:
        assert now >= due(case)


@given(st.sampled_from(Status), st.lists(offsets, max_size=6))
def test_r15_acting_again_and_again_comes_to_rest_and_ends_where_acting_once_ends(
    status: Status, stops: list[timedelta]
) -> None:
    start = case_in(status)
    since = start.updated_at or OPENED
    case = start
    for stop in sorted(stops):
        case = settled(case, since + stop)
        assert close_window(case, since + stop) is None
        wake = wake_at(case)
        assert wake is None or wake > since + stop
        assert case.epoch >= start.epoch
    assert followed(case).status is followed(start).status


@given(st.sampled_from(Status), offsets)
def test_r15_a_deadline_the_clock_sets_lies_after_the_one_it_ends(status: Status, late: timedelta) -> None:
    case = case_in(status)
    if case.deadline is None:
        return
    after = settled(case, case.deadline + late)
    assert after.deadline is None or after.deadline > case.deadline
