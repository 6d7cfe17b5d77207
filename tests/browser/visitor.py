"""A person at the pages: a browser of their own that notes whatever must not happen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FloatRect,
    Locator,
    Page,
    Request,
    Route,
    expect,
)

from local.sign_in import totp
from local.state import StackInfo
from tests.browser.shop import origin_of

# The functions start cold.
expect.set_options(timeout=30_000)

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESKTOP = 320, 1440
# WCAG 2.2 AA and what axe calls best practice.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def late(page: Page, address: str) -> Iterator[None]:
    """What is asked for first at that address, within the block, is answered at its end."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(address, hold, times=1)
    with page.expect_request(address):
        yield
    (asked,) = held
    asked.continue_()


def places(within: Locator) -> list[FloatRect | None]:
    """Where everything is that can be used there, in the order of the document."""
    return [it.bounding_box() for it in within.locator("input, select, textarea, button").all()]


@dataclass
class Visitor:
    """One browser session of one person of the stack.

    `troubles` are console errors, among them what the content security policy refused, and requests to foreign hosts.
    """

    browser: Browser
    stack: StackInfo
    name: str
    options: dict[str, Any] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    # Parts of what a test itself makes go wrong.
    expected: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context: BrowserContext = self.browser.new_context(
            base_url=self.stack.site_url,
            locale=self.options.pop("locale", "en-US"),
            timezone_id="Europe/Berlin",
            **{"viewport": {"width": 1024, "height": 900}, **self.options},
        )
        self.context.set_default_timeout(30_000)
        self.context.on("request", self._note)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        # The sign-in page of the emulator has no icon; what it says is not ours.
        is_ours = not message.location.get("url", "").startswith(
            f"http://localhost:{urlsplit(self.stack.endpoint_url).port}/"
        )
        if message.type == "error" and is_ours:
            self.troubles.append(f"{message.text} ({message.location.get('url')})")

    def _note(self, request: Request) -> None:
        self.requests.append(request)
        own = (self.stack.site_url, self.stack.endpoint_url, origin_of(self.stack.site_url))
        ours = {urlsplit(url).port for url in own}
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and (
            parts.hostname not in ("localhost", "127.0.0.1") or parts.port not in ours
        ):
            self.troubles.append(f"foreign request: {request.url}")

    def visit(self, path: str) -> Page:
        """Go to a path of the pages, signing in where that is asked for."""
        self.page.goto(path)
        self.sign_in()
        return self.page

    def sign_in(self) -> None:
        """Fill in the sign-in page, if it is there or comes."""
        page, person = self.page, self.stack.people[self.name]
        page.wait_for_url(re.compile(r"/oauth2/authorize|/login"))
        page.locator("input[name=username]").fill(person.username)
        page.locator("input[name=password]").fill(person.password)
        if person.totp_secret is not None:
            import time

            page.locator("input[name=code]").fill(totp(person.totp_secret, time.time()))
        page.locator("button[type=submit], input[type=submit]").first.click()
        page.wait_for_url(f"{self.stack.site_url}/**")
        expect(page.locator("h1").first).to_be_visible()

    def stored(self) -> str:
        """Everything that the page keeps in the browser."""
        text: str = self.page.evaluate(
            "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
        )
        return text

    def violations(self) -> list[str]:
        """What axe-core finds on the present page."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        # Of what passes nothing is needed, and nothing is loaded to look at it.
        found = self.page.evaluate(
            "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'],"
            " preload: false})",
            TAGS,
        )["violations"]
        return [
            f"{it['id']}: {node['html'][:200]} {node['failureSummary'][:200]}"
            for it in found
            for node in it["nodes"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        width: int = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return width

    def close(self) -> None:
        self.context.close()
