"""Time given back after an outage: the open window ends later, once in each run, and nothing else of the case moves."""

from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest

from buyer_protection.domain import evidence, returns, windows
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import PARTIES, EventType, Role, Status
from buyer_protection.domain.errors import ConflictError, InvalidRequestError, WindowClosedError
from buyer_protection.domain.evidence_item import PendingUpload
from buyer_protection.domain.given_time import LATER, give_time, was_given
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.sides import GivenTime
from buyer_protection.domain.timeline import OPERATOR
from buyer_protection.domain.window_table import WINDOWS
from tests.support import builders as b
from tests.support.builders import BUYER, DAY, OPENED, SELLER, case_in

HOUR = timedelta(hours=1)
RUN = "outage-2026-11-26"
OF_EACH = [pytest.param(status, id=status.value) for status in LATER]


def now_in(case: Dispute) -> datetime:
    return (case.updated_at or case.opened_at) + HOUR


def given(case: Dispute, hours: int = 72, run: str = RUN, now: datetime | None = None) -> Change:
    change = give_time(case, run, hours, now or now_in(case))
    assert change is not None
    return change


def due_of(case: Dispute) -> datetime:
    assert case.deadline is not None
    return case.deadline


def test_each_window_whose_end_the_clock_acts_at_can_be_moved() -> None:
    assert set(LATER) == {status for status, window in WINDOWS.items() if window.is_strict}


@pytest.mark.parametrize("status", OF_EACH)
def test_the_window_ends_so_much_later_and_the_clock_waits_for_it(status: Status) -> None:
    case = case_in(status)
    change = given(case)
    after = change.after
    assert due_of(after) == due_of(case) + 72 * HOUR
    assert (after.status, after.version, after.epoch) == (status, case.version + 1, case.epoch + 1)
    assert (change.entry.type, change.entry.actor, change.guard) == (
        EventType.TIME_GIVEN,
        OPERATOR,
        Guard.BEFORE_DEADLINE,
    )
    # At the old date nothing is due; at the new one what was due at the old one.
    at_old = windows.close_window(after, due_of(case))
    assert at_old is None or at_old.guard is Guard.NONE
    ended, would_have = windows.close_window(after, due_of(after)), windows.close_window(case, due_of(case))
    assert ended is not None
    assert would_have is not None
    assert (ended.entry.type, ended.after.status) == (would_have.entry.type, would_have.after.status)


@pytest.mark.parametrize("status", OF_EACH)
def test_nothing_else_of_the_case_moves(status: Status) -> None:
    case = case_in(status)
    after = given(case).after
    record = {
        "version",
        "epoch",
        "updated_at",
        "timeline_seq",
        "timeline_hash",
        "reminded_until",
        "times_given",
    }
    dates = {"evidence_due_at", "return_shipment_due_at", "return_receipt_due_at"}
    differ = {
        field.name for field in fields(Dispute) if getattr(case, field.name) != getattr(after, field.name)
    }
    assert differ - record <= dates
    assert len(differ & dates) == (status is not Status.NEGOTIATION)
    assert after.escalation_available_at == case.escalation_available_at


@pytest.mark.parametrize("status", OF_EACH)
def test_the_same_run_moves_nothing_twice_and_another_one_adds_to_it(status: Status) -> None:
    case = case_in(status)
    once = given(case).after
    assert was_given(once, RUN)
    assert give_time(once, RUN, 72, now_in(once)) is None
    assert give_time(once, RUN, 5, now_in(once)) is None
    twice = given(once, 24, "outage-2").after
    assert due_of(twice) == due_of(case) + 96 * HOUR
    assert [it.run for it in twice.times_given] == [RUN, "outage-2"]


def test_a_run_that_moved_the_case_before_is_said_even_once_it_is_closed() -> None:
    case = replace(b.case_decided(), times_given=(GivenTime(RUN, "EVIDENCE", 1),))
    assert give_time(case, RUN, 72, OPENED + 40 * DAY) is None


@pytest.mark.parametrize("status", OF_EACH)
def test_a_window_that_has_ended_stays_the_clocks(status: Status) -> None:
    case = case_in(status)
    with pytest.raises(WindowClosedError):
        given(case, now=due_of(case))
    assert due_of(given(case, now=due_of(case) - timedelta(milliseconds=1)).after) > due_of(case)


@pytest.mark.parametrize("status", [status for status in Status if status not in LATER])
def test_r24_r25_neither_a_review_nor_what_is_closed_gets_time(status: Status) -> None:
    with pytest.raises(ConflictError) as refused:
        given(case_in(status))
    assert refused.value.code == ("WRONG_STATUS" if status is Status.UNDER_REVIEW else "DISPUTE_CLOSED")


