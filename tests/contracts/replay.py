"""A simulated life's calls of the stores, written down as the in-memory world answered them and made again elsewhere.

Whatever the lives lean on is compared this way: every read, every refusal and its reason, in the very order of races
and faults. A world that flatters is found out here.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from buyer_protection.application.ports.errors import (
    ConflictingWriteError,
    IdempotencyRecordExistsError,
    OrderHeldError,
    RefundExceedsPaidError,
)
from tests.contracts.ports import Ports
from tests.simulation.campaign import one
from tests.simulation.life import Life, lived
from tests.support.builders import order

# What the ports say they raise; anything else is a mistake.
REFUSALS = (ConflictingWriteError, IdempotencyRecordExistsError, OrderHeldError, RefundExceedsPaidError)
STORES = ("cases", "orders", "timers", "refunds", "outbox", "sellers", "timer")


@dataclass(frozen=True, slots=True)
class Made:
    """One call and what became of it: the answer, or the class of what was raised."""

    port: str
    method: str
    args: tuple[Any, ...]
    named: dict[str, Any]
    became: Any


def calls_of(seed: str) -> tuple[Life, list[Made]]:
    """Every call of a store in the life of that seed, with its faults."""
    plan = one(seed)[0].plan
    made: list[Made] = []

    def record(port: str, method: str, run: "partial[Any]") -> Any:
        try:
            result = run()
        except REFUSALS as raised:
            made.append(Made(port, method, run.args, run.keywords, type(raised)))
            raise
        made.append(Made(port, method, run.args, run.keywords, result))
        return result

    def listen(life: Life) -> None:
        life.gate.record = lambda port, method, run: record(port, method, run) if port in STORES else run()

    life, violation = lived(plan, listen)
    assert violation is None
    return life, made


def replayed(made: list[Made], ports: Ports) -> int:
    """Make the same calls of these stores; AssertionError at the first that goes another way. How many there were."""
    # As the life began: the shop may have put it anew since.
    ports.orders.put(order())
    for number, call in enumerate(made):
        run = ports.park if call.port == "timer" else getattr(getattr(ports, call.port), call.method)
        try:
            became: Any = run(*call.args, **call.named)
        except REFUSALS as raised:
            became = type(raised)
        assert became == call.became, f"call {number}: {call.port}.{call.method}"
    return len(made)
