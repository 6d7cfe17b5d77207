"""How long a change may be tried again: one budget for the loop "load, decide, commit" and for the store's own retries.

The runtime says when the function ends; a budget ends early enough for one last attempt and the answer.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Seconds that the attempts of one change may take together, the pauses between them included.
BUDGET_SECONDS = 3.0
# Kept of the function's time for an attempt that begins at the very end (botocore repeats its read and its write once,
# after a second at most) and for the answer.
RESERVE_SECONDS = 3.0
FIRST_PAUSE_SECONDS = 0.04
LONGEST_PAUSE_SECONDS = 0.5


class RetryBudget:
    """What is left for retries, from now on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._begun = time.monotonic()
        self._waited = 0.0
        self._retries = 0

    def wait(self) -> bool:
        """Pause before another attempt, each time longer, with full jitter. False, at once, where nothing is left."""
        longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**self._retries)
        pause = random.uniform(0, longest)  # noqa: S311 - jitter, not a secret
        self._retries += 1
        self._waited += pause
        # The pauses count by themselves too, so that attempts are bounded also where nothing takes any time.
        if max(self._waited, time.monotonic() - self._begun + pause) > self._seconds:
            return False
        time.sleep(pause)
        return True


_function_ends: ContextVar[float | None] = ContextVar("function_ends", default=None)
_budget: ContextVar[RetryBudget | None] = ContextVar("retry_budget", default=None)


@contextmanager
def function_ends_in(seconds: float | None) -> Iterator[None]:
    """While this lasts, no budget goes beyond the function's end; None where nobody knows it."""
    token = _function_ends.set(None if seconds is None else time.monotonic() + seconds)
    try:
        yield
    finally:
        _function_ends.reset(token)


@contextmanager
def retry_budget() -> Iterator[RetryBudget]:
    """The budget of one change: whoever retries meanwhile on this thread shares it."""
    budget = current_budget()
    token = _budget.set(budget)
    try:
        yield budget
    finally:
        _budget.reset(token)


def current_budget() -> RetryBudget:
    """The budget of the change that is being made; a new one where there is none."""
    return _budget.get() or RetryBudget(_seconds_allowed())


def _seconds_allowed() -> float:
    ends = _function_ends.get()
    if ends is None:
        return BUDGET_SECONDS
    return min(BUDGET_SECONDS, ends - time.monotonic() - RESERVE_SECONDS)
