"""Runs the flows with a fault at each call in turn, and compares what is left with the run without one."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.crash.state import Document, final_state, sent_twice, standing
from tests.crash.steps import Flow
from tests.crash.wire import Fault, Mode
from tests.crash.world import Kept, World

MODES = tuple(Mode)
# What has been tried in this run of the tests: flows, calls, cells, differing, twice, alike (after the act already).
COUNTS: Counter[str] = Counter()


@dataclass(frozen=True, slots=True)
class Right:
    """A flow's run without a fault: from where it begins, which calls its act makes, where the world stands then, and
    what it leads to."""

    flow: Flow
    kept: Kept
    calls: tuple[str, ...]
    answer: Any
    standing: str
    state: Document


@dataclass(frozen=True, slots=True)
class Cell:
    """One flow with one fault, and how its end differs from the right one; `twice`: mails that went out again."""

    flow: str
    fault: Fault
    call: str
    differences: tuple[str, ...]
    twice: int

    def __str__(self) -> str:
        place = f"{self.flow}: {self.fault.mode} at call {self.fault.at} ({self.call})"
        return "\n  ".join([place, *self.differences])


def right_run(world: World, flow: Flow, empty: Kept) -> Right:
    """Come to where the flow begins, then do it without a fault."""
    world.begin(empty)
    for number, step in enumerate(flow.before):
        step.take(world, f"key-of-the-flow-{number:04d}")
    kept = world.keep()
    world.begin(kept)
    answer = flow.act.take(world, "key-of-the-act-0001")
    calls = tuple(world.wire.counted)
    assert calls, f"{flow.name}: the act makes no call"
    after_the_act = standing(world)
    finish(world)
    assert sent_twice(world) == 0, f"{flow.name}: a mail went out twice without any fault"
    return Right(flow, kept, calls, answer, after_the_act, final_state(world, answer))


def cell(world: World, right: Right, fault: Fault, *, to_the_end: bool = False) -> Cell:
    """The same with a fault, until everything has come to rest again.

    Where the world stands after the act as it did without the fault, and the caller has the same answer, what follows
    is what followed then: it is done again only `to_the_end`, and after a silence, which a process remembers.
    """
    flow, found = right.flow, []
    world.begin(right.kept, fault)
    try:
        answer = flow.act.take(world, "key-of-the-act-0001")
        assert world.wire.hit == right.calls[fault.at - 1], f"the fault met {world.wire.hit}"
        goes_on_alike = fault.mode is not Mode.SILENT and answer == right.answer
        if not to_the_end and goes_on_alike and standing(world) == right.standing:
            COUNTS["alike"] += 1
            return Cell(flow.name, fault, right.calls[fault.at - 1], (), 0)
        finish(world)
        repeated = getattr(flow.act, "when_repeated", None)
        if repeated is not None and answer["status"] == repeated:
            answer = right.answer
        found += differences(right.state, final_state(world, answer))
    except AssertionError as failed:
        found.append(f"{type(failed).__name__}: {failed}")
    return Cell(flow.name, fault, right.calls[fault.at - 1], tuple(found), sent_twice(world))


def faults(right: Right, number: int, *, whole: bool) -> Iterator[Fault]:
    """Every kind of fault at every call; bounded, one kind at each call, in rotation over flows and calls."""
    for call in range(1, len(right.calls) + 1):
        modes: Iterable[Mode] = MODES if whole else [MODES[(number + call) % len(MODES)]]
        for mode in modes:
            yield Fault(call, mode)


def differences(right: Any, found: Any, path: str = "") -> list[str]:
    """Each place where two documents differ, with both values."""
    if isinstance(right, dict) and isinstance(found, dict):
        places = sorted({*right, *found})
        return [
            line
            for name in places
            for line in differences(right.get(name), found.get(name), f"{path}/{name}")
        ]
    return [] if right == found else [f"{path}: {right!r} became {found!r}"]


def finish(world: World) -> None:
    """What follows by itself; then the sweeper, once what was leased is free, once what it put off is due, and once
    refunds are due again."""
    world.wire.fault = None
    world.settle()
    for minutes in (3, 6, 130):
        world.wait(minutes=minutes)
        world.sweep()
        world.settle()
