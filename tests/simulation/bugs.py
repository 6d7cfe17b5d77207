"""Bugs planted on purpose, by wrapping ports: what each of them breaks must be seen by the checks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from msgspec import structs

from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.application.ports.mails import OutboxMail
from buyer_protection.application.ports.orders import LoadedOrder
from buyer_protection.application.ports.timers import DueRow
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.windows import Alarm
from tests.simulation.life import Life
from tests.simulation.surroundings import Bus
from tests.support.fake_orders import MemoryOrderStore
from tests.support.fake_timers import MemoryTimers
from tests.support.fake_workers import MemoryOutbox
from tests.support.fakes import MemoryCaseStore


def dropped_wake(life: Life) -> None:
    """The stream's reader believes that it has woken the execution; nobody heard it."""
    life.executions = _Deaf(life.machine)


@dataclass
class _Deaf:
    machine: Any

    def start(self, alarm: Alarm) -> bool:
        return bool(self.machine.start(alarm))

    def wake(self, task_token: str, alarm: Alarm) -> None:
        """Not passed on."""

    def is_running(self, dispute_id: str, generation: int) -> bool:
        return bool(self.machine.is_running(dispute_id, generation))


def parked_whatever_the_epoch(life: Life) -> None:
    """The waiting state's call has lost its condition: a change between the look and the parking wakes nobody."""
    around = life.machine._around
    life.machine._around = replace(
        around, park=lambda dispute_id, token, _epoch: life.world.park(dispute_id, token)
    )


def no_version_condition(life: Life) -> None:
    """The store writes over whatever was written since the case was read."""
    life.world.cases = _Careless(life.world)


class _Careless(MemoryCaseStore):
    def _check_version(self, change: Change) -> None:
        """Both conditions that would refuse: the version's, and the new timeline row's."""


def second_refund(life: Life) -> None:
    """A refund that is asked for again goes out under an id of its own, past the publisher's look at the case."""
    life.bus = _Renaming(life.schedule, life.gate, life.dice("bus"))


class _Renaming(Bus):
    def publish(self, events: Sequence[OutboundEvent]) -> None:
        super().publish([self._renamed(event) for event in events])

    def _renamed(self, event: OutboundEvent) -> OutboundEvent:
        if event.type != "RefundRequested" or event.detail["attempt"] == 1:
            return event
        detail = {**event.detail, "refund_id": f"{event.detail['refund_id']}-again"}
        return structs.replace(event, detail=detail)


def blind_sweeper(life: Life) -> None:
    """The index of what is due leaves the alarms out."""
    life.world.timers = _Blind(life.world)


class _Blind(MemoryTimers):
    def due(self, now: datetime, **asked: Any) -> Sequence[DueRow]:
        return [row for row in super().due(now, **asked) if row.sort_key != "TIMER"]


def forgotten_refunds_elsewhere(life: Life) -> None:
    """Nobody who reads the ledger sees what the shop gave back itself."""
    life.world.orders = _Forgetful(life.world)


class _Forgetful(MemoryOrderStore):
    def load(self, order_id: str, **asked: Any) -> LoadedOrder | None:
        loaded = super().load(order_id, **asked)
        if loaded is None:
            return None
        return structs.replace(loaded, ledger=replace(loaded.ledger, elsewhere={}, elsewhere_minor=0))


def lease_for_everybody(life: Life) -> None:
    """Whoever asks gets the mail, also while another has it and after it was sent."""
    life.world.outbox = _Generous(life.world)


class _Generous(MemoryOutbox):
    def lease(self, mail: OutboxMail, now: datetime, seconds: int) -> bool:
        super().lease(mail, now, seconds)
        return True


def forgotten_change(life: Life) -> None:
    """What the stream's reader sets aside is gone."""
    life.late = _Hole()


@dataclass
class _Hole:
    set_aside: int = 0

    def put(self, _record: object) -> None:
        self.set_aside += 1


# Each bug, and the invariants of which one must notice it.
PLANTED: dict[Callable[[Life], None], frozenset[str]] = {
    dropped_wake: frozenset({"lost wake", "deadline missed"}),
    parked_whatever_the_epoch: frozenset({"lost wake", "deadline missed"}),
    no_version_condition: frozenset(
        {"lost change", "illegal transition", "broken chain", "terminal is final"}
    ),
    second_refund: frozenset({"second refund"}),
    blind_sweeper: frozenset({"deadline missed", "never ended"}),
    forgotten_refunds_elsewhere: frozenset({"given back twice"}),
    lease_for_everybody: frozenset({"mail sent twice"}),
    forgotten_change: frozenset({"event lost", "mail lost"}),
}
