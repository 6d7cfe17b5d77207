"""The stack that people look at: the running one of BROWSER_PORT, or one of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from local import stack, state
from local.workspace import Workspace
from tests.browser.shop import origins_of
from tests.e2e.conftest import free_workspace, take_down
from tests.e2e.warming import warm_up
from tests.e2e.world import World


@contextmanager
def running(day_seconds: int) -> Iterator[World]:
    """A stack that pages of shops may call too; a fresh one goes down in the end."""
    if port := os.environ.get("BROWSER_PORT"):
        workspace = Workspace(int(port))
        yield World(workspace, state.load(workspace))
        return
    workspace = free_workspace()
    try:
        made = World(
            workspace,
            stack.up(
                workspace,
                day_seconds=day_seconds,
                origins=origins_of(workspace.site_url),
                report=lambda _line: None,
            ),
        )
        warm_up(made)
        yield made
    finally:
        take_down(workspace)
