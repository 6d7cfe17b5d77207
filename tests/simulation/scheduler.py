"""One heap of what is to happen, and the one clock that moves from each to the next."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from buyer_protection.domain.timeline import whole_ms
from tests.support.fakes import FixedClock

MILLISECOND = timedelta(milliseconds=1)


@dataclass(order=True, slots=True)
class Event:
    """Something that happens at an instant; at the same instant, what was planned first comes first."""

    at: datetime
    order: int
    name: str = field(compare=False)
    run: Callable[[], None] = field(compare=False)


class Scheduler:
    """Plans events and runs them. `watch` is called before each, with the instant the clock is about to move to."""

    def __init__(self, clock: FixedClock, watch: Callable[[datetime], None]) -> None:
        self.clock = clock
        self.steps = 0
        self._watch = watch
        self._heap: list[Event] = []
        self._numbers = count()

    def plan(self, at: datetime, name: str, run: Callable[[], None]) -> None:
        """At that instant, in whole milliseconds and never before now."""
        whole = whole_ms(at)
        due = whole if whole >= at else whole + MILLISECOND
        heapq.heappush(self._heap, Event(max(due, self.clock.at), next(self._numbers), name, run))

    def plan_in(self, seconds: float, name: str, run: Callable[[], None]) -> None:
        self.plan(self.clock.at + timedelta(seconds=seconds), name, run)

    def next_at(self) -> datetime | None:
        return self._heap[0].at if self._heap else None

    def step(self) -> bool:
        """Run the next event; False where there is none."""
        if not self._heap:
            return False
        event = heapq.heappop(self._heap)
        self._watch(event.at)
        self.clock.at = event.at
        self.steps += 1
        event.run()
        return True

    def run_until(self, until: datetime) -> None:
        """Everything up to that instant, which is then the present: what others do while a process is slow."""
        while self._heap and self._heap[0].at <= until:
            self.step()
        self._watch(max(until, self.clock.at))
        self.clock.at = max(until, self.clock.at)
