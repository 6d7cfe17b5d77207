"""A short game day on the stack of the other tests: three of the twelve failures of `make game-day` (Q36)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Operate
from tests.e2e.watching import check_all_end_right
from tests.e2e.world import World
from tests.game_day.day import BOUND_SECONDS, Day, Failure
from tests.game_day.of_queues import OF_QUEUES
from tests.game_day.of_table import OF_TABLE

pytestmark = [pytest.mark.usefixtures("quiet"), pytest.mark.verify]

QUICK = ("DeadLettersInbound", "RefundsUnanswered", "RowsUnreadable")


@pytest.fixture
def day(world: World, operate: Operate) -> Iterator[Day]:
    usual = world.client
    yield Day(world, operate)
    world.client = usual


def test_q36_a_failure_moves_its_alarms_metric_and_its_page_brings_everything_right(day: Day) -> None:
    for failure in _chosen():
        measured = day.play(failure)
        assert 0 < measured.to_metric < BOUND_SECONDS
        assert measured.commands
    check_all_end_right(day.watch.cases)


def _chosen() -> list[Failure]:
    known = {failure.alarm: failure for failure in (*OF_QUEUES, *OF_TABLE)}
    return [known[name] for name in QUICK]
