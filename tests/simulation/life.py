"""One life of an order and its disputes: the real use cases, clock step, stream processor, sweeper and notifier over
the in-memory world, on one virtual clock, from one seed."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch

from buyer_protection.application.actions.context import Context
from buyer_protection.application.mails.delivery import WAITS_FOR_DIGEST, MailDelivery, deliver_mails
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.application.workers.breaker import (
    Breaker,
    GuardedBus,
    GuardedExecutions,
    GuardedMailQueue,
)
from buyer_protection.application.workers.clock import close_window, next_alarm
from buyer_protection.application.workers.dispatch import Outcome, StreamProcessor
from buyer_protection.application.workers.mediation import open_mediation
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.sweep_round import Sweeper
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import Role, Status
from buyer_protection.domain.windows import Alarm
from tests.simulation.actors import Answered, Carrier, Person, when
from tests.simulation.checks import Checks, ViolationError
from tests.simulation.ending import only_an_operator_is_awaited
from tests.simulation.faults import (
    SERVICES,
    UNANSWERED,
    CrashError,
    Fault,
    Gate,
    Gated,
    Kind,
    Running,
)
from tests.simulation.machine import Execution, Machine, Surroundings
from tests.simulation.mailing import DatedTransport, Mailing, plain
from tests.simulation.overtaken import is_overtaken
from tests.simulation.scheduler import Scheduler
from tests.simulation.shop import Shop
from tests.simulation.surroundings import Bus, Inbox, LateQueue, MailQueue, Payments, Stream
from tests.simulation.uploads import Uploads
from tests.simulation.watched import WatchedWorld
from tests.support.builders import DAY, SHIPPED, order
from tests.support.case_machine import OutdatedAlarmError
from tests.support.fakes import FixedClock, SequentialIds

MINUTE = timedelta(minutes=1)
BEGINNING = SHIPPED + 5 * DAY
HORIZON = SHIPPED + 400 * DAY
# What the sweeper's function has, less what it keeps for one row.
ROUND = timedelta(seconds=35)
ACTORS = ("BUYER", "SELLER", "CASE_MANAGER", "carrier", "shop")


@dataclass(frozen=True, slots=True)
class Plan:
    """What makes a life: its seed, its faults, who takes part, and after how many calls each person falls silent."""

    seed: str
    faults: tuple[Fault, ...] = ()
    actors: tuple[str, ...] = ACTORS
    most_calls: int = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a trace."""

    at: datetime
    who: str
    what: str

    def __str__(self) -> str:
        return f"{when(self.at)}  {self.who:<12} {self.what}"


