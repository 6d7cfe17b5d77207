"""One world over moto for all flows of a module: each begins from a copy of where it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from buyer_protection.application.workers import sweep, watch
from tests.crash.matrix import COUNTS
from tests.crash.world import FEW_SHARDS, World, world_over_moto
from tests.support.quick_moto import mocked_aws

TRIED = "crash matrix"


@contextmanager
def a_world(due_shards: int = FEW_SHARDS) -> Iterator[World]:
    """The world in moto."""
    with mocked_aws(), pytest.MonkeyPatch.context() as patch, world_over_moto(patch, due_shards) as made:
        # The next round comes at the same instant here: a delay would only move every date of what it then does.
        for module in (sweep, watch):
            patch.setattr(module, "FIRST_LOOK", timedelta(0))
        yield made


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with a_world() as made:
        yield made


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What a process among several tried, for the one that prints it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[TRIED] = dict(COUNTS)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """One of several processes has ended; one that broke down reported nothing."""
    COUNTS.update(getattr(node, "workeroutput", {}).get(TRIED, {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much was tried."""
    if COUNTS:
        terminalreporter.write_line(
            f"crash matrix: {COUNTS['flows']} flows, {COUNTS['calls']} calls, {COUNTS['cells']} cells"
            f" ({COUNTS['alike']} stood after the act as without the fault), {COUNTS['differing']} differing;"
            f" {COUNTS['twice']} mails went out again after a fault"
        )
