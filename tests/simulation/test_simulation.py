"""Q1: lives of disputes with crashes, throttles, lost answers, duplicates, delays and outages break nothing."""

import os
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest

from tests.simulation.bugs import PLANTED
from tests.simulation.campaign import many, one, report, shrunk
from tests.simulation.life import Life, lived
from tests.simulation.machine import DEFINITION, check_understood

REGRESSIONS = Path(__file__).with_name("regressions.txt")
SEED = "ci"
LIVES = 400
PARTS = 8


def known_seeds() -> list[str]:
    lines = REGRESSIONS.read_text().splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("part", range(PARTS))
def test_q1_nothing_is_lost_twice_or_late_in_lives_with_faults(part: int) -> None:
    figures = many(f"{SEED}:{number}" for number in range(part, LIVES, PARTS))

    assert figures.violations == []
    assert figures.lives == LIVES // PARTS
    assert figures.lives_without_fault == 0
    assert figures.transitions > figures.disputes > 0
    assert 0 < figures.lateness <= 120
    assert figures.lateness_unwatched <= 120


@pytest.mark.parametrize("seed", known_seeds())
def test_q1_what_broke_once_holds_now(seed: str) -> None:
    life, violation = one(seed)

    assert violation is None, "\n".join(map(str, life.trace[-20:]))


def test_q1_every_kind_of_fault_and_of_ending_is_met() -> None:
    figures = many(f"{SEED}:{number}" for number in range(200))

    assert len(figures.faults) == 10
    assert {"AGREED_REFUND_WITH_RETURN", "CANCELLED_NO_EVIDENCE", "DECIDED_PARTIAL"} <= set(figures.endings)
    assert figures.unwatched > 0


def test_q1_the_same_seed_is_the_same_life() -> None:
    first, second = (one(f"{SEED}:7")[0] for _ in range(2))

    assert list(map(str, first.trace)) == list(map(str, second.trace))
    assert first.gate.fired == second.gate.fired != []


def test_q1_the_same_seed_is_the_same_life_in_another_process() -> None:
    command = [sys.executable, "-m", "tests.simulation", "--seed", f"{SEED}:7", "--lives", "1", "--jobs", "1"]
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    trace = "\n".join(map(str, one(f"{SEED}:7")[0].trace))

    assert trace in told


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_q1_a_planted_bug_is_caught(plant: Callable[[Life], None]) -> None:
    failures = many((f"planted:{number}" for number in range(150)), plant).violations

    kinds = {failure.split("  ")[1].split(":")[0] for failure in failures}
    assert kinds & PLANTED[plant], kinds


def test_q1_a_failure_prints_its_seed_and_a_trace_that_fails_by_itself() -> None:
    plant = next(iter(PLANTED))
    failure = many((f"planted:{number}" for number in range(150)), plant).violations[0]
    seed, kind = failure.split("  ")[0], failure.split("  ")[1].split(":")[0]

    plan = one(seed, plant)[0].plan
    small, shown = shrunk(plan, kind, plant)
    told = report(seed, plant)

    assert f"seed {seed}: {kind}" in told
    assert f"make simulate SEED={seed} LIVES=1" in told
    assert (len(small.faults), len(small.actors)) <= (len(plan.faults), len(plan.actors))
    _, again = lived(small, plant)
    assert again is not None
    assert again.kind == kind
    assert str(shown.trace[-1]) in told


def test_q1_the_machine_of_the_simulator_is_the_one_that_is_deployed() -> None:
    check_understood(DEFINITION)
    for name, state in DEFINITION["States"].items():
        changed = deepcopy(DEFINITION)
        changed["States"][name] = {**state, "Assign": {}}
        with pytest.raises(NotImplementedError):
            check_understood(changed)


def test_q1_a_waiting_state_without_its_condition_stops_the_simulator() -> None:
    changed = deepcopy(DEFINITION)
    del changed["States"]["AwaitEvidence"]["Parameters"]["ConditionExpression"]

    with pytest.raises(NotImplementedError):
        check_understood(changed)
