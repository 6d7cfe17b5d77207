"""Q1, Q5: a case whose execution is dead, and a sweeper that stumbles once, at each of its calls in each way."""

from datetime import timedelta

import pytest

from tests.simulation.faults import AT_A_CALL, Fault, Kind
from tests.simulation.life import BEGINNING, Life, Plan, lived

# The shorter lives first, of which `make test` takes one.
SEEDS = ("alone:2", "alone:4", "alone:1", "alone:3")


def without_execution(seed: str) -> Plan:
    """A life whose executions all die just before its first case's first deadline."""
    calm, violation = lived(Plan(seed))
    assert violation is None
    before = calm.deadlines[0] - BEGINNING - timedelta(minutes=5)
    return Plan(seed, (Fault(Kind.KILL, after=before.total_seconds()),))


def sweepers_calls(life: Life) -> list[str]:
    return [place for place in life.gate.seen if place.startswith("sweeper ")]


@pytest.mark.sampled(every=len(SEEDS))
@pytest.mark.parametrize("seed", SEEDS)
def test_q1_a_sweeper_that_stumbles_once_is_still_in_time(seed: str) -> None:
    plan = without_execution(seed)
    alone, violation = lived(plan)
    assert violation is None
    places = sweepers_calls(alone)

    for place in places[:24]:
        for kind in AT_A_CALL:
            life, violation = lived(Plan(seed, (*plan.faults, Fault(kind, place))))
            assert violation is None, f"{kind} at {place}: {violation}"
            assert {fault.place for fault in life.gate.fired} == {"", place}


def test_q1_the_sweeper_alone_has_work_in_these_lives() -> None:
    met = {place.split()[1] for seed in SEEDS for place in sweepers_calls(lived(without_execution(seed))[0])}

    assert {"timers.due", "cases.commit", "executions.is_running", "executions.start"} <= met
