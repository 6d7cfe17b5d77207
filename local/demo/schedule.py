"""Runs many scripts side by side. A script is a generator: it yields the instant at which it wants to go on.

Nobody sleeps in a script, so that a few workers carry hundreds of cases.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

Script: TypeAlias = Generator[datetime, None, None]
Failures: TypeAlias = dict[str, BaseException]


def utc_now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


@dataclass
class Scheduler:
    """Carries scripts to their ends, at most `workers` of them acting at the same time."""

    workers: int
    now: Callable[[], datetime] = utc_now
    on_wait: Callable[[str, datetime], None] = lambda _name, _until: None
    _heap: list[tuple[datetime, int, str, Script]] = field(default_factory=list)
    _turn: threading.Condition = field(default_factory=threading.Condition)
    _busy: int = 0
    _count: int = 0
    _failures: Failures = field(default_factory=dict)

    def run(self, scripts: Mapping[str, Script]) -> Failures:
        """Run them all; returns what the failed ones raised, by name. An interrupt leaves the waiting ones."""
        start = self.now()
        for name, script in scripts.items():
            self._push(start, name, script)
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="script")
        try:
            while self._start_next(pool):
                pass
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return self._failures

    def _push(self, when: datetime, name: str, script: Script) -> None:
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, name, script))

    def _start_next(self, pool: ThreadPoolExecutor) -> bool:
        """Hand the next due script to a worker, waiting until one is due; False once nothing is left."""
        with self._turn:
            while True:
                if not self._heap and not self._busy:
                    return False
                wait: float | None = None
                if self._heap and self._busy < self.workers:
                    wait = (self._heap[0][0] - self.now()).total_seconds()
                    if wait <= 0:
                        break
                # Never longer than this without looking, so that an interrupt is taken at once.
                self._turn.wait(0.5 if wait is None else min(wait, 0.5))
            _, _, name, script = heapq.heappop(self._heap)
            self._busy += 1
        pool.submit(self._step, name, script).add_done_callback(self._done)
        return True

    def _step(self, name: str, script: Script) -> None:
        try:
            until = next(script)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 - one failed script keeps no other back
            self._failures[name] = error
            return
        self.on_wait(name, until)
        with self._turn:
            self._push(until, name, script)

    def _done(self, _future: Future[None]) -> None:
        with self._turn:
            self._busy -= 1
            self._turn.notify()
