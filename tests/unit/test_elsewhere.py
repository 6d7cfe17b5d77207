"""Findings H9: what no call of the table answers. Wrong methods, wrong paths, and media types that are not JSON."""

import json
from typing import Any

import pytest

from buyer_protection.domain.actions import ACTIONS
from buyer_protection.runtime import elsewhere
from infra.routes import SPECS
from tests.support.api_events import BACKEND_ARN, CONTEXT, ENVIRONMENT, ORIGIN, backend, event, header, nobody
from tests.support.each import each_case
from tests.unit.edge_probe import Probe

METHODS = ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE")
PATHS = sorted({row.path for row in ACTIONS})
CALLS = {(row.path, row.method) for row in ACTIONS}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def asked(method: str, path: str, *, by_proxy: bool = False, callers: str = "person") -> dict[str, Any]:
    """What the function answers that the gateway calls for a path of the document, or by the greedy path."""
    sent = event(method, path, nobody(), resource=path, headers={"Origin": ORIGIN})
    sent["stageVariables"] = {"callers": callers}
    if by_proxy:
        real = path.replace("{", "").replace("}", "")
        sent |= {"resource": "/{proxy+}", "path": real, "pathParameters": {"proxy": real.lstrip("/")}}
    return elsewhere.answered(sent)


@each_case((path, method) for path in PATHS for method in METHODS if (path, method) not in CALLS)
def test_h9_a_wrong_method_is_405_and_allow_names_the_right_ones(path: str, method: str) -> None:
    for by_proxy in (False, True):
        answer = asked(method, path, by_proxy=by_proxy)
        problem = json.loads(answer["body"])
        assert (answer["statusCode"], problem["status"], problem["code"]) == (405, 405, "METHOD_NOT_ALLOWED")
        allowed = {one.strip() for one in answer["headers"]["Allow"].split(",")}
        assert allowed == {row.method for row in ACTIONS if row.path == path} | {"OPTIONS"}
        assert answer["headers"]["Content-Type"] == "application/problem+json"
        assert answer["headers"]["X-Content-Type-Options"] == "nosniff"
        assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
        assert method not in allowed


@pytest.mark.parametrize(
    "path",
    ["/", "/v1", "/v1/mediation", "/v1/disputes/dp-1/nothing", "/v2/disputes", "/v1/disputes/a/b/c/d/e"],
)
@pytest.mark.parametrize("method", [*METHODS, "OPTIONS"])
def test_h9_a_path_that_there_is_not_is_404(path: str, method: str) -> None:
    answer = asked(method, path, by_proxy=True)

    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (404, "NOT_FOUND")
    assert "Allow" not in answer["headers"]


@pytest.mark.parametrize("path", PATHS)
def test_h4_h9_at_the_backends_api_only_its_own_methods_are_allowed(path: str) -> None:
    own = {row.method for row in ACTIONS if row.path == path and row.is_for_backend}
    answer = asked("PATCH", path, callers="system")

    if own:
        assert answer["statusCode"] == 405
        assert set(answer["headers"]["Allow"].split(", ")) == own | {"OPTIONS"}
    else:
        assert answer["statusCode"] == 404


def test_h1_a_preflight_by_the_greedy_path_is_one_too() -> None:
    answer = asked("OPTIONS", "/v1/disputes/{dispute_id}/cancel", by_proxy=True)

    assert answer["statusCode"] == 204
    assert answer["headers"]["Access-Control-Allow-Methods"] == "POST"


# --- media types ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonp",
        "text/json",
        "image/svg+json",
        "application/json; charset=iso-8859-1",
        "",
    ],
)
def test_h9_a_body_that_is_not_json_is_415(media_type: str) -> None:
    probe = Probe()
    answer = probe.post(body={"text": "x"}, headers={"Content-Type": media_type})

    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert probe.calls == []


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/vnd.shop+json",
        "application/merge-patch+json; charset=utf-8",
        None,
    ],
)
def test_h9_json_is_taken_by_each_of_its_names(media_type: str | None) -> None:
    """Where nothing is said, API Gateway takes JSON too."""
    probe = Probe()
    headers = {} if media_type is None else {"content-type": media_type}

    assert probe.post(body={"text": "x"}, headers=headers)["statusCode"] == 201


def test_h9_a_call_without_a_body_needs_no_media_type() -> None:
    probe = Probe()

    assert probe.post(body=None, headers={"content-type": "text/plain"})["statusCode"] != 415


def test_h9_a_401_of_a_function_says_how_to_sign_in() -> None:
    answer = Probe().get(nobody())

    assert answer["statusCode"] == 401
    assert header(answer, "WWW-Authenticate") == "Bearer, AWS4-HMAC-SHA256"
    assert header(Probe().get(), "WWW-Authenticate") is None


def test_h4_every_call_of_the_backend_gets_past_its_functions_own_look_at_the_caller() -> None:
    """By signature, whichever API was asked; what it may see is the use case's."""
    from tests.support.in_process import handler_of

    for row in (row for row in SPECS if row.is_for_backend):
        sent = event(row.method, row.path, backend(BACKEND_ARN), "{", resource=row.path)
        wrong = {"pathParameters": {}, "multiValueQueryStringParameters": {"page_size": ["none"]}}
        answer = handler_of(row.id)({**sent, **wrong}, CONTEXT)
        # Nothing is behind the functions here: what they would read fails, and that is past the look.
        assert answer["statusCode"] not in (401, 403), row.id
