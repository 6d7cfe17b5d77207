"""One stack and one browser for all tests of the pages. Where none can be installed, they fail and say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.stage import running
from tests.browser.visitor import Visitor
from tests.e2e.world import World
from tools.browser import install

HERE = Path(__file__).parent
# People read and type while the clock runs: a negotiation of ten minutes.
DAY_SECONDS = 40


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them need a stack and a browser, and wait for the clock."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.verify)


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """The running stack: one of its own, or the one of BROWSER_PORT, for whoever works on the pages."""
    with running(DAY_SECONDS) as made:
        yield made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium, which is installed where it is missing."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=install(), args=["--no-sandbox"])


@contextmanager
def visits(browser: Browser, world: World) -> Iterator[Callable[..., Visitor]]:
    """A function from a person's name (and settings of the browser) to them at the pages. In the end nothing went
    wrong for anybody: no console error, no CSP report, no foreign request, no token in storage."""
    visitors: list[Visitor] = []

    def come(name: str, **options: Any) -> Visitor:
        visitors.append(Visitor(browser, world.stack, name, options))
        return visitors[-1]

    yield come
    for one in visitors:
        stored = one.stored() if one.page.url.startswith(world.stack.site_url) else ""
        one.close()
        assert [it for it in one.troubles if not any(part in it for part in one.expected)] == []
        # Every token that Cognito gives begins so.
        assert "eyJ" not in stored


@pytest.fixture
def visitor(world: World, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Visitors of one test."""
    with visits(browser, world) as come:
        yield come
