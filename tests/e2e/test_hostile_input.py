"""Input that no honest client sends: each gets a 4xx problem document that names the field, and changes nothing."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from local.client import BACKEND, Response
from tests.e2e.case import Case, usd
from tests.e2e.test_bad_input import errors_of
from tests.e2e.test_gate import ABSENT, problem
from tests.e2e.waiting import utc_now
from tests.e2e.world import Json, World

# Of each test a part, but of those alone that have many cases.
pytestmark = [pytest.mark.usefixtures("calm"), pytest.mark.sampled(every=6)]

OFFER: Json = {"type": "REFUND", "refund": usd(100)}
CLAIM: Json = {"confirm_no_agreement": True, "claim_reason": "SELLER_NOT_RESPONDING"}
KIB = 1024
HALF = '"\\ud800"'


@pytest.fixture
def case(young_case: Case) -> Iterator[Case]:
    """A case of which nothing is left changed: version, timeline, offers, messages and evidence."""
    before = state_of(young_case)
    yield young_case
    after = state_of(young_case)
    # The clock's own entries and mails are nobody's input.
    if after["clock"] == before["clock"]:
        assert after == before
    else:
        kept = after.keys() - {"clock", "version"}
        assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def state_of(case: Case) -> Json:
    entries = case.timeline()
    counts = {
        name: len(case.read("buyer", f"{case.path}/{name}")["items"]) for name in ("offers", "messages")
    }
    return counts | {
        "version": case.look()["version"],
        "by_people": [entry["seq"] for entry in entries if entry["actor"]["role"] != "SYSTEM"],
        "clock": (sum(entry["actor"]["role"] == "SYSTEM" for entry in entries), len(case.outbox())),
        "evidence": len(case.read("buyer", f"{case.path}/evidence")["items"]),
    }


def refused(answer: Response, pointer: str, code: str) -> None:
    assert (answer.status, answer.code) == (400, "VALIDATION_FAILED"), answer
    assert errors_of(problem(answer)) == [(pointer, code)]


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


def with_note(raw: str) -> bytes:
    return f'{{"type": "NO_REFUND", "note": {raw}}}'.encode()


def with_amount(raw: str) -> bytes:
    return f'{{"type": "REFUND", "refund": {{"amount_minor": {raw}, "currency": "USD"}}}}'.encode()


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (with_note('"' + "x" * (64 * KIB) + '"'), "", "TOO_LARGE"),
        (with_note('"' + "x" * (1025 * KIB) + '"'), "", "TOO_LARGE"),
        (b" " * (65 * KIB) + b"{}", "", "TOO_LARGE"),
        (nested(17).encode(), "", "TOO_DEEP"),
        (nested(9000).encode(), "", "TOO_DEEP"),
        (b"[" * 60000, "", "TOO_DEEP"),
        (b'{"type":"NO_REFUND","note":"a","note":"b"}', "/note", "REPEATED"),
        (
            b'{"type":"REFUND","refund":{"amount_minor":1,"currency":"USD","amount_minor":2}}',
            "/refund/amount_minor",
            "REPEATED",
        ),
        (with_amount("NaN"), "", "INVALID_JSON"),
        (with_amount("Infinity"), "", "INVALID_JSON"),
        (with_amount("-Infinity"), "", "INVALID_JSON"),
        (with_amount("1e999"), "/refund/amount_minor", "WRONG_TYPE"),
        (with_amount("9" * 18), "/refund/amount_minor", "TOO_LARGE"),
        (with_amount("9" * 5000), "", "INVALID_JSON"),
        (with_amount("-5"), "/refund/amount_minor", "TOO_SMALL"),
        (with_amount("0.1"), "/refund/amount_minor", "WRONG_TYPE"),
        (with_amount('"100"'), "/refund/amount_minor", "WRONG_TYPE"),
        (with_amount("true"), "/refund/amount_minor", "WRONG_TYPE"),
        (with_amount("null"), "/refund/amount_minor", "WRONG_TYPE"),
        # Within a text, the gateway has put U+FFFD in the place of such bytes before any function sees them.
        (b'{"type":"\xff\xfe"}', "/type", "NOT_ALLOWED"),
        (b'{"type":"NO_REFUND","\xff":1}', "/\ufffd", "UNKNOWN_FIELD"),
        (b'{"type":"NO_REFUND"}\xed\xa0\x80', "", "INVALID_JSON"),
        (with_note(HALF), "", "INVALID_ENCODING"),
        (b'{"type":"NO_REFUND",' + HALF.encode() + b":1}", "", "INVALID_ENCODING"),
        (with_note('"a\\u0000b"'), "/note", "INVALID_FORMAT"),
        (with_note('"a\\u001b[31m"'), "/note", "INVALID_FORMAT"),
        (with_note('"a\x01b"'), "", "INVALID_JSON"),
        (with_note("{}"), "/note", "WRONG_TYPE"),
        (with_note('["a"]'), "/note", "WRONG_TYPE"),
        (b'{"type":"NO_REFUND"} {"type":"NO_REFUND"}', "", "INVALID_JSON"),
        (b"null", "", "WRONG_TYPE"),
        (b'{"type":"NO_REFUND","a/b~c":1}', "/a~1b~0c", "UNKNOWN_FIELD"),
        (b'{"type":"NO_REFUND","__proto__":{"role":"case_manager"}}', "/__proto__", "UNKNOWN_FIELD"),
    ],
    ids=lambda value: value[:40].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_a_hostile_body_is_refused_and_changes_nothing(
    case: Case, body: bytes, pointer: str, code: str
) -> None:
    refused(case.post("seller", "offers", body), pointer, code)


@pytest.mark.parametrize(
    ("who", "call", "body", "pointer", "code"),
    [
        (
            "buyer",
            "evidence",
            {
                "type": "PHOTO",
                "files": [{"name": "a", "media_type": "image/png", "size": 1, "sha256": "0" * 64, "x": 1}],
            },
            "/files/0/x",
            "UNKNOWN_FIELD",
        ),
        (
            "buyer",
            "evidence",
            {
                "type": "PHOTO",
                "files": [{"name": "a", "media_type": "text/html", "size": 1, "sha256": "0" * 64}],
            },
            "/files/0/media_type",
            "NOT_ALLOWED",
        ),
        (
            "buyer",
            "evidence",
            {
                "type": "PHOTO",
                "files": [{"name": "a\r\nb", "media_type": "image/png", "size": 1, "sha256": "0" * 64}],
            },
            "/files/0/name",
            "INVALID_FORMAT",
        ),
        ("buyer", "messages", {"text": "\u0007"}, "/text", "INVALID_FORMAT"),
        ("buyer", "messages", {"text": " \n\t"}, "/text", "INVALID_FORMAT"),
        ("buyer", "messages", {"text": "x" * 2001}, "/text", "TOO_LONG"),
        ("buyer", "escalate", CLAIM | {"text": {"a": 1}}, "/text", "WRONG_TYPE"),
        ("buyer", "cancel", {"acknowledge_consequences": "yes"}, "/acknowledge_consequences", "WRONG_TYPE"),
        ("buyer", "cancel", {"acknowledge_consequences": 1}, "/acknowledge_consequences", "WRONG_TYPE"),
        ("seller", "accept-request", {"force": True}, "/force", "UNKNOWN_FIELD"),
    ],
)
def test_the_wrong_field_is_named_at_any_depth(
    case: Case, who: str, call: str, body: Json, pointer: str, code: str
) -> None:
    refused(case.post(who, call, body), pointer, code)


def test_an_order_with_a_stranger_field_deep_inside_is_refused(world: World) -> None:
    other = Case(world)
    body = {"buyer_id": "b", "seller_id": "s"}
    address = {"lines": ["1 Main St"], "country": "US", "planet": "Earth"}
    order = other.order_body(utc_now()) | body
    answer = world.client.put(BACKEND, f"/v1/orders/{other.order_id}", order | {"delivery_address": address})
    refused(answer, "/delivery_address/planet", "UNKNOWN_FIELD")
    assert world.row(f"ORDER#{other.order_id}", "ORDER") is None


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_another_currency_is_impossible(case: Case, currency: str) -> None:
    refund = {"amount_minor": 100, "currency": currency}
    answer = case.post("seller", "offers", {"type": "REFUND", "refund": refund})
    assert (answer.status, answer.code, problem(answer)["rule"]) == (422, "CURRENCY_MISMATCH", "R11")


@pytest.mark.parametrize("currency", ["usd", "US", "US$", "USDX", "", "USD\n", "Ｕ" * 3])
def test_what_is_no_currency_is_malformed(case: Case, currency: str) -> None:
    refund = {"amount_minor": 100, "currency": currency}
    refused(case.post("seller", "offers", OFFER | {"refund": refund}), "/refund/currency", "INVALID_FORMAT")


@pytest.mark.parametrize(
    "key", [None, "short", "x" * 65, "x" * 4000, "spaces in between", "semi;colon;semi;colon", "\u00e9" * 20]
)
@pytest.mark.parametrize("call", ["offers", "cancel", "messages", "evidence"])
def test_no_call_goes_without_a_proper_key(case: Case, call: str, key: str | None) -> None:
    body = {"acknowledge_consequences": True} if call == "cancel" else OFFER
    headers = {} if key is None else {"idempotency-key": key}
    answer = case.post("buyer", call, body, key="", headers=headers)
    assert (answer.status, answer.code) == (400, "IDEMPOTENCY_KEY_REQUIRED")
    found = problem(answer)["errors"]
    code = "REQUIRED" if key is None else "INVALID_FORMAT"
    # What is wrong with the body, which is another call's, stands beside it.
    of_headers = [(error["header"], error["code"]) for error in found if "header" in error]
    assert of_headers == [("Idempotency-Key", code)]


def test_a_key_that_was_used_for_another_body_is_refused(world: World) -> None:
    other = Case.opened(world)
    key = secrets.token_urlsafe(24)
    first = other.post("buyer", "messages", {"text": "Where is it?"}, key=key)
    assert first.status == 201
    before = state_of(other)
    answer = other.post("buyer", "messages", {"text": "Where is it now?"}, key=key)
    assert (answer.status, answer.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    problem(answer)
    assert state_of(other) == before
    # Neither another caller nor another call meets it.
    assert other.post("seller", "messages", {"text": "On its way."}, key=key).status == 201
    assert other.post("buyer", "offers", OFFER, key=key).status == 201


@pytest.mark.parametrize(
    "version", ["abc", '"1', "-1", "1.0", '"' + "9" * 40 + '"', '"1", "2"', "\u0661", 'W/"', "", "0x1"]
)
def test_an_if_match_that_is_no_version_is_named(case: Case, version: str) -> None:
    sent = {"if-match": version.encode("utf-8").decode("latin-1")}
    refused(case.post("seller", "offers", OFFER, headers=sent), "/If-Match", "INVALID_FORMAT")


@pytest.mark.parametrize("version", ['"0"', '"999999"', 'W/"0"', "0"])
def test_a_stale_if_match_is_412(case: Case, version: str) -> None:
    answer = case.post("seller", "offers", OFFER, headers={"if-match": version})
    assert (answer.status, answer.code) == (412, "STALE_VERSION")
    problem(answer)


@pytest.mark.parametrize(
    "odd",
    [
        quote("dp-\u00e9\u4e2d\U0001f600", safe=""),
        "dp-1%2Foffers",
        "..%2f..%2forders",
        "%00",
        "dp-1%0d%0ax",
        "dp%20-1",
        "%25",
        "CASE%23dp-1",
        "x" * 65,
        "x" * 3000,
        ABSENT,
    ],
)
def test_an_odd_id_is_absent_like_any_other(world: World, odd: str) -> None:
    for method, tail, body in (
        ("GET", "", None),
        ("GET", "/timeline", None),
        ("POST", "/cancel", {"acknowledge_consequences": True}),
    ):
        answer = world.client.call("buyer", method, f"/v1/disputes/{odd}{tail}", body=body)
        assert (answer.status, answer.code) == (404, "NOT_FOUND"), (odd, method, tail, answer)
        problem(answer)


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("page_size=1&page_size=2", "/page_size", "REPEATED"),
        ("page_size=1&page_size=1", "/page_size", "REPEATED"),
        ("page_size=-1", "/page_size", "TOO_SMALL"),
        ("page_size=1e1", "/page_size", "WRONG_TYPE"),
        ("page_size=" + "9" * 400, "/page_size", "WRONG_TYPE"),
        ("page_size=%D9%A1", "/page_size", "WRONG_TYPE"),
        ("page_size=", "/page_size", "WRONG_TYPE"),
        ("page_token=%00", "/page_token", "INVALID_FORMAT"),
        ("page_token=" + "x" * 3000, "/page_token", "TOO_LONG"),
        ("page_token=AAAA", "/page_token", "NOT_OF_THIS_LIST"),
        ("a%2Fb=1", "/a~1b", "UNKNOWN_FIELD"),
    ],
)
def test_an_odd_parameter_is_named(world: World, case: Case, query: str, pointer: str, code: str) -> None:
    refused(world.client.get("buyer", f"{case.path}/timeline?{query}"), pointer, code)


def test_the_page_token_of_another_case_is_foreign(world: World, case: Case) -> None:
    other = Case.opened(world)
    for text in ("one", "two"):
        assert other.post("buyer", "messages", {"text": text}).status == 201
    token: Any = world.client.get("buyer", f"{other.path}/messages", {"page_size": 1}).body["next_page_token"]
    assert world.client.get("buyer", f"{other.path}/messages", {"page_token": token}).status == 200
    for who, path in (
        ("seller", f"{other.path}/messages"),
        ("buyer", f"{case.path}/messages"),
        ("buyer", f"{other.path}/timeline"),
    ):
        refused(world.client.get(who, path, {"page_token": token}), "/page_token", "NOT_OF_THIS_LIST")


def test_a_token_that_is_none_of_ours_is_401(world: World, case: Case) -> None:
    for header in ("Bearer x", "Bearer " + "x" * 6000, "Bearer a.b.c", "Basic eDp4", "Bearer \u00e9"):
        for method, tail, body in (("GET", "", None), ("POST", "/offers", json.dumps(OFFER).encode())):
            answer = world.client.call(
                "anonymous", method, case.path + tail, body=body, headers={"authorization": header}
            )
            assert (answer.status, answer.code) == (401, "UNAUTHENTICATED"), (header[:20], answer)
            problem(answer)
