"""What lets a client follow our links wherever the API stands (findings H8, I8), and a page call it (H1, H3)."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.links import with_relative_links
from buyer_protection.domain.actions import ACTIONS
from buyer_protection.domain.headers import EXPOSED_HEADERS, REQUEST_HEADERS
from buyer_protection.runtime import elsewhere
from tests.support.api_events import CONTEXT, ENVIRONMENT, ORIGIN, document, event, header, nobody
from tests.unit.edge_probe import BUYER, PATH, RESOURCE, Probe

PATHS = sorted({spec.path for spec in ACTIONS})
CONTRACT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
LINKED = b'{"available_actions":[{"action":"CANCEL","method":"POST","href":"/v1/disputes/t-1/cancel"}]}'
# The API's root as its caller sees it, and what API Gateway then puts before the path in `event["path"]`.
PLACES = {
    "stage": ("https://ab12.execute-api.us-east-1.amazonaws.com/prod", ""),
    "domain": ("https://api.shop.example.com", ""),
    "base path": ("https://api.shop.example.com/protection", "/protection"),
    # The origin's own path is the stage.
    "CloudFront": ("https://disputes.shop.example.com", ""),
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("after", ["", "/"])
def test_h8_what_an_answer_points_to_is_found_wherever_the_api_stands(place: str, after: str) -> None:
    root, before = PLACES[place]
    probe = Probe()
    probe.answer = lambda: Answer(201, LINKED, location="/v1/things/t-1")
    sent = event("POST", PATH, BUYER, resource=RESOURCE)
    sent["path"] = before + PATH + after
    sent["requestContext"] |= {"path": before + PATH + after, "domainName": root.split("/")[2]}

    result = probe.writes(sent, CONTEXT)

    (action,) = document(result)["available_actions"]
    asked = root + PATH + after
    assert urljoin(asked, header(result, "Location")) == f"{root}/v1/things/t-1"
    assert urljoin(asked, action["href"]) == f"{root}/v1/disputes/t-1/cancel"


@pytest.mark.parametrize("path", PATHS)
def test_h8_links_are_found_from_every_call(path: str) -> None:
    asked = "https://api.example/prod" + re.sub(r"\{\w+\}", "x-1", path)
    (action,) = json.loads(with_relative_links(LINKED, path))["available_actions"]

    assert urljoin(asked, action["href"]) == "https://api.example/prod/v1/disputes/t-1/cancel"


def test_a_text_that_looks_like_a_link_stays_as_it_is() -> None:
    text = LINKED.decode()
    body = json.dumps({"text": text, "href": "/v1/x", "method": "POST"}).encode()

    assert with_relative_links(body, PATH) == body


# --- pages ------------------------------------------------------------------------------------------------------------


def asked_before(path: str, origin: str | None = ORIGIN) -> Any:
    headers = {} if origin is None else {"Origin": origin}
    return elsewhere.answered(event("OPTIONS", path, nobody(), resource=path, headers=headers))


def listed(answer: Any, name: str) -> set[str]:
    return {one.strip().lower() for one in answer["headers"][name].split(",")}


@pytest.mark.parametrize("origin", ENVIRONMENT["ALLOWED_ORIGINS"].split(","))
@pytest.mark.parametrize("path", PATHS)
def test_h1_h3_a_preflight_names_the_callers_origin_and_every_method_of_the_path(
    path: str, origin: str
) -> None:
    answer = asked_before(path, origin)

    assert (answer["statusCode"], answer["body"]) == (204, "")
    assert answer["headers"]["Access-Control-Allow-Origin"] == origin
    assert listed(answer, "Access-Control-Allow-Methods") == set(CONTRACT["paths"][path])
    assert answer["headers"]["Vary"] == "Origin"
    assert int(answer["headers"]["Access-Control-Max-Age"]) == 86_400
    assert "Access-Control-Allow-Credentials" not in answer["headers"]


@pytest.mark.parametrize(
    "origin", [None, "", "null", "https://evil.example.org", f"{ORIGIN}.evil.example.org"]
)
def test_a_preflight_from_elsewhere_allows_nothing(origin: str | None) -> None:
    answer = asked_before(PATHS[0], origin)

    assert answer["statusCode"] == 204
    assert [name for name in answer["headers"] if name.startswith("Access-Control")] == []


@pytest.mark.parametrize("name", [*REQUEST_HEADERS, "If-None-Match"])
def test_h1_a_page_may_send_every_header_of_the_contract(name: str) -> None:
    assert name.lower() in listed(asked_before(PATHS[0]), "Access-Control-Allow-Headers")


def test_h1_no_header_of_the_contract_is_missing_from_the_lists() -> None:
    sent = {
        it["name"].lower() for it in CONTRACT["components"]["parameters"].values() if it["in"] == "header"
    }
    answered = {
        name.lower()
        for operations in CONTRACT["paths"].values()
        for operation in operations.values()
        for response in operation["responses"].values()
        for name in response.get("headers", {})
    }

    assert sent | {"authorization", "content-type"} <= {name.lower() for name in REQUEST_HEADERS}
    assert {"etag", "location", "retry-after"} <= answered <= {name.lower() for name in EXPOSED_HEADERS}


@pytest.mark.parametrize("name", EXPOSED_HEADERS)
def test_h1_a_page_may_read_each_exposed_header_of_answers_and_refusals(name: str) -> None:
    probe, headers = Probe(), {"Origin": ORIGIN}

    for result in (probe.post(headers=headers), probe.post(key=None, headers=headers)):
        assert name in str(header(result, "Access-Control-Expose-Headers")).split(",")


def test_every_answer_asks_for_tls_and_is_what_it_says_it_is() -> None:
    probe = Probe()

    for answer in (probe.post(), probe.post(key=None), probe.get(nobody())):
        assert header(answer, "X-Content-Type-Options") == "nosniff"
        assert str(header(answer, "Strict-Transport-Security")).startswith("max-age=31536000")
        assert header(answer, "Content-Security-Policy") == "default-src 'none'; frame-ancestors 'none'"
        assert header(answer, "Referrer-Policy") == "no-referrer"
    assert asked_before(PATHS[0])["headers"]["X-Content-Type-Options"] == "nosniff"


def test_a_preflight_loads_next_to_nothing() -> None:
    """It answers before every first call of a page, and is often cold."""
    script = (
        "import sys, functions.preflight.handler\n"
        "print([name for name in ('boto3', 'msgspec', 'pynamodb', 'aws_lambda_powertools') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False
    )

    assert done.stdout.strip() == "[]", done.stderr
