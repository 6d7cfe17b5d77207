"""How fast this machine is, and how long a day of the policy must therefore be.

A window must end because nobody acted in it, not because the calls in it took longer than the window does. Calls are
mostly Python, so a piece of Python that is always the same says how much slower than usual they will be.
"""

from __future__ import annotations

import math
import statistics
import time

# The piece of work takes this long where a day of three seconds is comfortable for everything that runs at once.
_USUAL_SECONDS = 0.14
_ADDITIONS = 2_000_000
_TAKES = 5
_USUAL_DAY_SECONDS = 3
# Beyond this the tests would not end in CI's time; they fail then, and the machine is the reason.
_SLOWEST = 4.0


def _seconds_of_a_take() -> float:
    begun = time.perf_counter()
    total = 0
    for number in range(_ADDITIONS):
        total += number
    return time.perf_counter() - begun


def _slowness() -> float:
    taken = statistics.median(_seconds_of_a_take() for _ in range(_TAKES))
    return min(max(taken / _USUAL_SECONDS, 1.0), _SLOWEST)


# How many times as long as usual everything takes here, 1 at least; known once per run.
SLOWNESS = _slowness()
DAY_SECONDS = math.ceil(_USUAL_DAY_SECONDS * SLOWNESS)


def patience(seconds: float) -> float:
    """So long is waited here for what takes less than `seconds` on a usual machine. Not for promises to people."""
    return seconds * SLOWNESS
