"""What goes wrong in a life, and the gate in front of every port where it does."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar
from zlib import crc32

from tests.simulation.scheduler import MILLISECOND, Scheduler

T = TypeVar("T")


class Kind(StrEnum):
    """The kinds of fault (Q1)."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    THROTTLE = "throttle"
    LOST_ANSWER = "lost answer"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    DELAY = "delay"
    KILL = "execution killed"
    MACHINE_DOWN = "machine down"
    SWEEPER_DOWN = "sweeper down"
    BUS_DOWN = "bus down"
    QUEUE_DOWN = "queues down"
    SILENT = "never answers"
    SLOW = "answers after 30 s"


AT_A_CALL = (Kind.CRASH_BEFORE, Kind.CRASH_AFTER, Kind.THROTTLE, Kind.LOST_ANSWER)
AT_A_DELIVERY = (Kind.DELAY, Kind.DUPLICATE, Kind.REORDER)
FOR_A_WHILE = (Kind.KILL, Kind.MACHINE_DOWN, Kind.SWEEPER_DOWN)
# A service that refuses everything for a while, and the ports that lead to it.
SERVICES = {Kind.BUS_DOWN: ("bus",), Kind.QUEUE_DOWN: ("queue", "late")}
# A service that accepts and never answers, or only when its caller has given up: the ports that lead to each (Q31).
UNANSWERED = (Kind.SILENT, Kind.SLOW)
SLOW_SERVICES = {
    "Step Functions": ("executions",),
    "SES": ("transport",),
    "SQS": ("queue", "late", "webhooks"),
    "EventBridge": ("bus",),
    "S3": ("files",),
}
# As `adapters/aws/clients.py` waits in the background, and how late an answer comes that comes at all.
TIME_OUT = timedelta(seconds=2)
ANSWERS_AFTER = 30.0
# What may reach the other side twice, be it that a client's own retry meets what its first try did. A transaction may
# not: its token makes the second try nothing.
REPEATABLE = frozenset(
    {
        "executions.start",
        "executions.wake",
        "queue.enqueue",
        "late.put",
        "bus.publish",
        "outbox.add",
        "outbox.leave_to_sweeper",
        "outbox.settle",
        "outbox.lease",
        "refunds.note_asked",
        "sellers.count",
        "timer.park",
        "timers.next_generation",
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """`place` names the very call or delivery (`reader executions.wake #2`); `after` and `seconds` are seconds from the
    life's beginning, and how long."""

    kind: Kind
    place: str = ""
    after: float = 0
    seconds: float = 0
    service: str = ""

    def __str__(self) -> str:
        where = f" at {self.place}" if self.place else f" {self.after:.3f} s after the beginning"
        who = f"{self.service} " if self.service else ""
        return f"{who}{self.kind}{where}{f', for {self.seconds:.3f} s' if self.seconds else ''}"


class CrashError(BaseException):
    """The process dies here. No code of the product can catch it."""


class ThrottledError(Exception):
    """The service refused; nothing was done."""


class LostAnswerError(Exception):
    """The service did it, and nobody heard the answer."""


class TimedOutError(Exception):
    """Nothing was heard for as long as the client waits; whether it was done, nobody knows."""


# What a caller sees of a broken service or process.
BREAKDOWNS = (CrashError, ThrottledError, LostAnswerError, TimedOutError)


@dataclass(frozen=True, slots=True)
class Running:
    """A process at work, and the case it works on where there is one."""

    process: str
    dispute_id: str | None


class Gate:
    """Every call of a port passes here: it is counted, may meet others' turn, may meet its fault."""

    def __init__(
        self,
        seed: str,
        faults: Sequence[Fault],
        schedule: Scheduler,
        log: Callable[[str, str], None],
        struck: Callable[[Running, Fault], None],
        settle: Callable[[], None],
    ) -> None:
        self.seen: list[str] = []
        self.fired: list[Fault] = []
        # Where somebody wants to play the calls again: each that was made, and what became of it.
        self.record: Callable[[str, str, partial[Any]], Any] = lambda _port, _method, run: run()
        self._down: dict[str, datetime] = {}
        self._unanswered: dict[str, tuple[datetime, Fault]] = {}
        # How often something was asked in vain, by port and method.
        self.in_vain: Counter[str] = Counter()
        # When something was asked of each port, whatever came of it.
        self.asked: defaultdict[str, list[datetime]] = defaultdict(list)
        self._faults = {fault.place: fault for fault in faults if fault.place}
        self._seed, self._schedule = seed, schedule
        self._log, self._struck, self._settle = log, struck, settle
        self._counts: Counter[str] = Counter()
        self._running: list[Running] = []

    @contextmanager
    def running(self, process: str, dispute_id: str | None = None) -> Iterator[None]:
        """Who makes the calls from here on."""
        self._running.append(Running(process, dispute_id))
        try:
            yield
        finally:
            self._running.pop()

    def fire(self, fault: Fault) -> None:
        """Note that a fault took place."""
        self.fired.append(fault)
        self._log("fault", str(fault))
        if self._running:
            self._struck(self._running[-1], fault)

    def take_down(self, ports: Sequence[str], until: datetime) -> None:
        """Nobody gets through to these until then."""
        self._down.update((port, max(until, self._down.get(port, until))) for port in ports)

    def silence(self, fault: Fault, until: datetime) -> None:
        """Nobody hears from that service until then."""
        self._unanswered.update((port, (until, fault)) for port in SLOW_SERVICES[fault.service])

    def _is_unanswered(self, port: str) -> Fault | None:
        # Links to files are signed without asking anybody.
        if port == "files" and self._running[-1].process != "uploads":
            return None
        self.asked[port].append(self._schedule.clock.at)
        until, fault = self._unanswered.get(port, (None, None))
        return fault if until is not None and self._schedule.clock.at < until else None

    def _wait_in_vain(self, what: str, fault: Fault, run: Callable[[], T]) -> None:
        """What the caller's time-out costs everybody: time. A late answer's effect comes once it has given up."""
        running = self._running[-1]
        self.in_vain[what] += 1
        if fault.kind is Kind.SLOW:
            self._schedule.plan_in(ANSWERS_AFTER, "late effect", lambda: self._late(what, run))
        # No leniency for the sweeper: it has to come to its deadlines all the same.
        if running.process != "sweeper":
            self._struck(running, fault)
        self._schedule.run_until(self._schedule.clock.at + TIME_OUT)
        raise TimedOutError(what)

    def _late(self, what: str, run: Callable[[], T]) -> None:
        with self.running("late effect"), suppress(Exception):
            run()
            self._settle()

    def delivery(self, what: str, dispute_id: str | None = None) -> Fault | None:
        """The fault that meets this delivery, if any."""
        place = self._place(f"{what} delivery")
        fault = self._faults.get(place)
        if fault is not None:
            with self.running(what, dispute_id):
                self.fire(fault)
        return fault

    def call(self, port: str, method: str, run: Callable[[], T]) -> T:
        """One call of a port by whoever is running."""
        what = f"{port}.{method}"
        place = self._place(f"{self._running[-1].process} {what}")
        self._let_others_in(place)
        fault = self._faults.get(place)
        if self._schedule.clock.at < self._down.get(port, self._schedule.clock.at):
            raise ThrottledError(what)
        unanswered = self._is_unanswered(port)
        if unanswered is not None:
            self._wait_in_vain(what, unanswered, run)
        if fault is None:
            result = run()
            self._settle()
            return result
        self.fire(fault)
        if fault.kind is Kind.CRASH_BEFORE:
            raise CrashError
        if fault.kind is Kind.THROTTLE:
            raise ThrottledError(what)
        result = run()
        if fault.kind is Kind.DUPLICATE and what in REPEATABLE:
            result = run()
        self._settle()
        if fault.kind is Kind.CRASH_AFTER:
            raise CrashError
        if fault.kind is Kind.LOST_ANSWER:
            raise LostAnswerError(what)
        return result

    def _place(self, what: str) -> str:
        self._counts[what] += 1
        place = f"{what} #{self._counts[what]}"
        self.seen.append(place)
        return place

    def _let_others_in(self, place: str) -> None:
        """Now and then a process is slow, and whatever is due in the meantime happens before its call."""
        dice = crc32(f"{self._seed}/{place}".encode())
        if len(self._running) > 1 or dice % 100 >= 6:
            return
        milliseconds = (0, 1, 300, 2_000, 20_000)[dice // 100 % 5]
        self._schedule.run_until(self._schedule.clock.at + milliseconds * MILLISECOND)


class Gated:
    """A port behind the gate."""

    def __init__(self, name: str, port: Any, gate: Gate) -> None:
        self._name, self._port, self._gate = name, port, gate

    def __getattr__(self, method: str) -> Any:
        inner = getattr(self._port, method)

        def through(*args: Any, **named: Any) -> Any:
            run = partial(inner, *args, **named)
            return self._gate.call(self._name, method, lambda: self._gate.record(self._name, method, run))

        setattr(self, method, through)
        return through
