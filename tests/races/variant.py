"""What a race is: its racers, the instant and how it is met, and who may win."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from bench import scene
from tests.races import ground
from tests.races.ground import BEGINNING, Scene
from tests.races.runner import Racer, Result, Stage

AT_ONCE = 8
CLOCK = "clock"
SWEEPER = "sweeper"


@dataclass(frozen=True)
class Mode:
    """How a round's instant is met: where the clock stands (ms from it), how far the persons' clocks lag behind it,
    whether all that was read is written at once (`gated`), and how far the gate moves the clock."""

    name: str
    offset: int = 0
    lag: int = 0
    gated: bool = False
    ticks: int = 0


TIMED = (
    Mode("1 ms before", offset=-1),
    Mode("at the instant"),
    Mode("1 ms after", offset=1),
    Mode("clocks apart", lag=1),
    Mode("clocks apart, written at once", lag=1, gated=True),
    Mode("read before, written after", offset=-1, gated=True, ticks=1),
)
UNTIMED = (Mode("at once"), Mode("written at once", gated=True))


class Variant(ABC):
    """One kind of race. `prepare` and `judge` run in the racing processes, side by side."""

    name: ClassVar[str]
    modes: ClassVar[tuple[Mode, ...]] = UNTIMED
    beginning: ClassVar[datetime] = BEGINNING

    def prepare(self, stage: Stage, number: int) -> Scene:
        """The scene of a round. Rounds are a minute apart."""
        order_id = f"order-{secrets.token_hex(8)}"
        return self.scene(stage, order_id, self.beginning + timedelta(minutes=number))

    @abstractmethod
    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        """Everything as it is before the race."""

    @abstractmethod
    def calls(self, found: Scene) -> Sequence[Racer]:
        """The AT_ONCE racers."""

    @abstractmethod
    def judge(self, stage: Stage, found: Scene, mode: Mode, results: Sequence[Result]) -> str:
        """Who won. Raises BrokenError where more or less than one did, or where anything else is not as it must be."""

    def racers(self, found: Scene, mode: Mode) -> list[Racer]:
        """The calls of a round, with the persons' clocks behind where the mode says so."""
        return [
            replace(racer, waits=bool(mode.ticks))
            if racer.name in (CLOCK, SWEEPER)
            else replace(racer, skew=-mode.lag)
            for racer in self.calls(found)
        ]


def person(name: str, action: str, who: str, body: Any, **path: str) -> Racer:
    """A call by the edge, with an Idempotency-Key of its own."""
    return Racer(name, action, scene.event_of(action, who, body, **path))


def clock(found: Scene) -> Racer:
    """The execution's own step."""
    return Racer(CLOCK, "close_window", ground.alarm(found.dispute_id))


def several(make: Callable[[], Racer], times: int = AT_ONCE // 2) -> list[Racer]:
    return [make() for _ in range(times)]
