"""Deadlines first, executions last: a round that dies anywhere leaves the row due, or nothing to do."""

from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest

from buyer_protection.application.ports.timers import TimerState
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.watch import restart_if_dead
from buyer_protection.domain.enums import Status
from tests.support.builders import DAY, OPENED, SECOND
from tests.support.fakes import World
from tests.unit.application.helpers import CASE, case_of, world_in
from tests.unit.application.test_sweep import sweeper

MINUTE = timedelta(minutes=1)


class Died(BaseException):
    """The process ended."""


def overdue_and_unwatched() -> World:
    """A negotiation a second past its end, whose execution is dead."""
    of = world_in(Status.NEGOTIATION)
    of.deliver_stream()
    of.executions.dead.add((CASE, 1))
    of.clock.at = OPENED + 15 * DAY + SECOND
    return of


def test_r15_q5_a_round_that_dies_at_the_deadline_leaves_somebody_who_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = overdue_and_unwatched()

    def die(*_: object, **__: object) -> NoReturn:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(of.cases, "commit", die)
        with pytest.raises(Died):
            sweep(sweeper(of))
    assert case_of(of).status is Status.NEGOTIATION
    sweep(sweeper(of))
    assert case_of(of).status is Status.CLAIM_EVIDENCE
    assert (CASE, 2) in of.executions.started


@pytest.mark.parametrize("place", ["is_running", "start"])
def test_r15_q5_a_round_that_dies_between_deadline_and_execution_is_made_up_for_by_the_next(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    of = overdue_and_unwatched()

    def die(*_: object, **__: object) -> NoReturn:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(of.executions, place, die)
        with pytest.raises(Died):
            sweep(sweeper(of))
    assert case_of(of).status is Status.CLAIM_EVIDENCE
    assert (CASE, 2) not in of.executions.started
    of.clock.at += MINUTE
    sweep(sweeper(of))
    assert (CASE, 2) in of.executions.started
    writes = of.writes
    assert not sweep(sweeper(of))
    assert of.writes == writes


def test_r15_while_step_functions_is_away_deadlines_are_met_and_the_start_is_made_up_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = overdue_and_unwatched()
    with_desk = replace(sweeper(of), orders=of.orders)

    def refuse(*_: object) -> NoReturn:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(of.executions, "is_running", refuse)
        for _ in range(3):
            assert sweep(with_desk)["failed_ConnectionError"] == 1
            of.clock.at += MINUTE
        assert case_of(of).status is Status.CLAIM_EVIDENCE
    done = sweep(with_desk)
    assert (done["restarted"], done["transitions"]) == (1, 0)
    writes = of.writes
    assert "deadlines" not in sweep(with_desk)
    assert of.writes == writes


def test_r15_a_generation_raised_in_a_call_whose_answer_was_lost_is_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = world_in(Status.NEGOTIATION)
    of.deliver_stream()
    of.executions.dead.add((CASE, 1))
    raise_it = of.timers.next_generation

    def lost(timer: TimerState) -> None:
        raise_it(timer)

    monkeypatch.setattr(of.timers, "next_generation", lost)
    assert restart_if_dead(sweeper(of), CASE)["restarted"] == 1
    assert (CASE, 2) in of.executions.started
