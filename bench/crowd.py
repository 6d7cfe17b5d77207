"""Many windows that end in one second, met by the sweeper alone, in virtual time. Pure.

Where rows lie, what a round looks at and how it pages are the product's own (`keys`, `Share`, `PAGE`); how long a row
takes is assumed: most of it is waiting, and a process has one interpreter.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from dataclasses import dataclass, field

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.application.ports.timers import DueKind, Share
from buyer_protection.application.workers.sweep_round import PAGE

MINUTE = 60.0
# A round has 55 seconds, and begins no row in the last twenty (`functions/sweep_deadlines`).
ROUND_SECONDS = 35.0
# Six calls of the table and two of Step Functions; what the interpreter works for them at a memory of 1 GB.
WAIT_SECONDS, CPU_SECONDS = 0.09, 0.015
READ_SECONDS = 0.005
AT_ONCE = 8
_FIRST_SHARDS = 8


@dataclass(frozen=True, slots=True)
class Sizes:
    """A stage's `sweepers`; it has four shards for each, and the eight of before at least."""

    sweepers: int

    @property
    def shards(self) -> int:
        """`due_shards` and `due_shards_read`."""
        return max(_FIRST_SHARDS, 4 * self.sweepers)

    @property
    def windows_a_round(self) -> float:
        """How many windows all rounds of a minute meet."""
        a_row = max((WAIT_SECONDS + CPU_SECONDS) / AT_ONCE, CPU_SECONDS)
        return self.sweepers * ROUND_SECONDS / a_row


@dataclass(slots=True)
class Met:
    """How late each case's window was met, in seconds, and how often."""

    late: dict[str, float] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)


def sweep_of(sizes: Sizes, windows: int, dice: random.Random) -> Met:
    """Windows of so many cases end at one instant just after a round; rounds come until all are met."""
    written, read = keys.DueShards.written, keys.DueShards.read
    keys.DueShards.written = keys.DueShards.read = sizes.shards
    try:
        places: dict[str, list[str]] = {}
        for number in range(windows):
            case = f"dp-{dice.getrandbits(64):016x}-{number}"
            places.setdefault(keys.due_key(case), []).append(case)
        met = Met()
        for number in range(sizes.sweepers):
            mine = keys.due_keys((DueKind.DEADLINE,), Share(number, sizes.sweepers))
            _rounds({key: places.get(key, []) for key in mine}, met, dice)
        return met
    finally:
        keys.DueShards.written, keys.DueShards.read = written, read


def _rounds(places: dict[str, list[str]], met: Met, dice: random.Random) -> None:
    """The rounds of one share, each a minute after the one before."""
    began = MINUTE
    while any(places.values()):
        now, end = began, began + ROUND_SECONDS
        while now < end and any(places.values()):
            now += READ_SECONDS * len(places)
            page = sorted(case for cases in places.values() for case in cases[:PAGE])[:PAGE]
            now, done = _process(page, now, end, met, dice)
            for key, cases in places.items():
                places[key] = [case for case in cases if case not in done]
        began += MINUTE


def _process(
    page: list[str], now: float, end: float, met: Met, dice: random.Random
) -> tuple[float, set[str]]:
    """A page's rows by as many threads as there are, one of which works at a time; none is begun after the end."""
    free = [now] * AT_ONCE
    interpreter, latest, done = now, now, set()
    for case in page:
        at = heapq.heappop(free)
        if max(at, interpreter) >= end:
            break
        interpreter = max(at, interpreter) + CPU_SECONDS
        over = interpreter + dice.uniform(0.5, 1.5) * WAIT_SECONDS
        heapq.heappush(free, over)
        met.late.setdefault(case, over)
        met.times[case] += 1
        done.add(case)
        latest = max(latest, over)
    return latest, done
