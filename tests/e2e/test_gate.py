"""The gate on the deployed stack: who gets in, and how everybody else is refused (with RFC 9457 problem documents)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.routes import SPECS, FunctionSpec, Kind
from local.client import ANONYMOUS, BACKEND, Client, Response
from local.state import Backend
from tests.e2e.case import Case
from tests.e2e.matrix import OF_OPERATORS
from tests.e2e.waiting import utc_now
from tests.e2e.world import Json, World
from tests.support.calls import CALLS, IDS, body_of

ABSENT = "dp-00000000000000000000000000"
API_ROWS = [row for row in SPECS if row.kind is Kind.API]
# What people may call about a case: operators see the rows of every case, and nothing of its parties'.
CASE_ROWS = [
    row for row in API_ROWS if "{dispute_id}" in row.path and row.is_for_people and row.id not in OF_OPERATORS
]
PERSON_ROWS = [row for row in API_ROWS if row.is_for_people]
SYSTEM_ROWS = [row for row in API_ROWS if not row.is_for_people]


@pytest.fixture
def case(young_case: Case) -> Case:
    """A case of the buyer and the seller, still negotiating; nothing that is tried here changes it."""
    return young_case


def call(client: Client, who: str, row: FunctionSpec, dispute_id: str, order_id: str = "order-1") -> Response:
    ids = {**IDS, "dispute_id": dispute_id, "order_id": order_id, "seller_id": "seller-0"}
    return client.call(who, row.method, row.path.format_map(ids), body=body_of(row, utc_now()))


def problem(answer: Response) -> Json:
    """The answer as a problem document, without what differs from call to call."""
    assert answer.headers["content-type"] == "application/problem+json", answer
    assert answer.body["status"] == answer.status
    assert {"type", "title", "code", "detail"} <= answer.body.keys()
    assert answer.body["request_id"]
    return {name: value for name, value in answer.body.items() if name != "request_id"}


@pytest.mark.parametrize("row", CASE_ROWS, ids=lambda row: row.id)
def test_r1_to_a_stranger_a_case_is_as_absent_as_one_that_never_was(
    world: World, case: Case, row: FunctionSpec
) -> None:
    absent = call(world.client, "other_buyer", row, ABSENT)
    assert (absent.status, absent.code) == (404, "NOT_FOUND")
    for stranger in ("other_buyer", "other_seller"):
        there = call(world.client, stranger, row, case.dispute_id)
        assert there.status == absent.status
        assert problem(there) == problem(absent)


@pytest.mark.parametrize("call_path", ["", "/dispute-eligibility"])
def test_r1_to_a_stranger_an_order_is_as_absent_as_one_that_never_was(
    world: World, case: Case, call_path: str
) -> None:
    absent = world.client.get("other_buyer", f"/v1/orders/order-never-was{call_path}")
    there = world.client.get("other_buyer", f"/v1/orders/{case.order_id}{call_path}")
    assert absent.status == 404
    assert problem(there) == problem(absent)


def test_r1_nobody_but_its_buyer_opens_a_dispute_about_an_order(world: World) -> None:
    case = Case(world)
    case.ship()
    for who in ("other_buyer", "seller", "case_manager"):
        answer = world.client.post(who, "/v1/disputes", case.opening())
        assert (answer.status, answer.code) == (404, "NOT_FOUND"), who
        problem(answer)
    assert case.read("buyer", f"/v1/orders/{case.order_id}")["disputes_opened"] == 0


def test_r18_the_seller_cannot_escalate(case: Case) -> None:
    answer = case.post("seller", "escalate", CALLS["escalate_dispute"].body)
    assert (answer.status, answer.code, problem(answer)["rule"]) == (403, "FORBIDDEN", "R18")


def test_r14_the_buyer_cannot_accept_their_own_request(case: Case) -> None:
    answer = case.post("buyer", "offers/of-1/accept")
    assert (answer.status, answer.code, problem(answer)["rule"]) == (403, "FORBIDDEN", "R14")


def test_r24_only_the_team_reads_the_brief_sees_the_queue_and_decides(world: World, case: Case) -> None:
    for who in ("buyer", "seller"):
        for answer in (
            world.client.get(who, f"{case.path}/claim/brief"),
            world.client.get(who, "/v1/mediation/queue"),
            case.post(who, "claim/decision", CALLS["decide_claim"].body),
            case.post(who, "claim/evidence-window", {"due_at": "2100-01-01T00:00:00Z"}),
        ):
            assert answer.status == 403, answer
            problem(answer)


def test_the_team_is_no_party_and_cannot_bargain(case: Case) -> None:
    for path, body in (
        ("offers", CALLS["make_offer"].body),
        ("offers/of-1/accept", {}),
        ("accept-request", {}),
    ):
        answer = case.post("case_manager", path, body)
        assert answer.status == 403, answer
        problem(answer)


@pytest.mark.parametrize("row", PERSON_ROWS, ids=lambda row: row.id)
def test_without_a_token_nobody_gets_in(world: World, case: Case, row: FunctionSpec) -> None:
    answer = call(world.client, ANONYMOUS, row, case.dispute_id)
    assert answer.status == 401, answer
    assert problem(answer)["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("token", ["Bearer nonsense", "Bearer a.b.c", "Basic YTpi"])
def test_with_a_token_that_is_none_nobody_gets_in(world: World, case: Case, token: str) -> None:
    answer = world.client.call(ANONYMOUS, "GET", case.path, headers={"authorization": token})
    assert answer.status == 401, answer
    assert problem(answer)["code"] == "UNAUTHENTICATED"


def test_a_token_whose_claims_were_altered_is_refused(world: World, case: Case) -> None:
    head, _, signature = world.client.token("buyer").split(".")
    forged = f"Bearer {head}.{world.client.token('case_manager').split('.')[1]}.{signature}"
    answer = world.client.call(ANONYMOUS, "GET", case.path, headers={"authorization": forged})
    assert answer.status == 401, answer
    problem(answer)


@pytest.mark.parametrize("row", SYSTEM_ROWS, ids=lambda row: row.id)
def test_the_shops_own_calls_are_closed_to_people_and_to_the_public(
    world: World, case: Case, row: FunctionSpec
) -> None:
    for who in (ANONYMOUS, "buyer", "case_manager"):
        answer = call(world.client, who, row, case.dispute_id, case.order_id)
        assert answer.status in (401, 403), answer
        problem(answer)


@pytest.mark.parametrize("row", SYSTEM_ROWS, ids=lambda row: row.id)
def test_a_backend_with_a_wrong_signature_is_refused(world: World, case: Case, row: FunctionSpec) -> None:
    backend = Backend(world.stack.backend.access_key_id, "not-the-secret-" + "x" * 24)
    forger = Client(replace(world.stack, backend=backend))
    answer = call(forger, BACKEND, row, case.dispute_id, case.order_id)
    assert answer.status in (401, 403), answer
    problem(answer)


def test_the_backends_signature_opens_no_persons_call(world: World, case: Case) -> None:
    at_peoples_api = Client(replace(world.stack, backend_api_url=""))
    answer = at_peoples_api.get(BACKEND, case.path)
    assert answer.status in (401, 403), answer
    problem(answer)


def test_h4_the_backend_reads_what_follows_from_its_orders_at_its_own_api(world: World, case: Case) -> None:
    dispute = world.client.get(BACKEND, case.path)
    assert dispute.status == 200, dispute
    assert dispute.body["dispute_id"] == case.dispute_id
    assert (dispute.body["assigned_to"], dispute.body["available_actions"]) == (None, [])
    for path in (
        f"/v1/orders/{case.order_id}",
        f"/v1/orders/{case.order_id}/dispute-eligibility",
        f"{case.path}/timeline",
        f"{case.path}/offers",
        f"{case.path}/evidence",
        "/v1/policies/aliexpress-classic",
    ):
        assert world.client.get(BACKEND, path).status == 200, path
    found = world.client.get(BACKEND, "/v1/disputes", {"order_id": case.order_id}).body["items"]
    assert [item["dispute_id"] for item in found] == [case.dispute_id]


def test_h4_the_backends_api_opens_with_a_signature_alone(world: World, case: Case) -> None:
    at_the_backends = Client(replace(world.stack, api_url=world.stack.backend_api_url))
    for who in (ANONYMOUS, "buyer"):
        answer = at_the_backends.get(who, case.path)
        assert answer.status in (401, 403), answer
        problem(answer)
    assert at_the_backends.get(ANONYMOUS, case.path).headers["www-authenticate"]


@pytest.mark.parametrize("who", [ANONYMOUS, "buyer", BACKEND])
def test_h9_wrong_methods_and_paths_are_answered_at_both_apis(world: World, case: Case, who: str) -> None:
    wrong = world.client.call(who, "PATCH", f"/v1/orders/{case.order_id}", body={})
    assert (wrong.status, wrong.code) == (405, "METHOD_NOT_ALLOWED")
    assert wrong.headers["allow"] == ("PUT, GET, OPTIONS")
    for path in ("/v1/mediation", "/v1/nothing", "/"):
        absent = world.client.get(who, path)
        assert (absent.status, absent.code) == (404, "NOT_FOUND"), path


def test_h9_what_is_not_json_is_415(world: World, case: Case) -> None:
    answer = world.client.call(
        "buyer", "POST", f"{case.path}/messages", body=b"text=x", headers={"content-type": "text/plain"}
    )
    assert (answer.status, problem(answer)["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
