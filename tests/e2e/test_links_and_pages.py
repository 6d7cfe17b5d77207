"""On the deployed stack: a page asks before it calls, may read what it is answered, and follows links (H1, H2, H8)."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest

from infra.routes import SPECS, Kind
from local.client import ANONYMOUS
from tests.e2e.case import Case
from tests.e2e.world import World

PATHS = sorted({row.path for row in SPECS if row.kind is Kind.API})


@pytest.mark.parametrize("path", PATHS)
def test_h1_a_page_learns_before_it_calls_what_it_may_do(world: World, path: str) -> None:
    answer = world.client.call(
        ANONYMOUS, "OPTIONS", path.replace("{", "").replace("}", ""), headers=page(world.stack.site_url)
    )

    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == world.stack.site_url
    allowed = set(answer.headers["access-control-allow-methods"].split(","))
    assert allowed == {row.method for row in SPECS if row.path == path}


def test_a_foreign_page_learns_that_it_may_do_nothing(world: World) -> None:
    answer = world.client.call(ANONYMOUS, "OPTIONS", "/v1/disputes", headers=page("http://localhost:8081"))

    assert answer.status == 204
    assert "access-control-allow-origin" not in answer.headers


def test_h2_every_page_may_read_what_the_gateway_itself_answers(world: World) -> None:
    expired = page("https://seller.shop.example.com") | {"authorization": "Bearer e30.e30.e30"}
    for method, path, status in (
        ("GET", "/v1/disputes", 401),
        ("PUT", "/v1/orders/A-1", 403),
        ("GET", "/x", 404),
    ):
        answer = world.client.call(ANONYMOUS, method, path, headers=expired)
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (status, "*")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.body["status"] == status


def test_a_page_reads_the_answers_of_the_functions_and_their_headers(world: World) -> None:
    case = Case.opened(world)
    token = {"authorization": f"Bearer {world.client.token('buyer')}"}
    answer = world.client.call(ANONYMOUS, "GET", case.path, headers=page(world.stack.site_url) | token)

    assert answer.headers["access-control-allow-origin"] == world.stack.site_url
    assert {"ETag", "Location"} <= set(answer.headers["access-control-expose-headers"].split(","))
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_h8_links_are_followed_as_rfc_3986_says(world: World) -> None:
    case, root = Case(world), world.stack.api_url
    case.ship()
    opened = world.client.post("buyer", "/v1/disputes", case.opening())
    place = urljoin(f"{root}/v1/disputes", opened.headers["location"])
    assert place == f"{root}/v1/disputes/{opened.body['dispute_id']}"

    there = world.client.get("buyer", place.removeprefix(root))
    assert there.body["dispute_id"] == opened.body["dispute_id"]
    (cancel,) = (it for it in there.body["available_actions"] if it["action"] == "CANCEL")
    link = urljoin(place, cancel["href"])
    cancelled = world.client.post("buyer", link.removeprefix(root), {"acknowledge_consequences": True})
    assert cancelled.body["status"] == "CANCELLED"


def page(origin: str) -> dict[str, str]:
    return {"origin": origin}
