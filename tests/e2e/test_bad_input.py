"""Bad input: a clear 4xx problem document that names the field and the rule, and nothing is changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from local.client import BACKEND
from tests.e2e.case import PAID, Case, usd
from tests.e2e.test_gate import problem
from tests.e2e.waiting import stated, utc_now
from tests.e2e.world import Json, World

OFFER = {"type": "REFUND", "refund": usd(100)}


@pytest.fixture
def case(young_case: Case) -> Case:
    """The case that all of this is tried on; nothing of it leaves a trace."""
    return young_case


def place_of(error: Json) -> str:
    """The pointer into the body, or `/` and the name of a parameter or header."""
    (place,) = {"pointer", "parameter", "header"} & error.keys()
    assert error["detail"]
    return str(error[place]) if place == "pointer" else f"/{error[place]}"


def errors_of(document: Json) -> list[tuple[str, str]]:
    return [(place_of(error), error["code"]) for error in document["errors"]]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (OFFER | {"colour": "red"}, "/colour", "UNKNOWN_FIELD"),
        ({"type": "REFUND", "refund": usd(100) | {"cents": 1}}, "/refund/cents", "UNKNOWN_FIELD"),
        ({"refund": usd(100)}, "/type", "REQUIRED"),
        ({"type": "GIFT", "refund": usd(100)}, "/type", "NOT_ALLOWED"),
        (
            {"type": "REFUND", "refund": {"amount_minor": 1.5, "currency": "USD"}},
            "/refund/amount_minor",
            "WRONG_TYPE",
        ),
        (
            {"type": "REFUND", "refund": {"amount_minor": -1, "currency": "USD"}},
            "/refund/amount_minor",
            "TOO_SMALL",
        ),
        (OFFER | {"note": "x" * 1001}, "/note", "TOO_LONG"),
    ],
)
def test_a_wrong_field_is_named(case: Case, body: Json, pointer: str, code: str) -> None:
    answer = case.post("seller", "offers", body)
    assert (answer.status, answer.code) == (400, "VALIDATION_FAILED")
    assert errors_of(problem(answer)) == [(pointer, code)]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"text"', b'{"type": "REFUND", "type": "REFUND"}', b"\xff\xfe"]
)
def test_what_is_no_json_object_is_refused(case: Case, body: bytes) -> None:
    answer = case.post("seller", "offers", body)
    assert (answer.status, answer.code) == (400, "VALIDATION_FAILED")
    problem(answer)


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "sixteen chars !!"])
def test_a_post_needs_a_proper_idempotency_key(case: Case, key: str) -> None:
    headers = {"idempotency-key": key} if key else None
    answer = case.post("seller", "offers", OFFER, key="", headers=headers)
    assert (answer.status, answer.code) == (400, "IDEMPOTENCY_KEY_REQUIRED")
    problem(answer)


def test_a_read_carries_the_version_as_etag_and_a_stale_if_match_is_412(world: World, case: Case) -> None:
    seen = world.client.get("buyer", case.path)
    assert str(seen.etag).startswith(f'"{seen.body["version"]}-')
    known = world.client.call("buyer", "GET", case.path, headers={"if-none-match": str(seen.etag)})
    assert (known.status, known.etag) == (304, seen.etag)
    for stale in ('"0"', '"999"'):
        answer = case.post("seller", "offers", OFFER, headers={"if-match": stale})
        assert (answer.status, answer.code) == (412, "STALE_VERSION")
        problem(answer)


def test_an_if_match_that_is_no_version_is_refused(case: Case) -> None:
    answer = case.post("seller", "offers", OFFER, headers={"if-match": '"abc"'})
    assert answer.status == 400
    assert errors_of(problem(answer)) == [("/If-Match", "INVALID_FORMAT")]


@pytest.mark.parametrize(
    ("refund", "status", "code"),
    [
        (usd(PAID + 1), 422, "AMOUNT_OUT_OF_RANGE"),
        (usd(0), 422, "AMOUNT_OUT_OF_RANGE"),
        ({"amount_minor": 100, "currency": "EUR"}, 422, "CURRENCY_MISMATCH"),
    ],
)
def test_r11_a_refund_is_more_than_nothing_at_most_what_was_paid_and_in_its_currency(
    world: World, case: Case, refund: Json, status: int, code: str
) -> None:
    other = Case(world)
    other.ship()
    opened = world.client.post("buyer", "/v1/disputes", other.opening() | {"requested_refund": refund})
    offered = case.post("seller", "offers", {"type": "REFUND", "refund": refund})
    for answer in (opened, offered):
        assert (answer.status, answer.code, problem(answer)["rule"]) == (status, code, "R11")
    assert other.read("buyer", f"/v1/orders/{other.order_id}")["disputes_opened"] == 0


def test_r7_before_the_fifth_day_it_is_too_early_and_the_answer_says_when(world: World) -> None:
    other = Case(world)
    # No further ahead than clocks may be (R41).
    order = other.ship(days_ago=-15)
    answer = world.client.post("buyer", "/v1/disputes", other.opening())
    assert (answer.status, answer.code, problem(answer)["rule"]) == (409, "TOO_EARLY", "R7")
    assert answer.body["available_at"] == order["dispute_opens_at"]
    eligibility = other.read("buyer", f"/v1/orders/{other.order_id}/dispute-eligibility")
    assert (eligibility["eligible"], eligibility["code"], eligibility["rule"]) == (False, "TOO_EARLY", "R7")


def test_r2_after_its_completion_an_order_cannot_be_disputed(world: World) -> None:
    other, shipped = Case(world), utc_now() - timedelta(seconds=20 * world.day)
    # What is reported late completes late, unless the shop says when (R3, R41).
    body = other.order_body(shipped, 10) | {"completion_at": stated(shipped + (utc_now() - shipped) / 2)}
    assert world.client.put(BACKEND, f"/v1/orders/{other.order_id}", body).status == 201
    answer = world.client.post("buyer", "/v1/disputes", other.opening())
    assert (answer.status, answer.code, problem(answer)["rule"]) == (409, "ORDER_COMPLETED", "R2")


def test_r20_the_claim_reason_other_needs_a_text(case: Case) -> None:
    answer = case.post("buyer", "escalate", {"confirm_no_agreement": True, "claim_reason": "OTHER"})
    assert answer.status == 400
    assert problem(answer)["rule"] == "R20"
    assert errors_of(answer.body) == [("/text", "REQUIRED")]


@pytest.mark.parametrize(
    "query", [{"page_size": 0}, {"page_size": 51}, {"page_size": "ten"}, {"colour": "red"}]
)
def test_a_wrong_parameter_is_named(world: World, case: Case, query: dict[str, str | int]) -> None:
    answer = world.client.get("buyer", f"{case.path}/timeline", query)
    assert (answer.status, answer.code) == (400, "VALIDATION_FAILED")
    assert [pointer for pointer, _ in errors_of(problem(answer))] == [f"/{next(iter(query))}"]


def test_a_page_token_works_for_its_caller_and_its_list_only(world: World, case: Case) -> None:
    Case.opened(world)
    first = world.client.get("buyer", "/v1/disputes", {"page_size": 1})
    token = first.body["next_page_token"]
    second = world.client.get("buyer", "/v1/disputes", {"page_size": 1, "page_token": token})
    assert second.status == 200
    assert second.body["items"][0]["dispute_id"] != first.body["items"][0]["dispute_id"]
    for who, path, query in (
        ("other_buyer", "/v1/disputes", {}),
        ("seller", "/v1/disputes", {}),
        ("buyer", "/v1/disputes", {"status": "NEGOTIATION"}),
        ("buyer", f"{case.path}/timeline", {}),
    ):
        answer = world.client.get(who, path, {"page_token": token} | query)
        assert answer.status == 400, (who, path, answer)
        assert errors_of(problem(answer)) == [("/page_token", "NOT_OF_THIS_LIST")]
    garbage = world.client.get("buyer", "/v1/disputes", {"page_token": "bm90LWEtdG9rZW4"})
    assert garbage.status == 400
    problem(garbage)
