"""Brings the racing processes together, round after round, and counts who won."""

from __future__ import annotations

import multiprocessing
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.races.ground import BrokenError, Scene
from tests.races.runner import Racer, Result, Shared, serve
from tests.races.variant import AT_ONCE, Mode, Variant
from tests.races.variants import VARIANTS

ANSWER_SECONDS = 60.0


@dataclass
class Tally:
    """How the rounds of one variant went. `lost` counts the answers of the losers by code."""

    variant: str
    rounds: int = 0
    winners: Counter[str] = field(default_factory=Counter)
    by_mode: dict[str, Counter[str]] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


class Meeting:
    """The processes, and what they are asked."""

    def __init__(self, pipes: Sequence[Any], shared: Shared) -> None:
        self._pipes, self._shared = pipes, shared

    def race(self, name: str, rounds: int, progress: Callable[[str], None] = lambda _line: None) -> Tally:
        """So many rounds of one variant, its modes in turn."""
        variant, tally = VARIANTS[name], Tally(name)
        for first in range(0, rounds, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, rounds))
            scenes = self._all("prepare", name, [(number,) for number in numbers])
            played = []
            for number, found in zip(numbers, scenes, strict=True):
                mode = variant.modes[number % len(variant.modes)]
                played.append((found, mode, self._round(variant, found, mode)))
            for play, verdict in zip(played, self._all("judge", name, played, may_fail=True), strict=True):
                count(tally, *play, verdict)
            progress(f"{name}: {tally.rounds} of {rounds}")
        return tally

    def create_table(self) -> None:
        self._all("create_table", "", [()])

    def _round(self, variant: Variant, found: Scene, mode: Mode) -> list[Result]:
        self._shared.hour.value = found.hour + mode.offset
        self._shared.ticks.value = mode.ticks
        racers: list[Racer] = variant.racers(found, mode)
        asked = [((racer,), {"gated": mode.gated}) for racer in racers]
        results: list[Result] = self._all("race", variant.name, asked)
        return results

    def _all(
        self, method: str, variant: str, arguments: Iterable[tuple[Any, ...]], *, may_fail: bool = False
    ) -> list[Any]:
        """Ask one process each, at the same time; their answers in order."""
        asked = list(zip(self._pipes, arguments, strict=False))
        for pipe, argument in asked:
            pipe.send((method, variant, argument))
        answers = []
        for pipe, _ in asked:
            if not pipe.poll(ANSWER_SECONDS):
                raise TimeoutError(f"{variant}: no answer to {method}")
            answers.append(pipe.recv())
        for answer in answers:
            if isinstance(answer, BaseException) and not (may_fail and isinstance(answer, AssertionError)):
                raise answer
        return answers


def count(tally: Tally, found: Scene, mode: Mode, results: list[Result], verdict: str | BrokenError) -> None:
    """Enter a round into its tally."""
    tally.rounds += 1
    tally.lost.update(str(result.code) for result in results if result.status >= 300)
    if isinstance(verdict, AssertionError):
        tally.violations.append(f"{mode.name}, {found.order_id} {found.dispute_id}: {verdict}")
        return
    tally.winners[verdict] += 1
    tally.by_mode.setdefault(mode.name, Counter())[verdict] += 1


def _tick(hour: Any, ticks: Any) -> None:
    """What the gate does before it opens: time passes between reading and writing."""
    hour.value += ticks.value


@contextmanager
def meeting(endpoint: str) -> Iterator[Meeting]:
    """Eight fresh processes on a table of their own; the table goes with the emulator."""
    spawn = multiprocessing.get_context("spawn")
    hour, ticks = spawn.Value("q", 0), spawn.Value("q", 0)
    shared = Shared(hour, ticks, spawn.Barrier(AT_ONCE), spawn.Barrier(AT_ONCE, partial(_tick, hour, ticks)))
    table = f"races-{secrets.token_hex(4)}"
    pairs = [spawn.Pipe() for _ in range(AT_ONCE)]
    processes = [
        spawn.Process(target=serve, args=(theirs, shared, endpoint, table), daemon=True)
        for _, theirs in pairs
    ]
    for process, (_, theirs) in zip(processes, pairs, strict=True):
        process.start()
        # Ours is the only end left on this side: of a process that dies we hear at once.
        theirs.close()
    try:
        gathered = Meeting([ours for ours, _ in pairs], shared)
        gathered.create_table()
        yield gathered
        for ours, _ in pairs:
            ours.send(None)
        for process in processes:
            process.join(ANSWER_SECONDS)
    finally:
        for process in processes:
            process.kill()
