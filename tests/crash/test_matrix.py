"""Q2: whichever call a fault strikes, and however, everything comes to the end that it has without one.

`CRASH_MATRIX=whole` runs every kind of fault at every call; without it each call meets one kind, in rotation.
"""

import os
from collections import Counter

import pytest

from tests.crash.flows import FLOWS
from tests.crash.matrix import COUNTS, cell, faults, right_run
from tests.crash.steps import Flow
from tests.crash.wire import Mode
from tests.crash.world import Kept, World

pytestmark = pytest.mark.verify
WHOLE = os.environ.get("CRASH_MATRIX") == "whole"


@pytest.fixture(scope="module")
def empty(world: World) -> Kept:
    """A world in which nothing has happened."""
    return world.keep()


@pytest.mark.parametrize("number", range(len(FLOWS)), ids=[flow.name for flow in FLOWS])
def test_q2_a_fault_at_any_call_changes_nothing_in_the_end(world: World, empty: Kept, number: int) -> None:
    flow: Flow = FLOWS[number]
    right = right_run(world, flow, empty)
    tried = [cell(world, right, fault, to_the_end=WHOLE) for fault in faults(right, number, whole=WHOLE)]
    wrong = [one for one in tried if one.differences]
    COUNTS.update(
        flows=1,
        calls=len(right.calls),
        cells=len(tried),
        differing=len(wrong),
        twice=sum(one.twice for one in tried),
    )
    assert not wrong, "\n".join(str(one) for one in wrong)


def test_q2_the_bounded_part_meets_every_call_and_every_kind_of_fault(world: World, empty: Kept) -> None:
    met: Counter[str] = Counter()
    for number, flow in enumerate(FLOWS[:6]):
        right = right_run(world, flow, empty)
        bounded = list(faults(right, number, whole=False))
        assert [fault.at for fault in bounded] == list(range(1, len(right.calls) + 1))
        met.update(fault.mode for fault in bounded)
    assert len(met) == len(Mode) == 7
