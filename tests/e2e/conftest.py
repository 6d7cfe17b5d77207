"""One stack for all end-to-end tests, started by them and taken down after them, also when they fail.

The stories start as soon as the stack is up and run side by side, since a case mostly waits; the tests then look at
how each ended. Tests that break functions for everybody ask for `quiet` and come last.
"""

from __future__ import annotations

import shutil
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local import emulator, stack
from local.workspace import HOST, Workspace
from tests.e2e.case import Case
from tests.e2e.pace import DAY_SECONDS, patience
from tests.e2e.races import escalations, last_items
from tests.e2e.repeats import repeated_posts
from tests.e2e.stories import STORIES
from tests.e2e.waiting import instant, utc_now
from tests.e2e.warming import warm_up
from tests.e2e.world import World

HERE = Path(__file__).parent
PORTS = range(4620, 4700)
STORY_SECONDS = patience(400)
# They begin in three turns.
ALL_STORIES_SECONDS = 3 * STORY_SECONDS
# Begun once these stories are over, so that not everything begins at once on a small machine; and what repeats every
# call, each time with new processes, only after the races, which are about instants.
RACES = (escalations, last_items)
WARMING = ("settled_by_counter_offer", "cancelled_and_opened_anew", "delivered_while_not_received")
# A case counts as young for this part of its negotiation.
YOUTH = 0.5


# Thousands of calls each: they wait until the stories are over, whose clocks run on while calls wait.
PLENTY = frozenset(
    {
        "test_acceptance",
        "test_authorization_matrix",
        "test_canaries",
        "test_evidence_files",
        "test_hostile_input",
        "test_race_rounds",
        "test_schemathesis",
    }
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark this folder's tests, and move those that need the stack for themselves to its end."""
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.e2e)
    ordered = sorted(ours, key=_turn)
    places = [index for index, item in enumerate(items) if HERE in item.path.parents]
    for index, item in zip(places, ordered, strict=True):
        items[index] = item


def _turn(item: pytest.Item) -> int:
    """What works by itself, then what looks at the stories, what would starve them, and what breaks functions."""
    names = getattr(item, "fixturenames", ())
    if "quiet" in names:
        return 2 if item.path.stem in PLENTY else 3
    return 1 if "told" in names else 0


def _told_at_all(request: pytest.FixtureRequest) -> bool:
    return any("told" in getattr(item, "fixturenames", ()) for item in request.session.items)


def free_workspace() -> Workspace:
    """A workspace that nobody uses: its port is free and no stack of this checkout is recorded for it."""
    for port in PORTS:
        workspace = Workspace(port)
        with socket.socket() as probe:
            taken = probe.connect_ex((HOST, port)) == 0
        if not taken and not workspace.folder.exists():
            return workspace
    raise AssertionError(f"no free port among {PORTS}")


def take_down(workspace: Workspace) -> None:
    """Stop the stack and leave no trace of it. Nothing of it is worth a gentle end, which waits for its sleepers."""
    emulator.stop(workspace, gently=False)
    stack.down(workspace)
    shutil.rmtree(workspace.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """The running stack. A polite end of the test run from outside takes it down as well."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    workspace = free_workspace()
    try:
        made = World(workspace, stack.up(workspace, day_seconds=DAY_SECONDS, report=lambda _line: None))
        _ = made.bus
        warm_up(made)
        yield made
    finally:
        take_down(workspace)


@pytest.fixture(scope="session")
def stories(world: World) -> Iterator[dict[str, Future[Any]]]:
    """Every story, under way from now on."""
    with ThreadPoolExecutor(max_workers=len(STORIES) + len(RACES) + 1) as pool:
        running: dict[str, Future[Any]] = {name: pool.submit(tell, world) for name, tell in STORIES.items()}

        def begin_after(names: Iterable[str], tell: Callable[[World], Any]) -> Future[Any]:
            awaited = [running[name] for name in names]

            def begin() -> Any:
                for story in awaited:
                    story.exception(timeout=STORY_SECONDS)
                return tell(world)

            return pool.submit(begin)

        running |= {race.__name__: begin_after(WARMING, race) for race in RACES}
        running[repeated_posts.__name__] = begin_after([race.__name__ for race in RACES], repeated_posts)
        yield running
        for future in running.values():
            future.cancel()


@pytest.fixture(scope="session", autouse=True)
def _under_way(request: pytest.FixtureRequest) -> None:
    """The clocks of the stories run while the other tests do their work, if any test wants to hear them."""
    if _told_at_all(request):
        request.getfixturevalue("stories")


@pytest.fixture(scope="session")
def told(stories: dict[str, Future[Any]]) -> Callable[[str], Any]:
    """How a story went, once it is over; its failure is the failure of the test that asks."""
    return lambda name: stories[name].result(timeout=ALL_STORIES_SECONDS)


@pytest.fixture(scope="session")
def quiet(request: pytest.FixtureRequest) -> None:
    """All stories are over: whatever is broken from here on breaks nobody else."""
    if _told_at_all(request):
        for future in request.getfixturevalue("stories").values():
            future.exception(timeout=ALL_STORIES_SECONDS)


@pytest.fixture(scope="session")
def _cases_of_age() -> list[Case]:
    """The newest young case, shared by the tests that change nothing."""
    return []


@pytest.fixture
def young_case(world: World, _cases_of_age: list[Case]) -> Iterator[Case]:
    """A case in the first half of its negotiation. No test that takes it may leave a trace, which is checked here."""
    if not _cases_of_age or not _is_young(_cases_of_age[0]):
        _cases_of_age[:] = [Case.opened(world)]
    case = _cases_of_age[0]
    yield case
    people = [entry["type"] for entry in case.timeline() if entry["actor"]["role"] != "SYSTEM"]
    assert people == ["DISPUTE_OPENED"]
    assert [offer["offer_id"] for offer in case.read("buyer", f"{case.path}/offers")["items"]] == ["of-1"]


def _is_young(case: Case) -> bool:
    document = case.look()
    opened, due = instant(document["opened_at"]), instant(document["negotiation_due_at"])
    return utc_now() < opened + YOUTH * (due - opened)
