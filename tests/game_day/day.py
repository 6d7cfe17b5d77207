"""A game day: the stack, what watches over it all day, and one failure after the other with what was measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from buyer_protection.domain.timeline import instant
from infra.alarms.rows import AlarmRow
from infra.alarms.table import ROWS
from local.client import BACKEND, Client, Response
from local.state import StackInfo
from ops.__main__ import DONE
from tests.e2e.case import Case
from tests.e2e.waiting import T, until, utc_now
from tests.e2e.watching import Watch
from tests.e2e.world import World
from tests.game_day.metrics import Counted, Metrics
from tests.game_day.pages import Follower, Operate

# Q36.
BOUND_SECONDS = 300
WHOLE_SECONDS = 300
DEADLINE_SECONDS = 120
_LOOK_SECONDS = 1.0
WHY = ("--why", "game day")


class CountingClient(Client):
    """A client that keeps what people's API answered, of which the emulator has no metric."""

    def __init__(self, stack: StackInfo, counted: Counted) -> None:
        super().__init__(stack)
        self._counted = counted

    def call(self, who: str, method: str, path: str, **options: Any) -> Response:
        answer = super().call(who, method, path, **options)
        if who != BACKEND:
            self._counted.answers.append((utc_now(), answer.status))
        return answer


@dataclass
class Measured:
    """One row of the table."""

    failure: str
    alarm: str
    caused: str
    to_metric: float = 0.0
    value: float = 0.0
    threshold: float = 0.0
    rest: float = 0.0
    settles: float = 0.0
    commands: list[str] = field(default_factory=list)
    to_whole: float = 0.0


@dataclass(frozen=True)
class Failure:
    """One of the twelve: its name, the alarm that is its own, how it is caused here, further sections of the runbook
    that its own leads to, and what is done."""

    name: str
    alarm: str
    caused: str
    further: tuple[str, ...]
    play: Callable[[Incident], None]
    # Up to here, the metric's value means nothing; nor does it before so many seconds have passed.
    rest: float = 0.0
    settles: float = 0.0


@dataclass
class Incident:
    """A failure that is under way: `broke`, then `moves`, then the page's steps by `page`, then `whole`."""

    world: World
    metrics: Metrics
    page: Follower
    operate: Operate
    watch: Watch
    measured: Measured
    _since: datetime | None = None
    _repair_began: float = 0.0

    @property
    def row(self) -> AlarmRow:
        found = ROWS[self.measured.alarm]
        assert isinstance(found, AlarmRow)
        return found

    def opened(self, number: int = 1) -> list[Case]:
        """Cases whose dates and ends are looked at until the day is over."""
        made = [Case.opened(self.world) for _ in range(number)]
        self.watch.cases = [*self.watch.cases, *made]
        return made

    def left_alone(self) -> Case:
        """A case whose execution is killed while the sweeper is dead: its dates are late as long as both are away."""
        made = Case.opened(self.world)
        self.watch.left = [*self.watch.left, made]
        return made

    def settled(self) -> Case:
        """A case that ends with a refund of everything."""
        (case,) = self.opened()
        case.act("seller", "accept-request")
        return case

    def broke(self) -> None:
        """From this instant on the metric is read."""
        self._since = utc_now()

    def moves(self, poke: Callable[[], object] = lambda: None) -> None:
        """The alarm's own metric leaves its rest within the bound; `poke` is what people and clocks do meanwhile."""
        assert self._since is not None, "nothing is broken yet"
        rest = self.row.threshold if self.row.below else self.measured.rest

        def moved() -> bool:
            poke()
            if (utc_now() - since).total_seconds() < self.measured.settles:
                return False
            self.measured.value = self.metrics.value(self.row, since)
            return self.measured.value < rest if self.row.below else self.measured.value > rest

        since = self._since
        until(f"the metric of {self.row.name} moves", moved, BOUND_SECONDS)
        self.measured.to_metric = (utc_now() - since).total_seconds()
        self.measured.threshold = self.row.threshold
        self._repair_began = time.monotonic()

    def whole(self, what: str, condition: Callable[[], T]) -> T:
        """What must be right again."""
        found = until(what, condition, WHOLE_SECONDS)
        self.measured.to_whole = time.monotonic() - self._repair_began
        return found

    def nothing_is_late(self) -> bool:
        """Whether no case of this day is overdue and no queue has given anything up, by the commands themselves."""
        late = self.operate("cases", "list", "--overdue", "--since", instant(self.watch.begun))
        return late == self.operate("queues", "list") == DONE


@dataclass
class Day:
    """All that is played on one stack."""

    world: World
    operate: Operate
    counted: Counted = field(default_factory=Counted)
    watch: Watch = field(default_factory=lambda: Watch([]))
    rows: list[Measured] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world.client = CountingClient(self.world.stack, self.counted)

    def play(self, failure: Failure) -> Measured:
        """Break, watch, follow, check. AssertionError where any of it does not hold."""
        measured = Measured(
            failure.name, failure.alarm, failure.caused, rest=failure.rest, settles=failure.settles
        )
        page = Follower.of_alarms(self.operate, failure.alarm, *failure.further)
        metrics = Metrics(self.world, self.counted)
        incident = Incident(self.world, metrics, page, self.operate, self.watch, measured)
        failure.play(incident)
        measured.commands = page.done
        assert page.done, f"nothing of {failure.alarm}'s page was done"
        self.rows.append(measured)
        return measured


def table_of(rows: Sequence[Measured]) -> str:
    """The rows as a table of Markdown."""
    lines = [
        "| failure | alarm | metric after | its value (red at) | done, by the page | whole after |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        alarm = f"[{row.alarm}](runbook.md#{row.alarm.lower()})"
        lines.append(
            f"| {row.failure} | {alarm} | {row.to_metric:.0f} s | {row.value:g} ({row.threshold:g}) | "
            f"{'; '.join(row.commands)} | {row.to_whole:.0f} s |"
        )
    return "\n".join(lines)