@pytest.mark.parametrize(
    ("hours", "is_taken"), [(0, False), (-1, False), (1, True), (720, True), (721, False)]
)
def test_hours_are_bounded(hours: int, is_taken: bool) -> None:
    if is_taken:
        assert given(b.case_negotiating(), hours).entry.data["hours"] == hours
        return
    with pytest.raises(InvalidRequestError):
        given(b.case_negotiating(), hours)


def test_an_hour_is_a_part_of_the_policys_day() -> None:
    case = b.case_negotiating()
    short = replace(case, policy=replace(case.policy, day_seconds=4))
    after = given(short, 36, now=OPENED + timedelta(seconds=1)).after
    assert due_of(after) == due_of(short) + timedelta(seconds=6)


def test_r15_time_of_the_negotiation_is_none_of_the_claim() -> None:
    after = given(b.case_negotiating()).after
    claimed = windows.close_window(after, due_of(after))
    assert claimed is not None
    assert due_of(claimed.after) == due_of(after) + 7 * DAY
    in_claim = given(claimed.after, 24, "outage-2").after
    assert in_claim.negotiation_due_at == after.negotiation_due_at


def test_reminders_come_a_day_before_the_new_date() -> None:
    case = b.case_in_claim()
    reminder = windows.next_reminder(case)
    assert reminder is not None
    reminded = windows.close_window(case, reminder[0])
    assert reminded is not None
    again = windows.next_reminder(given(reminded.after, now=reminder[0] + HOUR).after)
    assert again == (reminder[0] + 72 * HOUR, EventType.REMINDED)


# --- R43: the answers within a window for evidence ------------------------------------------------------------------


def answering(now: datetime) -> Dispute:
    """The seller said "nothing more", the buyer gave something after that: the seller has a day to answer."""
    case = b.with_evidence(b.case_in_claim(), SELLER, now)
    case = evidence.complete_evidence(case, SELLER, now).after
    return b.with_evidence(case, BUYER, now + HOUR)


def test_r43_who_may_answer_a_later_item_has_so_much_longer_for_it() -> None:
    case = answering(OPENED + 5 * DAY)
    before = case.side(Role.SELLER).reply_until
    assert before is not None
    after = given(case, 24).after
    assert after.side(Role.SELLER).reply_until == before + 24 * HOUR
    assert due_of(after) == due_of(case) + 24 * HOUR


def test_r43_an_answer_that_is_over_stays_over() -> None:
    case = answering(OPENED + 5 * DAY)
    before = case.side(Role.SELLER).reply_until
    assert before is not None
    assert before < due_of(case)
    after = given(case, 24, now=before).after
    assert after.side(Role.SELLER).reply_until == before


def test_r22_files_that_the_review_waits_for_are_in_time_again() -> None:
    case = b.case_in_claim()
    end = due_of(case)
    upload = PendingUpload("ev-1", Role.BUYER, end + timedelta(minutes=4))
    waiting = windows.close_window(replace(case, pending_uploads=(upload,)), end)
    assert waiting is not None
    assert waiting.after.uploads_awaited
    after = given(waiting.after, 24, now=end + timedelta(minutes=1)).after
    assert due_of(after) == end + 24 * HOUR
    assert not after.uploads_awaited
    assert all(after.side(role).reply_until is None for role in PARTIES)


# --- R36: the address after time was given ---------------------------------------------------------------------------


def test_r36_an_address_that_is_confirmed_later_takes_no_time_back() -> None:
    case = b.case_awaiting_return()
    after = given(case, 720).after
    confirmed = returns.confirm_address(after, SELLER, ("9 Quay",), now_in(after)).after
    assert due_of(confirmed) == due_of(after)
    plain = returns.confirm_address(case, SELLER, ("9 Quay",), now_in(case)).after
    assert due_of(plain) == now_in(case) + 10 * DAY


@pytest.mark.parametrize("status", OF_EACH)
def test_while_the_clock_is_held_what_had_not_ended_then_is_moved_and_what_had_is_not(status: Status) -> None:
    case = case_in(status)
    due = due_of(case)
    late = due + 2 * HOUR
    change = give_time(case, RUN, 72, late, due - HOUR)
    assert change is not None
    assert due_of(change.after) == due + 72 * HOUR
    # Nobody ends the window meanwhile; whoever changes the case is seen by its version.
    assert change.guard is Guard.NONE
    with pytest.raises(WindowClosedError):
        give_time(case, RUN, 72, late, due)
