"""Whole handlers over moto: a dispute's life through the functions, as API Gateway calls them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from buyer_protection.adapters.aws.clients import client
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.composition import container
from tests.integration.conftest import REGION, TABLE_NAME
from tests.support.api_events import CONTEXT, ENVIRONMENT, backend, document, header, member, person
from tests.support.in_process import WORKERS, call, handler_of

pytestmark = pytest.mark.usefixtures("shop")

BUYER, OTHER = person("buyer-1"), person("buyer-2")
SELLER = person("seller-1")
MANAGER = member("manager-1")
BACKEND = backend()


def at(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def contact(name: str) -> dict[str, str]:
    return {"email": f"{name}@example.com", "name": name}


def order_body() -> dict[str, Any]:
    return {
        "buyer_id": "buyer-1",
        "seller_id": "seller-1",
        "buyer": contact("buyer"),
        "seller": contact("seller"),
        "currency": "USD",
        "items": [{"item_id": "i-1", "title": "Lamp", "quantity": 1, "amount_minor": 2000}],
        "placed_at": at(-8),
        "guaranteed_delivery_days": 30,
        "shipments": [
            {"shipment_id": "s-1", "carrier": "C", "tracking_number": "T", "shipped_at": at(-6)},
        ],
    }


OPENING = {
    "order_id": "A-1",
    "reason": "NOT_RECEIVED",
    "description": "Nothing came.",
    "requested_refund": {"amount_minor": 2000, "currency": "USD"},
}


@pytest.fixture
def shop(table: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    assert call("put_order", BACKEND, order_body(), order_id="A-1")["statusCode"] == 201
    yield
    container.get.cache_clear()


@pytest.fixture
def dispute(shop: None) -> str:
    result = call("open_dispute", BUYER, OPENING)
    assert result["statusCode"] == 201, result["body"]
    return str(document(result)["dispute_id"])


def test_opening_answers_201_with_its_place_and_version() -> None:
    result = call("open_dispute", BUYER, OPENING)
    opened = document(result)
    assert result["statusCode"] == 201
    assert header(result, "Location") == f"../v1/disputes/{opened['dispute_id']}"
    assert str(header(result, "ETag")).startswith(f'"{opened["version"]}-')
    assert opened["status"] == "NEGOTIATION"


def test_the_same_key_and_body_get_the_same_answer_and_one_effect() -> None:
    key = "the-very-same-key"
    first, again = (call("open_dispute", BUYER, OPENING, key=key) for _ in range(2))
    assert (first["statusCode"], first["body"]) == (again["statusCode"], again["body"])
    assert first["multiValueHeaders"] | {"Idempotent-Replayed": ["true"]} == again["multiValueHeaders"]
    assert "Idempotent-Replayed" not in first["multiValueHeaders"]
    reused = call("open_dispute", BUYER, {**OPENING, "description": "Other."}, key=key)
    assert (reused["statusCode"], document(reused)["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    listed = document(call("list_disputes", BUYER))
    assert len(listed["items"]) == 1


def test_a_second_dispute_names_the_first(dispute: str) -> None:
    problem = document(call("open_dispute", BUYER, OPENING))
    assert (problem["status"], problem["code"], problem["dispute_id"]) == (409, "DISPUTE_EXISTS", dispute)


def test_strangers_see_nothing(dispute: str) -> None:
    absent = call("get_dispute", OTHER, dispute_id="dp-none")
    foreign = call("get_dispute", OTHER, dispute_id=dispute)
    assert [result["statusCode"] for result in (absent, foreign)] == [404, 404]
    assert foreign["body"] == absent["body"]


def test_h4_the_backend_sees_every_case_and_none_that_there_is_not(dispute: str) -> None:
    assert document(call("get_dispute", BACKEND, dispute_id=dispute))["dispute_id"] == dispute
    assert call("get_dispute", BACKEND, dispute_id="dp-none")["statusCode"] == 404
    listed = document(call("list_disputes", BACKEND, query={"order_id": ["A-1"]}))["items"]
    assert [item["dispute_id"] for item in listed] == [dispute]


def test_people_do_not_write_orders() -> None:
    assert call("put_order", BUYER, order_body(), order_id="A-2")["statusCode"] == 403


def test_escalating_too_early_says_when(dispute: str) -> None:
    body = {"confirm_no_agreement": True, "claim_reason": "SELLER_NOT_RESPONDING"}
    problem = document(call("escalate_dispute", BUYER, body, dispute_id=dispute))
    assert (problem["status"], problem["code"], problem["rule"]) == (409, "TOO_EARLY", "R16")
    assert problem["available_at"].endswith("Z")


def test_a_stale_version_is_refused_and_the_right_one_taken(dispute: str) -> None:
    offer = {"type": "REFUND", "refund": {"amount_minor": 500, "currency": "USD"}}
    stale = call("make_offer", SELLER, offer, dispute_id=dispute, headers={"If-Match": '"99"'})
    assert (stale["statusCode"], document(stale)["code"]) == (412, "STALE_VERSION")
    etag = header(call("get_dispute", SELLER, dispute_id=dispute), "ETag")
    made = call("make_offer", SELLER, offer, dispute_id=dispute, headers={"If-Match": str(etag)})
    assert made["statusCode"] == 201


def test_who_has_the_document_is_answered_304_until_something_in_it_is_new(dispute: str) -> None:
    for action in ("get_dispute", "get_dispute_page"):
        etag = str(header(call(action, SELLER, dispute_id=dispute), "ETag"))
        asked = {"If-None-Match": etag}
        assert call(action, SELLER, dispute_id=dispute, headers=asked)["statusCode"] == 304
        # Another reader's document is another, and a message is new to both.
        assert call(action, BUYER, dispute_id=dispute, headers=asked)["statusCode"] == 200
        call("send_message", BUYER, {"text": "Hello?"}, dispute_id=dispute)
        seen = call(action, SELLER, dispute_id=dispute, headers=asked)
        assert (seen["statusCode"], header(seen, "ETag") == etag) == (200, False)
    order = str(header(call("get_order", BUYER, order_id="A-1"), "ETag"))
    again = call("get_order", BUYER, order_id="A-1", headers={"If-None-Match": order})
    assert (again["statusCode"], again["body"]) == (304, "")
    put = call("put_order", BACKEND, order_body(), order_id="A-1", headers={"If-Match": order})
    assert put["statusCode"] == 200


def test_the_shops_keys_are_put_without_a_key_of_the_call_and_shown_to_the_team(dispute: str) -> None:
    keys = {"metadata": {"ticket": "CS-1"}}
    for _ in range(2):
        put = call("put_metadata", BACKEND, keys, dispute_id=dispute, key=None)
        assert (put["statusCode"], document(put)["metadata"]) == (200, keys["metadata"])
    assert document(call("get_dispute", MANAGER, dispute_id=dispute))["metadata"] == keys["metadata"]
    assert "metadata" not in document(call("get_dispute", BUYER, dispute_id=dispute))
    assert call("put_metadata", BUYER, keys, dispute_id=dispute)["statusCode"] == 403


def test_q18_a_dispute_is_one_read_and_its_page_seven(dispute: str) -> None:
    calls: list[str] = []
    events = Row.connection().client.meta.events
    events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    document(call("get_dispute", SELLER, dispute_id=dispute))
    assert calls == ["BatchGetItem"]
    calls.clear()
    document(call("get_dispute_page", SELLER, dispute_id=dispute))
    assert sorted(calls) == ["BatchGetItem"] * 3 + ["Query"] * 4


def test_a_dispute_is_negotiated_to_its_end(dispute: str) -> None:
    offer = {"type": "REFUND", "refund": {"amount_minor": 500, "currency": "USD"}}
    made = document(call("make_offer", SELLER, offer, dispute_id=dispute))
    listed = document(call("list_offers", BUYER, dispute_id=dispute))
    assert made["offer_id"] in json.dumps(listed)
    own = call("accept_offer", SELLER, dispute_id=dispute, offer_id=made["offer_id"])
    assert own["statusCode"] == 403
    done = document(call("accept_offer", BUYER, dispute_id=dispute, offer_id=made["offer_id"]))
    assert (done["status"], done["outcome"]["code"]) == ("RESOLVED", "AGREED_PARTIAL_REFUND")
    late = document(call("cancel_dispute", BUYER, {"acknowledge_consequences": True}, dispute_id=dispute))
    assert (late["status"], late["code"]) == (409, "DISPUTE_CLOSED")


def test_evidence_and_timeline_are_read_by_both_and_by_the_team(dispute: str) -> None:
    item = {"type": "STATEMENT", "text": "It never came."}
    assert call("add_evidence", BUYER, item, dispute_id=dispute)["statusCode"] == 201
    for reader in (BUYER, SELLER, MANAGER):
        assert "It never came." in call("list_evidence", reader, dispute_id=dispute)["body"]
        page = document(call("get_timeline", reader, dispute_id=dispute, query={"page_size": ["1"]}))
        assert len(page["items"]) == 1
        token = page["next_page_token"]
        more = call("get_timeline", reader, dispute_id=dispute, query={"page_token": [token]})
        assert more["statusCode"] == 200
        assert token not in json.dumps(document(call("get_dispute", reader, dispute_id=dispute)))


def test_a_page_token_opens_nobody_elses_list(dispute: str) -> None:
    call("add_evidence", BUYER, {"type": "STATEMENT", "text": "x"}, dispute_id=dispute)
    token = document(call("get_timeline", BUYER, dispute_id=dispute, query={"page_size": ["1"]}))[
        "next_page_token"
    ]
    result = call("get_timeline", SELLER, dispute_id=dispute, query={"page_token": [token]})
    assert (result["statusCode"], document(result)["errors"][0]["parameter"]) == (400, "page_token")


def test_the_queue_is_the_teams(dispute: str) -> None:
    assert call("get_mediation_queue", BUYER)["statusCode"] == 403
    assert document(call("get_mediation_queue", MANAGER))["items"] == []
    assert call("get_claim_brief", BUYER, dispute_id=dispute)["statusCode"] == 403
    assert call("get_claim_brief", MANAGER, dispute_id=dispute)["statusCode"] == 409


def test_a_carriers_event_counts_once() -> None:
    report = {"event_id": "e-1", "shipment_id": "s-1", "status": "DELIVERED", "occurred_at": at(-1)}
    first = call("record_tracking_event", BACKEND, report, order_id="A-1")
    again = call("record_tracking_event", BACKEND, report, order_id="A-1")
    assert (first["statusCode"], again["statusCode"]) == (201, 200)
    other = call("record_tracking_event", BACKEND, report | {"status": "IN_TRANSIT"}, order_id="A-1")
    assert (other["statusCode"], document(other)["code"]) == (409, "EVENT_ID_REUSED")


def test_b5_eligibility_is_asked_about_several_items_at_once() -> None:
    found = call("get_dispute_eligibility", BUYER, order_id="A-1", query={"item_id": ["i-1", "i-1"]})
    assert [item["item_id"] for item in document(found)["items"]] == ["i-1"]
    for query, name in (({"item_id": ["i-9"]}, "item_id"), ({"items": ["i-1"]}, "items")):
        refused = call("get_dispute_eligibility", BUYER, order_id="A-1", query=query)
        assert (refused["statusCode"], document(refused)["errors"][0]["parameter"]) == (400, name)


def test_the_order_page_and_eligibility() -> None:
    assert "completion_at" in document(call("get_order", BUYER, order_id="A-1"))
    assert document(call("get_dispute_eligibility", BUYER, order_id="A-1"))["eligible"] is True
    assert call("get_order", OTHER, order_id="A-1")["statusCode"] == 404


def test_policies_are_for_anybody_signed_in() -> None:
    assert document(call("get_policy", BUYER, profile="aliexpress-classic"))["negotiation_days"] == 15
    assert call("get_policy", BUYER, profile="none")["statusCode"] == 404
    body = {"shipped_at": at(0), "guaranteed_delivery_days": 30}
    assert call("preview_policy", BUYER, body, profile="aliexpress-classic")["statusCode"] == 200


def test_a_call_is_named_on_its_timeline_row_and_in_what_is_logged_of_it_until_the_mail(
    table: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "shop-page-0000000042"
    opened = call("open_dispute", BUYER, OPENING, headers={"X-Correlation-Id": name})
    assert header(opened, "X-Correlation-Id") == name
    dispute_id = document(opened)["dispute_id"]
    url = boto3.client("sqs", region_name=REGION).create_queue(QueueName="notifications")["QueueUrl"]
    for variable, value in {**WORKERS, "NOTIFICATION_QUEUE_URL": url, "LATE_CHANGES_QUEUE_URL": url}.items():
        monkeypatch.setenv(variable, value)
    boto3.client("events", region_name=REGION).create_event_bus(Name=WORKERS["EVENT_BUS_NAME"])
    boto3.client("sesv2", region_name=REGION).create_email_identity(EmailIdentity=WORKERS["MAIL_SENDER"])
    capsys.readouterr()
    (row,) = table.query(
        TableName=TABLE_NAME,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": {"S": f"CASE#{dispute_id}"}, ":sk": {"S": "TL#"}},
    )["Items"]
    assert row["correlation_id"] == {"S": name}
    dispatch = handler_of("dispatch_changes")
    keys = {"pk": row["pk"], "sk": row["sk"]}
    dispatch({"Records": [{"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": row}}]}, CONTEXT)
    (message,) = client("sqs").receive_message(QueueUrl=url)["Messages"]
    notify = handler_of("notify_parties")
    assert notify({"Records": [{"messageId": "m-1", "body": message["Body"]}]}, CONTEXT) == {
        "batchItemFailures": []
    }
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    named = [
        (line.get("message"), line["dispute_id"]) for line in lines if line.get("correlation_id") == name
    ]
    assert [one for one in named if one[0]] == [
        ("dispatched", dispute_id),
        ("mail", dispute_id),
        ("mail", dispute_id),
    ]


def test_a_refund_and_a_moved_date_are_logged_with_the_call_that_they_came_from_once(
    table: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "shop-page-0000000043"
    dispute_id = document(call("open_dispute", BUYER, OPENING))["dispute_id"]
    parked = _image(table, dispute_id, "TIMER")
    granted = call("accept_request", SELLER, {}, dispute_id=dispute_id, headers={"X-Correlation-Id": name})
    assert granted["statusCode"] == 200
    for variable, value in WORKERS.items():
        monkeypatch.setenv(variable, value)
    boto3.client("events", region_name=REGION).create_event_bus(Name=WORKERS["EVENT_BUS_NAME"])
    refund, timer = _image(table, dispute_id, "REFUND"), _image(table, dispute_id, "TIMER")
    assert refund["correlation_id"] == timer["correlation_id"] == {"S": name}
    capsys.readouterr()
    dispatch = handler_of("dispatch_changes")
    # What became of the refund later, and that an execution waits again, is no step of the call's.
    changes = ((None, refund), (refund, refund), (parked, timer), (timer, timer))
    for old, new in changes:
        images = {"NewImage": new} | ({"OldImage": old} if old else {})
        record = {"Keys": {"pk": new["pk"], "sk": new["sk"]}, **images}
        dispatch({"Records": [{"eventName": "MODIFY" if old else "INSERT", "dynamodb": record}]}, CONTEXT)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    dispatched = [line for line in lines if line.get("message") == "dispatched"]
    assert [(it["kind"], it["correlation_id"], it["dispute_id"]) for it in dispatched] == [
        ("REFUND", name, dispute_id),
        ("TIMER", name, dispute_id),
    ]


def _image(table: Any, dispute_id: str, sort_key: str) -> Any:
    key = {"pk": {"S": f"CASE#{dispute_id}"}, "sk": {"S": sort_key}}
    return table.get_item(TableName=TABLE_NAME, Key=key)["Item"]