class Life:
    """Built from a plan, run once. `plant` may bend the world before it begins: for bugs that must be caught."""

    def __init__(self, plan: Plan, plant: Callable[["Life"], None] | None = None) -> None:
        self.plan = plan
        self.trace: list[Line] = []
        self.answered: list[Answered] = []
        self.in_digests: set[tuple[str, int, Role]] = set()
        self.overtaken: set[str] = set()
        self.delivered_before: dict[str, frozenset[str]] = {}
        self.deadlines: list[datetime] = []
        self.clock = FixedClock(BEGINNING - timedelta(seconds=1))
        self.world = WatchedWorld(self.clock)
        self.checks = self.world.checks = Checks(self)
        self.schedule = Scheduler(self.clock, self.checks.before_step)
        self.gate = Gate(plan.seed, plan.faults, self.schedule, self.log, self._struck, self._settle)
        self.order_id = "order-1"
        self.sweeper_back_at = self.clock.at
        self._sweeper_down_until = self.clock.at
        self._next_sweep: datetime | None = None
        self._phase = timedelta(milliseconds=self.dice("phase").randrange(60_000))
        self.executions: Any = None
        self.machine = Machine(self.schedule, self.gate, self.dice("machine"), self._surroundings())
        self.bus = Bus(self.schedule, self.gate, self.dice("bus"))
        self.sent: list[tuple[datetime, Mapping[str, Any]]] = []
        self.transport = DatedTransport(self)
        reading = self.schedule, self.gate
        self.stream = Stream(*reading, self.dice("stream"), self._take, self._stall, self._begin)
        self.late: Any = LateQueue(*reading, self.dice("late"), self._retry, self._stall)
        self.queue = MailQueue(self.schedule, self.gate, self.dice("mail"), self._deliver)
        if plant is not None:
            plant(self)
        self._assemble()

    def dice(self, name: str) -> Random:
        """A stream of chance of its own for everybody, so that leaving one out changes no other."""
        return Random(f"{self.plan.seed}/{name}")

    # --- putting it together ----------------------------------------------------------------------------------

    def _assemble(self) -> None:
        def gated(name: str, port: Any) -> Any:
            return Gated(name, port, self.gate)

        world, breaker = self.world, Breaker(self.clock)
        cases, orders, outbox = (gated(name, getattr(world, name)) for name in ("cases", "orders", "outbox"))
        executions = GuardedExecutions(gated("executions", self.executions or self.machine), breaker)
        queue = GuardedMailQueue(gated("queue", self.queue), breaker)
        bus = GuardedBus(gated("bus", self.bus), breaker)
        self.team, switch = gated("team", world.team), gated("switch", world.switch)
        self.api = Context(cases, orders, self.clock, SequentialIds(), world.policy, self.team.has_member)
        self.processor = StreamProcessor(
            outbox=outbox,
            queue=queue,
            bus=bus,
            executions=executions,
            clock=self.clock,
            cases=cases,
            orders=orders,
            sellers=gated("sellers", world.sellers),
            retry_queue=gated("late", self.late),
            parse=lambda record: record.row,
            written_at=lambda record: record.at,
            switch=switch,
            breaker=breaker,
        )
        self.sweeper = Sweeper(
            cases,
            gated("timers", world.timers),
            gated("refunds", world.refunds),
            executions,
            queue,
            bus,
            self.clock,
            orders,
            gated("webhooks", world.webhook_queue),
            switch,
            breaker=breaker,
        )
        self._mails(gated, cases, orders, outbox)
        self.inbox = Inbox(self.schedule, self.gate, self.api)
        self.bus.leaving = self.checks.refund_leaves
        self.payments = self.bus.payments = Payments(
            self.schedule, self.gate, self.dice("payment"), self.inbox.take
        )
        self._people()

    def _mails(self, gated: Callable[[str, Any], Any], cases: Any, orders: Any, outbox: Any) -> None:
        world = self.world
        transport = Mailing(gated("transport", self.transport))
        self.files = gated("files", world.files)
        self.post = MailDelivery(
            cases,
            orders,
            outbox,
            transport,
            plain,
            self.clock,
            "https://shop.test",
            gated("addresses", world.addresses),
            gated("queue", self.queue),
            self._mailed,
        )

    def _people(self) -> None:
        kept = order()
        self.world.orders_kept[kept.order_id] = kept
        paces = {Role.BUYER: 1.5 * DAY, Role.SELLER: 2 * DAY, Role.CASE_MANAGER: 2.5 * DAY}
        self.carrier = Carrier(self, self.dice("carrier"))
        self.uploads = Uploads(self, self.dice("uploads"))
        for role, pace in paces.items():
            if role in self.plan.actors:
                Person(self, role, self.dice(role), pace, most=self.plan.most_calls).start()
        if "carrier" in self.plan.actors:
            self.carrier.start()
        if "shop" in self.plan.actors:
            Shop(self, self.dice("shop")).start()
        for fault in self.plan.faults:
            if not fault.place:
                at = BEGINNING + timedelta(seconds=fault.after)
                self.schedule.plan(at, "fault", lambda fault=fault: self._outage(fault))

    def _surroundings(self) -> Surroundings:
        def notify(alarm: Alarm) -> Alarm:
            deliver_mails(self.post, alarm.dispute_id)
            loaded = self.api.cases.load(alarm.dispute_id)
            return next_alarm(loaded.case, alarm.generation, self.clock.now()) if loaded else alarm

        functions = {
            "close_window": lambda alarm: close_window(self.api.cases, self.clock, alarm),
            "open_mediation": lambda alarm: open_mediation(
                self.api.cases, self.api.orders, self.clock, alarm
            ),
            "notify_parties": notify,
        }
        return Surroundings(self._park, functions, self._parked, self.log)

    # --- what others call -------------------------------------------------------------------------------------

    def log(self, who: str, what: str) -> None:
        self.trace.append(Line(self.clock.at, who, what))

    def committed(self, change: Change) -> None:
        """A change is about to be kept: what the trace, the carrier and the faults' choice need of it."""
        case = change.after
        for one in change.entries:
            self.log(one.actor.role, f"-> {case.dispute_id} {one.seq} {one.type} ({case.status})")
        if change.is_opening:
            arrived = (name for name, it in case.parcels.items() if it.delivered_at is not None)
            self.delivered_before[case.dispute_id] = frozenset(arrived)
        if case.deadline is not None and (change.is_opening or case.deadline != change.before.deadline):
            self.deadlines.append(case.deadline)
        if case.status is Status.RETURN_SHIPPED and change.before.status is not Status.RETURN_SHIPPED:
            self.carrier.shipped_back(case)
        if change.new_evidence is not None and change.new_evidence.files:
            self.uploads.expected(case.dispute_id, change.new_evidence)

    def open_case(self) -> Dispute | None:
        return next((case for case in self.world.cases_kept.values() if not case.is_closed), None)

    @property
    def is_over(self) -> bool:
        """Nobody will open anything any more, and everything that was opened has ended."""
        if self.open_case() is not None:
            return False
        books = self.world.ledger(self.order_id)
        kept = self.world.orders_kept[self.order_id]
        until = kept.completion_at(self.world.policy)
        spent = (
            books.finished_at is not None or books.disputes_opened >= self.world.policy.max_disputes_per_order
        )
        return spent or until is None or self.clock.at >= until or "BUYER" not in self.plan.actors

    def _park(self, dispute_id: str, token: str, epoch: int) -> None:
        kept = self.world.timers_kept[dispute_id]
        if kept.epoch != epoch:
            raise OutdatedAlarmError
        self.gate.record("timer", "park", partial(self.world.park, dispute_id, token))

    def _parked(self, run: Execution) -> None:
        if run.parked_epoch == self.world.timers_kept[run.dispute_id].epoch:
            self.checks.watch(run.dispute_id).struck = False

    def _begin(self) -> None:
        self.processor.begin()

    def _mailed(self, mail: OutboxMail, outcome: str, _code: str) -> None:
        if outcome == WAITS_FOR_DIGEST:
            self.in_digests.add((mail.dispute_id, mail.seq, mail.recipient))

    def _take(self, record: Any) -> None:
        done = self.processor.process(
            record, lambda failure: self.log("reader", f"moved to the retry queue: {failure!r}")
        )
        self._note_overtaken(record, done)

    def _retry(self, record: Any) -> None:
        self.processor.begin()
        self._note_overtaken(record, self.processor.retry(record))

    def _note_overtaken(self, record: Any, done: Outcome) -> None:
        if is_overtaken(record.row, done, self.world.cases_kept, self.bus.events):
            self.overtaken.add(record.row.dispute_id)

    def _deliver(self, dispute_id: str) -> object:
        return deliver_mails(self.post, dispute_id)

    def _stall(self, dispute_id: str) -> None:
        self.checks.watch(dispute_id).struck = True

    def _struck(self, running: Running, fault: Fault) -> None:
        if running.process == "sweeper":
            self.sweeper_back_at = max(self.sweeper_back_at, self._tick_after(self.clock.at))
        elif running.dispute_id is not None and running.process not in {"notifier", "mail queue", "bus"}:
            self.checks.watch(running.dispute_id).struck = True

    def _settle(self) -> None:
        records, self.world.stream = self.world.stream, []
        self.stream.add(records)

    # --- outages ----------------------------------------------------------------------------------------------

    def _outage(self, fault: Fault) -> None:
        self.gate.fire(fault)
        until = self.clock.at + timedelta(seconds=fault.seconds)
        if fault.kind is Kind.SWEEPER_DOWN:
            self._sweeper_down_until = self.sweeper_back_at = max(until, self.sweeper_back_at)
        elif fault.kind in SERVICES:
            self.gate.take_down(SERVICES[fault.kind], until)
            self.schedule.plan(until, "service up", lambda: None)
        elif fault.kind in UNANSWERED:
            self.gate.silence(fault, until)
        elif fault.kind is Kind.MACHINE_DOWN:
            self.machine.down_until = until
            self.schedule.plan(until, "machine up", lambda: None)
        else:
            for run in [run for case in self.world.cases_kept for run in self.machine.of(case)]:
                self.checks.watch(run.dispute_id).struck = True
                self.machine.kill(run)

    # --- the sweeper's schedule -------------------------------------------------------------------------------

    def _tick_after(self, at: datetime) -> datetime:
        """The first of the sweeper's minutes after that instant."""
        since = (at - SHIPPED - self._phase) // MINUTE
        return SHIPPED + self._phase + (since + 1) * MINUTE

    def _plan_sweep(self) -> None:
        """The sweeper comes every minute; only the rounds that find something are played (the others write nothing)."""
        world = self.world
        dues = [
            *world.timers.places(),
            *(due for _, due in world.refunds_kept.values() if due),
            *(row.due_at for row in world.mails.values() if row.due_at),
        ]
        if not dues:
            return
        first = max(min(dues), self._sweeper_down_until)
        tick = self._tick_after(max(self.clock.at, first - timedelta(milliseconds=1)))
        if self._next_sweep is None or tick < self._next_sweep or self._next_sweep <= self.clock.at:
            self._next_sweep = tick
            self.schedule.plan(tick, "sweeper", self._sweep)

    def _sweep(self) -> None:
        if self.clock.at < self._sweeper_down_until:
            return
        with self.gate.running("sweeper"):
            try:
                until = self.clock.at + ROUND
                done = sweep(self.sweeper, lambda: self.clock.at < until)
            except CrashError:
                self.log("sweeper", "died")
            except ViolationError:
                raise
            except Exception as failure:  # noqa: BLE001 - the round failed; the next one finds the same work
                self.log("sweeper", f"failed: {failure!r}")
            else:
                if done:
                    self.log("sweeper", ", ".join(f"{name} {times}" for name, times in sorted(done.items())))

    # --- living -----------------------------------------------------------------------------------------------

    def run(self) -> "Life":
        """To the end: everything that was under way has arrived. ViolationError where an invariant breaks."""
        with no_sleep():
            while self.clock.at < HORIZON and self.schedule.step():
                self.checks.after_step()
                self._plan_sweep()
            if self.clock.at < HORIZON:
                self.checks.at_the_end()
            elif not only_an_operator_is_awaited(self.world):
                raise ViolationError("never ended", f"still busy after {HORIZON - SHIPPED}")
        return self


@contextmanager
def no_sleep() -> Iterator[None]:
    """Waiting between retries takes no real time; the world does not move meanwhile."""
    with patch.object(time, "sleep", lambda _seconds: None):
        yield


def lived(plan: Plan, plant: Callable[[Life], None] | None = None) -> tuple[Life, ViolationError | None]:
    """A life, and what broke it if anything did."""
    life = Life(plan, plant)
    try:
        return life.run(), None
    except ViolationError as violation:
        life.log("VIOLATION", str(violation))
        return life, violation


def without(plan: Plan, faults: Sequence[Fault]) -> Plan:
    """The same life with these faults only."""
    return replace(plan, faults=tuple(faults))
