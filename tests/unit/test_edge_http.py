"""The edge over a probe route: who calls, keys and versions, answers, CORS and errors."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.domain.actions import ACTIONS
from buyer_protection.domain.errors import ContentionError, LimitForNowError
from buyer_protection.runtime import edge
from tests.support.api_events import (
    BACKEND_ARN,
    CONTEXT,
    ENVIRONMENT,
    KEY,
    ORIGIN,
    REQUEST_ID,
    document,
    event,
    header,
    nobody,
    person,
)
from tests.unit.edge_probe import BUYER, PATH, RESOURCE, Note, Probe

FOR_NOW = LimitForNowError("x", rule="R26", available_at=datetime.now(UTC), now=datetime.now(UTC))


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def probe() -> Probe:
    return Probe()


def test_making_a_handler_reads_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLOWED_ORIGINS")
    Probe()


# --- who calls --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "caller",
    [
        nobody(),
        {},
        {"authorizer": {"claims": {}}, "identity": {}},
        {"authorizer": {"claims": {"token_use": "id"}}, "identity": {"userArn": BACKEND_ARN}},
        person(""),
        person("buyer-1", token_use="access"),
    ],
)
def test_nobody_else_gets_in(probe: Probe, caller: dict[str, Any]) -> None:
    # Before anything that was sent is looked at: no key, no body that could be read.
    result = probe.post(caller, "{", key=None)
    assert (result["statusCode"], document(result)["code"]) == (401, "UNAUTHENTICATED")
    assert probe.calls == []


# --- what was sent ----------------------------------------------------------------------------------------------------


def test_a_post_carries_receipt_hash_and_version(probe: Probe) -> None:
    probe.post(body={"text": "x"}, headers={"If-Match": '"7"'})
    call, thing, note = probe.calls[0]
    assert call.caller == Caller("buyer-1")
    assert call.if_match == 7
    assert len(call.idempotency_id or "") == len(call.body_hash) == 64
    assert (thing, note) == ("t-1", Note("x"))


def test_the_receipt_is_bound_to_caller_path_and_key_and_to_nothing_else(probe: Probe) -> None:
    probe.post(body={"text": "x"})
    probe.post(body={"text": "y"}, headers={"If-Match": "*"})
    probe.post(person("buyer-2"))
    probe.post(path="/v1/disputes/t-2/messages")
    probe.post(key=KEY + "2")
    first, again, *others = [call.idempotency_id for call, _, _ in probe.calls]
    assert first == again
    assert len({first, *others}) == 4
    hashes = [call.body_hash for call, _, _ in probe.calls]
    assert hashes[0] != hashes[1]
    assert len(set(hashes[2:])) == 1


def test_parts_of_a_receipt_cannot_run_into_each_other() -> None:
    spec = next(spec for spec in ACTIONS if spec.name == "send_message")
    ids = {"dispute_id": "b"}
    one = edge.idempotency_id_of(Caller("a"), spec, ids, "c")
    assert one != edge.idempotency_id_of(Caller("a", is_system=True), spec, ids, "c")
    assert one != edge.idempotency_id_of(Caller('a", "POST'), spec, ids, "c")
    assert one != edge.idempotency_id_of(Caller("a"), spec, {"dispute_id": "b2"}, "c")


@pytest.mark.parametrize("path", ["/v1/disputes/t%2D1/messages", "/v1/disputes/%74-1/messages", PATH + "/"])
def test_an_idempotency_key_is_bound_to_the_resource_and_not_to_the_spelling_of_its_path(
    probe: Probe, path: str
) -> None:
    sent = event("POST", PATH, BUYER, resource=RESOURCE)
    probe.writes(sent, CONTEXT)
    step = path.split("/")[3]
    probe.writes({**sent, "path": path, "pathParameters": {"dispute_id": step}}, CONTEXT)

    first, again = [call.idempotency_id for call, _, _ in probe.calls]
    assert first == again


def test_an_answer_that_was_given_before_says_so(probe: Probe) -> None:
    assert header(probe.post(), "Idempotent-Replayed") is None
    probe.answer = lambda: Answer(201, b"{}", replayed=True)
    assert header(probe.post(), "Idempotent-Replayed") == "true"


def test_headers_count_whatever_their_case(probe: Probe) -> None:
    for name in ("Idempotency-Key", "idempotency-key", "IDEMPOTENCY-KEY"):
        probe.post(key=None, headers={name: KEY})
    assert len({call.idempotency_id for call, _, _ in probe.calls}) == 1


def test_a_get_needs_no_key_and_has_no_receipt(probe: Probe) -> None:
    assert probe.get()["statusCode"] == 201
    assert probe.calls[0][0] == Command(Caller("buyer-1"), correlation_id=REQUEST_ID)


@pytest.mark.parametrize(
    ("more", "code", "pointer"),
    [
        ({"key": None}, "IDEMPOTENCY_KEY_REQUIRED", "/Idempotency-Key"),
        ({"key": "short"}, "IDEMPOTENCY_KEY_REQUIRED", "/Idempotency-Key"),
        ({"headers": {"if-match": "x"}}, "VALIDATION_FAILED", "/If-Match"),
        ({"body": {"texts": "x"}}, "VALIDATION_FAILED", "/texts"),
        ({"body": {"text": 1}}, "VALIDATION_FAILED", "/text"),
        ({"body": '{"text": "a", "text": "b"}'}, "VALIDATION_FAILED", "/text"),
        ({"body": "["}, "VALIDATION_FAILED", ""),
        ({"body": "[]"}, "VALIDATION_FAILED", ""),
        ({"body": '{"text": "\ud800"}'}, "VALIDATION_FAILED", ""),
        ({"body": '{"a":' * 40 + "1" + "}" * 40}, "VALIDATION_FAILED", ""),
        ({"body": {"text": "x" * 70_000}}, "VALIDATION_FAILED", ""),
    ],
)
def test_bad_input_gets_a_problem_that_names_the_field(
    probe: Probe, more: dict[str, Any], code: str, pointer: str
) -> None:
    result = probe.post(**more)
    problem = document(result)
    error = problem["errors"][0]
    named = error["pointer"] if "pointer" in error else f"/{error['header']}"
    assert (result["statusCode"], problem["code"], named) == (400, code, pointer)
    assert header(result, "Content-Type") == "application/problem+json"
    assert probe.calls == []


def test_every_wrong_header_is_named_beside_every_wrong_field(probe: Probe) -> None:
    problem = document(probe.post(body={"text": 1, "more": 2}, key="short", headers={"if-match": "x"}))

    assert (problem["status"], problem["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")
    assert [(it.get("header", it.get("pointer")), it["code"]) for it in problem["errors"]] == [
        ("Idempotency-Key", "INVALID_FORMAT"),
        ("If-Match", "INVALID_FORMAT"),
        ("/text", "WRONG_TYPE"),
        ("/more", "UNKNOWN_FIELD"),
    ]
    assert probe.calls == []


def test_an_impossible_id_is_absent(probe: Probe) -> None:
    assert probe.post(path="/v1/disputes/a%20b/messages")["statusCode"] == 404
    assert probe.calls == []


@pytest.mark.parametrize(
    ("method", "resource"),
    [("POST", "/v1/disputes/{dispute_id}/offers"), ("PATCH", RESOURCE), ("POST", PATH)],
)
def test_another_resource_or_method_is_absent(probe: Probe, method: str, resource: str) -> None:
    result = probe.writes(event(method, PATH, BUYER, resource=resource), CONTEXT)
    assert (result["statusCode"], document(result)["code"]) == (404, "NOT_FOUND")
    assert probe.calls == []


def test_an_action_that_the_table_does_not_have_is_refused_at_once() -> None:
    with pytest.raises(KeyError, match="no_such_action"):
        edge.action("no_such_action")


def test_a_base_path_of_a_custom_domain_changes_nothing(probe: Probe) -> None:
    """API Gateway puts the base path before `path`, and nowhere else (findings I8)."""
    sent = event("POST", PATH, BUYER, resource=RESOURCE)
    behind = {**sent, "path": f"/protection{PATH}"}
    behind["requestContext"] = {
        **sent["requestContext"],
        "path": f"/protection{PATH}",
        "resourcePath": RESOURCE,
        "domainName": "api.shop.example.com",
    }
    assert [probe.writes(one, CONTEXT)["statusCode"] for one in (sent, behind)] == [201, 201]
    (plain, thing, _), (mapped, same, _) = probe.calls
    assert (thing, same) == ("t-1", "t-1")
    assert plain.idempotency_id == mapped.idempotency_id


@pytest.mark.parametrize("sent", ["t-1", "t%2D1", "%74-1"])
def test_idempotency_is_bound_to_the_resource_and_not_to_the_spelling_of_its_path(
    probe: Probe, sent: str
) -> None:
    probe.post()
    probe.post(path=f"/v1/disputes/{sent}/messages")
    first, again = [call for call, _, _ in probe.calls]
    assert first.idempotency_id == again.idempotency_id
    assert probe.calls[1][1] == "t-1"


def test_answers_that_were_kept_by_the_path_of_before_are_still_found() -> None:
    spec = next(spec for spec in ACTIONS if spec.name == "send_message")
    before = hashlib.sha256(json.dumps([False, "buyer-1", "POST", PATH, KEY]).encode()).hexdigest()
    assert edge.idempotency_id_of(Caller("buyer-1"), spec, {"dispute_id": "t-1"}, KEY) == before


@pytest.mark.parametrize("sent", [None, {}, {"dispute_id": ""}, {"dispute_id": None}, {"other_id": "t-1"}])
def test_an_id_that_the_gateway_does_not_give_is_absent(probe: Probe, sent: object) -> None:
    result = probe.writes({**event("POST", PATH, BUYER, resource=RESOURCE), "pathParameters": sent}, CONTEXT)
    assert result["statusCode"] == 404
    assert probe.calls == []


def test_one_call_leaves_nothing_to_the_next(probe: Probe) -> None:
    probe.post(body={"text": "x"})
    probe.post()
    assert [note for _, _, note in probe.calls] == [Note("x"), Note("")]


# --- what goes back ---------------------------------------------------------------------------------------------------


def test_an_answer_has_its_version_and_place_and_is_for_no_cache(probe: Probe) -> None:
    result = probe.post()
    assert (result["statusCode"], result["body"], result["isBase64Encoded"]) == (201, '{"a":1}', False)
    assert header(result, "ETag") == '"7-015abd7f5cc57a2d"'
    assert header(result, "Location") == "../../../v1/things/t-1"
    assert header(result, "Content-Type") == "application/json"
    assert header(result, "Cache-Control") == "no-store"
    json.dumps(result)


def test_an_answer_without_version_and_place_says_nothing_of_them(probe: Probe) -> None:
    probe.answer = lambda: Answer(200, b"{}")
    result = probe.post()
    assert header(result, "ETag") is None
    assert header(result, "Location") is None


BODY = b'{"a":"x","files":[{"download":{"url":"https://s3/1","expires_at":"1"}}],"as_of":"2026-01-01T00:00:00.000Z"}'


@pytest.mark.parametrize("named", ["{}", "W/{}", '"1-00", {}', "*"])
def test_who_has_the_document_already_is_answered_304_without_it(probe: Probe, named: str) -> None:
    probe.answer = lambda: Answer(200, BODY, version=7)
    etag = str(header(probe.get(), "ETag"))
    # Neither the present nor another link to the same file makes it another document.
    later = BODY.replace(b"T00:", b"T01:").replace(b"s3/1", b"s3/2").replace(b'at":"1', b'at":"2')
    probe.answer = lambda: Answer(200, later, version=7)
    result = probe.get(headers={"If-None-Match": named.format(etag), "Origin": ORIGIN})
    assert (result["statusCode"], result["body"], header(result, "ETag")) == (304, "", etag)
    assert header(result, "Content-Type") is None
    assert header(result, "Access-Control-Allow-Origin") == ORIGIN


@pytest.mark.parametrize(
    ("body", "version"), [(BODY.replace(b'"x"', b'"y"'), 7), (BODY, 8), (BODY.replace(b"files", b"items"), 7)]
)
def test_whatever_is_different_for_the_reader_is_sent_whole(probe: Probe, body: bytes, version: int) -> None:
    probe.answer = lambda: Answer(200, BODY, version=7)
    etag = str(header(probe.get(), "ETag"))
    probe.answer = lambda: Answer(200, body, version=version)
    result = probe.get(headers={"If-None-Match": etag})
    assert (result["statusCode"], result["body"]) == (200, body.decode())
    assert header(result, "ETag") != etag


def test_a_write_knows_no_if_none_match(probe: Probe) -> None:
    etag = str(header(probe.post(), "ETag"))
    assert probe.post(headers={"If-None-Match": etag})["statusCode"] == 201


def test_an_answer_without_a_version_is_always_sent(probe: Probe) -> None:
    probe.answer = lambda: Answer(200, b"{}")
    assert probe.get(headers={"If-None-Match": "*"})["statusCode"] == 200


@pytest.mark.parametrize("origin", [ORIGIN, "https://seller.shop.example.com"])
def test_an_origin_of_ours_may_read_answers_and_problems(probe: Probe, origin: str) -> None:
    for result in (probe.post(headers={"Origin": origin}), probe.post(key=None, headers={"origin": origin})):
        assert header(result, "Access-Control-Allow-Origin") == origin
        assert "ETag" in str(header(result, "Access-Control-Expose-Headers"))
        assert header(result, "Access-Control-Allow-Credentials") is None
        assert header(result, "Vary") == "Origin"


@pytest.mark.parametrize(
    "origin", ["https://evil.example.org", "null", f"{ORIGIN}.evil.example.org", "http://shop.example.com"]
)
def test_no_other_origin_may(probe: Probe, origin: str) -> None:
    for result in (
        probe.post(headers={"Origin": origin}),
        probe.post(key=None, headers={"Origin": origin}),
        probe.post(),
    ):
        assert header(result, "Access-Control-Allow-Origin") is None


@pytest.mark.parametrize(("error", "status"), [(ContentionError("x"), 503), (FOR_NOW, 429)])
def test_what_may_pass_says_when_to_try_again(probe: Probe, error: Exception, status: int) -> None:
    def fail() -> Answer:
        raise error

    probe.answer = fail
    result = probe.post()
    assert result["statusCode"] == status
    assert int(str(header(result, "Retry-After"))) >= 1
