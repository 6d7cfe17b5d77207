"""While operators hold the clock no window ends, and afterwards all that are due do."""

from dataclasses import replace

import pytest

from buyer_protection.application.ports.switches import Hold
from buyer_protection.application.workers.clock import HELD_SECONDS, CaseMissingError, close_window
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.domain.windows import CONTRACT, Alarm
from tests.support.builders import OPENED
from tests.support.fake_workers import FakeSwitch
from tests.unit.application.helpers import case_of
from tests.unit.application.test_sweep import crowd, sweeper


def test_while_the_clock_is_held_no_window_ends_and_afterwards_all_that_are_due_do() -> None:
    of, switch = crowd(2), FakeSwitch(Hold(OPENED))
    held = replace(sweeper(of), clock_switch=switch)
    writes = of.writes
    assert sweep(held) == {"deadlines_held": 1}
    assert of.writes == writes
    switch.held = None
    assert sweep(held)["transitions"] == 2


def test_r15_where_nobody_can_tell_whether_the_clock_is_held_deadlines_are_met() -> None:
    class Away:
        def hold(self) -> Hold | None:
            raise TimeoutError

    done = sweep(replace(sweeper(crowd(2)), clock_switch=Away()))
    assert (done["failed_TimeoutError"], done["transitions"]) == (1, 2)


def test_r15_an_execution_that_wakes_while_the_clock_is_held_looks_again_and_ends_nothing() -> None:
    of, switch = crowd(1), FakeSwitch(Hold(OPENED))
    before = case_of(of, "dp-1")
    alarm = Alarm("dp-1", 1, CONTRACT, before.status, before.epoch, 1)
    after = close_window(of.cases, of.clock, alarm, switch)
    assert (after.status, after.seconds, case_of(of, "dp-1")) == (before.status, HELD_SECONDS, before)
    with pytest.raises(CaseMissingError):
        close_window(of.cases, of.clock, replace(alarm, dispute_id="dp-9"), switch)
    switch.held = None
    assert close_window(of.cases, of.clock, alarm, switch).status != before.status
