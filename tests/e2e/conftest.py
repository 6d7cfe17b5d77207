"""One stack for all end-to-end tests, started by them and taken down after them, also when they fail.

What a module's tests look at, such as the stories, begins as soon as the stack is up and runs side by side, since a
case mostly waits; the tests then look at how each ended. Tests that change something for everybody ask for `quiet` and
come after them; what the sweeper does in each fifth minute alone asks for `at_the_end`. Tests that make thousands of
calls ask for `calm`: they wait for the others where `make verify` runs them whole, and a sample of them runs beside the
others.
"""

from __future__ import annotations

import shutil
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from local import emulator, stack
from local.workspace import HOST, Workspace
from ops.__main__ import main
from tests.e2e.canaries import planted_life
from tests.e2e.case import Case
from tests.e2e.matrix import cast_and_cases
from tests.e2e.pace import DAY_SECONDS, patience
from tests.e2e.races import escalations, last_items
from tests.e2e.repeats import repeated_posts
from tests.e2e.stories import STORIES
from tests.e2e.waiting import instant, utc_now
from tests.e2e.warming import warm_up
from tests.e2e.world import World
from tests.support.sampling import sampling

Operate = Callable[..., int]
HERE = Path(__file__).parent
# The port after a stack's is that of its pages.
PORTS = range(4620, 4700, 2)
STORY_SECONDS = patience(400)
# They begin in three turns.
ALL_STORIES_SECONDS = 3 * STORY_SECONDS
# Begun once these stories are over, so that not everything begins at once on a small machine; and what repeats every
# call, each time with new processes, only after the races, which are about instants.
RACES: dict[str, Callable[[World], Any]] = {race.__name__: race for race in (escalations, last_items)}
WARMING = ("settled_by_counter_offer", "cancelled_and_opened_anew", "delivered_while_not_received")
REPEATS: dict[str, Callable[[World], Any]] = {repeated_posts.__name__: repeated_posts}
# What the tests of a module look at, by name, and what must be over before it begins.
UNDER_WAY: dict[str, tuple[Mapping[str, Callable[[World], Any]], tuple[str, ...]]] = {
    "test_lives": (STORIES, ()),
    "test_authorization_matrix": ({cast_and_cases.__name__: cast_and_cases}, ()),
    "test_canaries": ({planted_life.__name__: planted_life}, ()),
    "test_races": (RACES, WARMING),
    "test_idempotency": (REPEATS, tuple(RACES)),
}
# The fixture by which a test reads what came of something under way.
RESULT_OF = "result_of"
# A case counts as young for this part of its negotiation.
YOUTH = 0.5


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
    """What works by itself, what looks at something under way, what makes many calls, what needs all for itself, and
    what the sweeper does in each fifth minute alone: nobody waits for it while anything else is left."""
    names = getattr(item, "fixturenames", ())
    if "at_the_end" in names:
        return 4
    if "quiet" in names:
        return 3
    if "calm" in names and not sampling():
        return 2
    return 1 if RESULT_OF in names else 0


def _modules(request: pytest.FixtureRequest) -> set[str]:
    """The modules of which a test runs that looks at something under way."""
    return {
        item.path.stem
        for item in request.session.items
        if HERE in item.path.parents and RESULT_OF in getattr(item, "fixturenames", ())
    }


def free_workspace() -> Workspace:
    """A workspace that nobody uses: its port is free, and its folder is made here, which only one process can do."""
    for port in PORTS:
        workspace = Workspace(port)
        with socket.socket() as probe:
            taken = probe.connect_ex((HOST, port)) == 0
        if not taken:
            with suppress(FileExistsError):
                workspace.folder.mkdir(parents=True)
                return workspace
    raise AssertionError(f"no free port among {PORTS}")


def take_down(workspace: Workspace) -> None:
    """Stop the stack and leave no trace of it. Nothing of it is worth a gentle end, which waits for its sleepers."""
    emulator.stop(workspace, gently=False)
    stack.down(workspace)
    shutil.rmtree(workspace.folder, ignore_errors=True)


@contextmanager
def started(day_seconds: int) -> Iterator[World]:
    """A stack of its own, warm, until the end of the block."""
    workspace = free_workspace()
    try:
        made = World(workspace, stack.up(workspace, day_seconds=day_seconds, report=lambda _line: None))
        _ = made.bus
        warm_up(made)
        yield made
    finally:
        take_down(workspace)


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """The running stack. A polite end of the test run from outside takes it down as well."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with started(DAY_SECONDS) as made:
        yield made


@pytest.fixture(scope="session")
def under_way(world: World, request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Any]]]:
    """Everything that the chosen tests look at, begun."""
    chosen = [begun for module, begun in UNDER_WAY.items() if module in _modules(request)]
    running: dict[str, Future[Any]] = {}

    def begin(play: Callable[[World], Any], awaited: list[Future[Any]]) -> Any:
        for other in awaited:
            other.exception(timeout=STORY_SECONDS)
        return play(world)

    with ThreadPoolExecutor(max_workers=sum(len(plays) for plays, _ in chosen) or 1) as pool:
        for plays, after in chosen:
            awaited = [running[name] for name in after if name in running]
            running |= {name: pool.submit(begin, play, awaited) for name, play in plays.items()}
        yield running
        for future in running.values():
            future.cancel()


@pytest.fixture(scope="session", autouse=True)
def _begin(request: pytest.FixtureRequest) -> None:
    """The clocks run while the other tests do their work, if any test looks at what comes of it."""
    if _modules(request):
        request.getfixturevalue("under_way")


@pytest.fixture(scope="session")
def result_of(under_way: dict[str, Future[Any]]) -> Callable[[str], Any]:
    """What came of something under way, once it is over; its failure is the failure of the test that asks."""
    return lambda name: under_way[name].result(timeout=ALL_STORIES_SECONDS)


@pytest.fixture(scope="session")
def quiet(request: pytest.FixtureRequest) -> None:
    """Nothing is under way any more: whatever is broken from here on breaks nobody else."""
    if _modules(request):
        for future in request.getfixturevalue("under_way").values():
            future.exception(timeout=ALL_STORIES_SECONDS)


@pytest.fixture(scope="session")
def at_the_end(quiet: None) -> None:
    """All other tests are over."""


@pytest.fixture(scope="session")
def calm(request: pytest.FixtureRequest) -> None:
    """Thousands of calls starve nobody whose clock runs on; a sample is few enough to be made at any time."""
    if not sampling():
        request.getfixturevalue("quiet")


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


@pytest.fixture
def operate(world: World, monkeypatch: pytest.MonkeyPatch) -> Operate:
    """Operators' commands on this stack; each answers its exit code."""
    # The command sets these for itself; here they are put back.
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("OPERATOR", "on-call-2")
    return lambda *words: main(["--port", str(world.workspace.port), *words])
