"""One budget for everything that is tried again in one change; it ends before the function does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from buyer_protection.application.changes import retry_on_conflict
from buyer_protection.application.ports import retries
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.retries import (
    BUDGET_SECONDS,
    LONGEST_PAUSE_SECONDS,
    RESERVE_SECONDS,
    RetryBudget,
    current_budget,
    function_ends_in,
    retry_budget,
)
from buyer_protection.domain.errors import ContentionError


class FakeTime:
    """What the budget takes for the time: it passes while somebody sleeps or works."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr(retries, "time", fake)
    return fake


def beaten(time: FakeTime, seconds: float) -> Callable[[], None]:
    """An attempt that takes so long, and always comes second."""

    def attempt() -> None:
        time.now += seconds
        raise ConflictingWriteError

    return attempt


def given_up_after(time: FakeTime, seconds: float) -> float:
    begun = time.now
    with pytest.raises(ContentionError):
        retry_on_conflict(beaten(time, seconds))
    return time.now - begun


def test_a_change_that_is_always_beaten_gives_up_within_three_seconds(time: FakeTime) -> None:
    assert BUDGET_SECONDS - 0.6 < given_up_after(time, 0.01) <= BUDGET_SECONDS + 0.01


@pytest.mark.parametrize("left", [10.0, 6.0, 4.5, 3.5, 2.0])
def test_it_gives_up_with_the_reserve_to_spare_where_the_function_ends_sooner(
    time: FakeTime, left: float
) -> None:
    with function_ends_in(left):
        took = given_up_after(time, 0.2)
    assert took <= max(left - RESERVE_SECONDS, 0) + 0.201


def test_a_function_that_is_about_to_end_tries_once(time: FakeTime) -> None:
    with function_ends_in(RESERVE_SECONDS):
        assert given_up_after(time, 0.2) == pytest.approx(0.2)
    assert time.pauses == []


def test_attempts_are_bounded_also_where_nothing_takes_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries.time, "sleep", lambda _seconds: None)
    budget = RetryBudget(BUDGET_SECONDS)
    waits = [budget.wait() for _ in range(1_000)]
    assert 5 < waits.count(True) < 100
    assert not waits[-1]


def test_pauses_grow_with_full_jitter_up_to_half_a_second(
    time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries.random, "uniform", lambda _least, most: most)
    given_up_after(time, 0)
    assert time.pauses[:5] == [0.04, 0.08, 0.16, 0.32, LONGEST_PAUSE_SECONDS]
    assert max(time.pauses) == LONGEST_PAUSE_SECONDS


def test_the_stores_retries_and_the_loop_around_them_share_one_budget(time: FakeTime) -> None:
    budgets: list[RetryBudget] = []

    def attempt() -> None:
        budgets.append(current_budget())
        while current_budget().wait():
            time.now += 0.01
        raise ConflictingWriteError

    begun = time.now
    with pytest.raises(ContentionError):
        retry_on_conflict(attempt)
    assert time.now - begun <= BUDGET_SECONDS + 0.1
    assert len(set(map(id, budgets))) == 1


def test_the_next_change_has_a_budget_of_its_own(time: FakeTime) -> None:
    with retry_budget() as first, retry_budget() as nested:
        assert nested is first
    with retry_budget() as second:
        assert second is not first
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(current_budget).result() is not second


def test_the_functions_end_is_forgotten_with_the_invocation(time: FakeTime) -> None:
    with function_ends_in(0.0):
        assert not current_budget().wait()
    assert current_budget().wait()


def test_what_comes_first_once_is_decided_on_anew(time: FakeTime) -> None:
    conflicts = [ConflictingWriteError(), ConflictingWriteError()]

    def attempt() -> str:
        if conflicts:
            raise conflicts.pop()
        return "done"

    assert retry_on_conflict(attempt) == "done"
    assert len(time.pauses) == 2
