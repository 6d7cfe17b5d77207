"""All handlers of the API stand behind one edge: the route is theirs, nobody is served, every POST needs its key."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from buyer_protection.composition import container
from infra.routes import SPECS, FunctionSpec, Kind
from tests.support import in_process
from tests.support.api_events import (
    BACKEND_ARN,
    ENVIRONMENT,
    backend,
    document,
    nobody,
    person,
)

FUNCTIONS = Path(__file__).parents[2] / "functions"
API = [row for row in SPECS if row.kind is Kind.API]
POSTS = [row for row in API if row.method == "POST"]
named = pytest.mark.parametrize("row", API, ids=lambda row: row.id)
changing = pytest.mark.parametrize(
    "row", [row for row in API if row.method in ("POST", "PUT")], ids=lambda row: row.id
)
posted = pytest.mark.parametrize("row", POSTS, ids=lambda row: row.id)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    yield
    container.get.cache_clear()


def call(row: FunctionSpec, caller: dict[str, Any], body: object = None, **more: Any) -> Any:
    names = dict.fromkeys(re.findall(r"\{(\w+)\}", row.path), more.pop("name", "x-1"))
    return in_process.call(row.id, caller, body, **names, **more)


def principal(row: FunctionSpec) -> dict[str, Any]:
    return person("buyer-1") if row.is_for_people else backend(BACKEND_ARN)


@named
def test_the_route_is_the_tables_and_nobody_is_served(row: FunctionSpec) -> None:
    result = call(row, nobody(), "{", key=None)
    # 401 and not 404: the handler knows the path of its row.
    assert (result["statusCode"], document(result)["code"]) == (401, "UNAUTHENTICATED")


@named
def test_an_access_token_is_not_enough(row: FunctionSpec) -> None:
    assert call(row, person("buyer-1", token_use="access"))["statusCode"] == 401


@posted
def test_every_post_needs_its_key(row: FunctionSpec) -> None:
    result = call(row, principal(row), {}, key=None)
    assert (result["statusCode"], document(result)["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")


@pytest.mark.parametrize("body", ["[", '{"no_such_field": 1}'])
@changing
def test_every_call_names_wrong_headers_beside_what_is_wrong_with_its_body(
    row: FunctionSpec, body: str
) -> None:
    result = call(row, principal(row), body, key="short", headers={"if-match": "x"})
    problem = document(result)
    headers = ["Idempotency-Key", "If-Match"] if row.method == "POST" else ["If-Match"]
    assert result["statusCode"] == 400
    assert [it["header"] for it in problem["errors"] if "header" in it] == headers
    fields = [it["pointer"] for it in problem["errors"] if it["code"] not in ("REQUIRED", "INVALID_FORMAT")]
    assert fields == ["" if body == "[" else "/no_such_field"]


@posted
@pytest.mark.parametrize("body", ["[", "[]", "null", '{"no_such_field": 1}', '{"a": 1, "a": 1}'])
def test_every_post_reads_its_body_strictly(row: FunctionSpec, body: str) -> None:
    result = call(row, principal(row), body)
    problem = document(result)
    assert (result["statusCode"], problem["code"]) == (400, "VALIDATION_FAILED")
    named = [it["pointer"] for it in problem["errors"] if it["code"] != "REQUIRED"]
    assert named == [{'{"no_such_field": 1}': "/no_such_field", '{"a": 1, "a": 1}': "/a"}.get(body, "")]


@posted
def test_every_post_reads_if_match(row: FunctionSpec) -> None:
    result = call(row, principal(row), {}, headers={"If-Match": "seven"})
    assert document(result)["errors"][0]["header"] == "If-Match"


@named
def test_a_handler_is_short_says_its_route_and_touches_no_sdk(row: FunctionSpec) -> None:
    text = (FUNCTIONS / row.id / "handler.py").read_text()
    assert text.startswith(f'"""{row.method} {row.path}: ')
    assert len(text.splitlines()) <= 18
    assert "boto" not in text
    assert "functions." not in text
