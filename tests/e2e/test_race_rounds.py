"""Q3 in small: a few rounds of every race, by the real handlers in eight processes on the stack's own emulator."""

from __future__ import annotations

import pytest

from tests.e2e.world import World
from tests.races.meeting import meeting
from tests.races.variants import VARIANTS

pytestmark = [pytest.mark.usefixtures("quiet"), pytest.mark.verify]
ROUNDS = 12


def test_r12_r14_r15_r16_r22_r24_r28_however_a_race_goes_exactly_one_wins(world: World) -> None:
    """Persons, clock and sweeper at the same instant and at the same state: no gap, one refund, one epoch on."""
    with meeting(world.workspace.endpoint_url) as gathered:
        tallies = [gathered.race(name, ROUNDS) for name in VARIANTS]
    assert [tally.violations for tally in tallies] == [[]] * len(VARIANTS)
    assert {tally.rounds for tally in tallies} == {ROUNDS}
    assert all(sum(tally.winners.values()) == ROUNDS for tally in tallies)
