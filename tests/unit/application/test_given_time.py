"""An operator gives a case time back: one conditional write, which its clock, the sweeper and both parties follow."""

from dataclasses import replace

import pytest

from buyer_protection.application.actions import negotiation
from buyer_protection.application.workers.given_time import Gift, Given, Run, give_time_back
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.domain.enums import EventType, Role, Status
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.given_time import LATER
from buyer_protection.domain.timeline import OPERATOR
from tests.support.builders import DAY
from tests.support.fakes import World
from tests.unit.application.delivering import deliver, dropped
from tests.unit.application.helpers import BUYER, CASE, SELLER, call, case_of, offer, tick, world_in
from tests.unit.application.test_sweep import sweeper

RUN = Run("outage-7", 48, LATER, "op-1a2b3c4d")
OF_EACH = [pytest.param(status, id=status.value) for status in LATER]


def give(of: World, run: Run = RUN, *, is_trial: bool = False) -> Given:
    return give_time_back(of.cases, of.clock, CASE, run, is_trial=is_trial)


@pytest.mark.parametrize("status", OF_EACH)
def test_the_case_ends_at_the_new_date_and_nobody_ends_it_at_the_old_one(status: Status) -> None:
    of = world_in(status)
    old, timer = case_of(of).deadline, of.timers.timer(CASE)
    assert old is not None
    assert timer is not None

    given = give(of)

    assert given == Given(Gift.MOVED, old, old + 2 * DAY)
    moved = of.timers.timer(CASE)
    assert moved is not None
    assert moved.epoch == timer.epoch + 1
    of.clock.at = old
    alarm = tick(of)
    assert (alarm.epoch, case_of(of).status, case_of(of).deadline) == (moved.epoch, status, old + 2 * DAY)
    # Whatever execution asks is to wait until the next date: that of the reminder, or the end.
    assert 0 < alarm.seconds <= (2 * DAY).total_seconds()
    sweep(sweeper(of))
    assert case_of(of).status is status
    of.clock.at = old + 2 * DAY
    tick(of)
    assert case_of(of).status is not status


def test_a_sleeping_execution_is_woken_with_the_new_date() -> None:
    of = world_in(Status.NEGOTIATION)
    of.deliver_stream()
    of.park(CASE, "token-1")
    give(of)
    of.deliver_stream()
    assert of.executions.woken["token-1"].epoch == case_of(of).epoch


def test_a_trial_says_what_would_be_and_writes_nothing() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    before, writes = case_of(of), of.writes
    given = give(of, is_trial=True)
    assert given.gift is Gift.MOVED
    assert (case_of(of), of.writes) == (before, writes)


def test_the_same_run_again_moves_nothing() -> None:
    of = world_in(Status.NEGOTIATION)
    give(of)
    once, writes = case_of(of), of.writes
    assert give(of).gift is Gift.MOVED_BEFORE
    assert (case_of(of), of.writes) == (once, writes)


def test_another_change_that_comes_first_is_kept_and_the_run_still_moves_the_case_once() -> None:
    of = world_in(Status.NEGOTIATION)
    of.before_commit = lambda: offer(of, SELLER)
    given = give(of)
    assert given.gift is Gift.MOVED
    assert [entry.type for entry in of.timeline[CASE][-2:]] == [EventType.OFFER_MADE, EventType.TIME_GIVEN]


def test_of_two_that_run_at_once_one_moves_the_case() -> None:
    of = world_in(Status.NEGOTIATION)
    of.before_commit = lambda: give(of)
    assert give(of).gift is Gift.MOVED_BEFORE
    assert [it.run for it in case_of(of).times_given] == ["outage-7"]


def test_a_case_that_has_gone_on_meanwhile_is_left() -> None:
    of = world_in(Status.NEGOTIATION)
    of.before_commit = lambda: negotiation.accept_request(of.context, call(SELLER), CASE)
    assert (give(of).gift, case_of(of).status) == (Gift.LEFT, Status.RESOLVED)


def test_only_the_statuses_of_the_run_get_time() -> None:
    of = world_in(Status.NEGOTIATION)
    given = give(of, Run("outage-7", 48, frozenset({Status.CLAIM_EVIDENCE})))
    assert (given.gift, case_of(of).times_given) == (Gift.LEFT, ())
    assert "NEGOTIATION" in given.why


def test_a_window_that_ended_is_left_to_the_clock() -> None:
    of = world_in(Status.NEGOTIATION)
    due = case_of(of).deadline
    assert due is not None
    of.clock.at = due
    assert give(of).gift is Gift.LEFT
    tick(of)
    assert case_of(of).status is Status.CLAIM_EVIDENCE


def test_a_case_that_is_not_there_is_named() -> None:
    of = world_in(Status.NEGOTIATION)
    with pytest.raises(NotFoundError):
        give_time_back(of.cases, of.clock, "dp-none", RUN, is_trial=False)


def test_r45_the_trace_of_the_command_lies_beside_the_entry_and_nobodys_name_in_it() -> None:
    of = world_in(Status.NEGOTIATION)
    give(of)
    entry = of.timeline[CASE][-1]
    assert (entry.person_id, entry.correlation_id) == (None, "op-1a2b3c4d")
    assert (entry.actor, sorted(entry.data)) == (
        OPERATOR,
        ["due_at", "hours", "previous_due_at", "run", "window"],
    )


@pytest.mark.parametrize("status", OF_EACH)
def test_r23_both_parties_get_one_mail_with_the_new_date(status: Status) -> None:
    of = world_in(status)
    deliver(of)
    give(of)
    sent = deliver(of)
    assert {who: sent[who, "TIME_GIVEN"] for who in ("BUYER", "SELLER")} == {"BUYER": 1, "SELLER": 1}
    give(of)
    assert not deliver(of)


def test_r50_a_mail_about_a_date_that_another_run_has_moved_is_dropped() -> None:
    of = world_in(Status.NEGOTIATION)
    deliver(of)
    give(of)
    give(of, Run("outage-8", 24, LATER))
    assert deliver(of) == {("BUYER", "TIME_GIVEN"): 1, ("SELLER", "TIME_GIVEN"): 1}
    assert dropped(of) == {(role.value, "TIME_GIVEN", "WINDOW_OVER") for role in (Role.BUYER, Role.SELLER)}


def test_r50_a_mail_about_a_window_that_is_over_is_dropped() -> None:
    of = world_in(Status.NEGOTIATION)
    deliver(of)
    give(of)
    of.cases_kept[CASE] = replace(case_of(of), status=Status.UNDER_REVIEW)
    deliver(of)
    assert ("BUYER", "TIME_GIVEN", "WINDOW_OVER") in dropped(of)


def test_people_act_until_the_new_date() -> None:
    of = world_in(Status.NEGOTIATION)
    old = case_of(of).deadline
    assert old is not None
    give(of)
    of.clock.at = old + DAY
    assert offer(of, BUYER)
    assert case_of(of).status is Status.NEGOTIATION
