"""Pages of two other origins than the API's, in a browser: each kind of person signs in, and calls (H1 to H3)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from local.client import ANONYMOUS
from local.sign_in import totp
from local.workspace import HOST
from tests.browser.shop import origins_of
from tests.e2e.case import Case
from tests.e2e.waiting import utc_now
from tests.e2e.world import World

PAGE = Path(__file__).with_name("other_origin.html")
Fresh = Callable[[], Page]
KEY = {"Content-Type": "application/json", "Idempotency-Key": "from-another-origin-1"}


class _Pages(SimpleHTTPRequestHandler):
    """The one page, whatever its path: a shop's own site."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE.read_bytes())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def origins(world: World) -> Iterator[tuple[str, ...]]:
    """Two sites of shops, whose origins the stack was given (`ORIGINS=`)."""
    given = origins_of(world.stack.site_url)
    servers = [
        ThreadingHTTPServer((HOST, port), _Pages) for origin in given if (port := urlsplit(origin).port)
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield given
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def fresh_page(browser: Browser) -> Iterator[Fresh]:
    """Makes pages that share nothing; all are closed after the test."""
    with ExitStack() as made:
        yield lambda: made.enter_context(browser.new_context()).new_page()


def signed_in(fresh_page: Fresh, world: World, origin: str, name: str) -> tuple[Page, str]:
    """A page of that origin on which the person has signed in, by the pool's own page; their ID token."""
    info, person = world.stack, world.stack.people[name]
    client = info.team_pool_client_id if person.is_of_the_team else info.user_pool_client_id
    back = f"{origin}/desk/signed-in" if person.is_of_the_team else f"{origin}/signed-in"
    page = fresh_page()
    page.goto(origin)
    page.evaluate(
        "([authorize, client, back]) => signIn(authorize, client, back)",
        [f"{info.endpoint_url}/oauth2/authorize", client, back],
    )
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password").fill(person.password)
    if person.totp_secret is not None:
        page.get_by_label("Code of your authenticator").fill(totp(person.totp_secret, utc_now().timestamp()))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{back}?*")
    token = page.evaluate("url => idToken(url)", f"{info.endpoint_url}/oauth2/token")
    assert token is not None
    return page, str(token)


def call(page: Page, url: str, method: str = "GET", body: Any = None, **headers: str) -> dict[str, Any]:
    """One call by the page's own script."""
    answer: dict[str, Any] = page.evaluate(
        "([url, options]) => call(url, options)",
        [
            url,
            {"method": method, "body": body, "headers": {k.replace("_", "-"): v for k, v in headers.items()}},
        ],
    )
    return answer


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("name", ["buyer", "seller", "case_manager", "operator"])
def test_a_person_of_each_kind_signs_in_from_each_origin(
    fresh_page: Fresh, world: World, origins: tuple[str, ...], which: int, name: str
) -> None:
    page, token = signed_in(fresh_page, world, origins[which], name)

    listed = call(page, f"{world.stack.api_url}/v1/disputes", Authorization=f"Bearer {token}")

    assert listed["status"] == 200
    assert listed["headers"]["x-amzn-requestid"]


def test_a_page_calls_every_method_and_reads_what_the_contract_says(
    fresh_page: Fresh, world: World, origins: tuple[str, ...]
) -> None:
    case = Case.opened(world)
    page, token = signed_in(fresh_page, world, origins[1], "buyer")
    who = {"Authorization": f"Bearer {token}"}
    address = f"{world.stack.api_url}/v1/disputes/{case.dispute_id}"

    read = call(page, address, **who)
    assert (read["status"], read["body"]["dispute_id"]) == (200, case.dispute_id)
    assert read["headers"]["etag"]
    again = call(page, address, If_None_Match=read["headers"]["etag"], **who)
    assert again["status"] in (200, 304)

    added = call(
        page, f"{address}/evidence", "POST", {"type": "STATEMENT", "text": "It never came."}, **KEY, **who
    )
    assert added["status"] == 201
    item = urljoin(f"{address}/evidence", added["headers"]["location"])
    assert call(page, item, **who)["status"] == 200
    withdrawn = call(page, item, "DELETE", If_Match=read["headers"]["etag"], **who)
    assert withdrawn["status"] == 412
    assert call(page, item, "DELETE", **who)["status"] == 200


def test_a_page_can_read_why_it_was_refused(
    fresh_page: Fresh, world: World, origins: tuple[str, ...]
) -> None:
    """H2: the gateway's own refusals too, from every origin; an unknown origin reads nothing but these."""
    page = fresh_page()
    page.goto(origins[1])
    listing = f"{world.stack.api_url}/v1/disputes"

    nobody = call(page, listing)
    assert (nobody["status"], nobody["body"]["code"]) == (401, "UNAUTHENTICATED")
    assert call(page, listing, Authorization="Bearer nonsense")["status"] == 401
    assert world.client.get(ANONYMOUS, "/v1/disputes").status == 401


def test_a_page_of_an_unknown_origin_is_kept_out_by_the_browser(
    fresh_page: Fresh, world: World, origins: tuple[str, ...]
) -> None:
    _, token = signed_in(fresh_page, world, origins[0], "buyer")
    stranger = fresh_page()
    stranger.goto(origins[0].replace("localhost", HOST))

    refused = call(stranger, f"{world.stack.api_url}/v1/disputes", Authorization=f"Bearer {token}")

    assert "Failed to fetch" in refused["refused"]
