"""Webhooks through the functions themselves, over moto: register, publish, deliver to a real server, read the log."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from standardwebhooks.webhooks import Webhook

from buyer_protection.adapters.aws.clients import client
from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.composition import container
from tests.integration.conftest import REGION
from tests.support.api_events import CONTEXT, ENVIRONMENT, backend, document, person
from tests.support.in_process import WORKERS, call, handler_of

BACKEND = backend()
NOW = datetime.now(UTC)
EVENT = OutboundEvent(
    "dp-1-1-OfferDeclined",
    "OfferDeclined",
    NOW,
    {"dispute_id": "dp-1", "seq": 1, "offer_id": "of-1", "by": "BUYER"},
)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    came: list[tuple[dict[str, str], bytes]]
    status = 204


class Taken(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Taken)
    made.came = []
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def queue(table: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = boto3.client("sqs", region_name=REGION).create_queue(QueueName="webhooks")["QueueUrl"]
    boto3.client("events", region_name=REGION).create_event_bus(Name=WORKERS["EVENT_BUS_NAME"])
    for name, value in {
        **ENVIRONMENT,
        **WORKERS,
        "WEBHOOK_QUEUE_URL": url,
        "WEBHOOK_ADDRESSES": "any",
    }.items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    yield url
    container.get.cache_clear()


def deliver(url: str) -> list[dict[str, Any]]:
    messages = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    records = [{"messageId": one["MessageId"], "body": one["Body"]} for one in messages]
    for one in messages:
        client("sqs").delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    assert handler_of("deliver_webhooks")({"Records": records}, CONTEXT) == {"batchItemFailures": []}
    return records


def put(server: Server, **more: Any) -> Any:
    url = f"http://127.0.0.1:{server.server_port}/hooks/a-token-in-the-path"
    return call("put_webhook", BACKEND, {"url": url, **more}, webhook_id="erp")


def log_of(status: str | None = None) -> list[Any]:
    items = document(call("list_webhook_deliveries", BACKEND, webhook_id="erp"))["items"]
    return [one for one in items if status in (None, one["status"])]


def test_h13_an_event_is_signed_delivered_and_in_the_log(
    queue: str, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    made = put(server)
    secret = document(made)["secret"]
    assert made["statusCode"] == 201
    assert put(server)["statusCode"] == 200
    container.get().event_bus.publish([EVENT])
    assert len(deliver(queue)) == 1
    ((headers, body),) = server.came
    assert Webhook(secret).verify(body, headers) == EVENT.document()
    (line,) = log_of()
    assert (line["status"], line["attempts"], line["last_status"]) == ("DELIVERED", 1, 204)
    again = call("replay_webhook_delivery", BACKEND, webhook_id="erp", delivery_id=line["delivery_id"])
    assert again["statusCode"] == 200
    deliver(queue)
    assert [one[1] for one in server.came] == [body, body]
    printed = capsys.readouterr().out
    assert "a-token-in-the-path" not in printed
    assert secret not in printed


def test_h13_what_an_endpoint_refuses_is_due_for_the_sweeper(queue: str, server: Server) -> None:
    put(server, types=["OfferDeclined"])
    server.status = 500
    container.get().event_bus.publish([EVENT])
    deliver(queue)
    (line,) = log_of("PENDING")
    assert (line["attempts"], line["last_status"], line["last_error"]) == (1, 500, "HTTP_STATUS")
    assert document(call("list_webhooks", BACKEND))["items"][0]["failing_since"] is not None
    due = container.get().timers.due(datetime.now(UTC) + timedelta(minutes=2), limit=10)
    assert [row.sort_key for row in due] == [f"DELIVERY#{line['delivery_id']}"]


def test_h13_rotate_test_and_delete(queue: str, server: Server) -> None:
    first = document(put(server))["secret"]
    rotated = document(call("rotate_webhook", BACKEND, {}, webhook_id="erp"))
    assert document(call("test_webhook", BACKEND, {}, webhook_id="erp"))["type"] == "WebhookTest"
    deliver(queue)
    ((headers, body),) = server.came
    for secret in (first, rotated["secret"]):
        assert Webhook(secret).verify(body, headers)["type"] == "WebhookTest"
    assert call("delete_webhook", BACKEND, webhook_id="erp")["statusCode"] == 200
    assert call("delete_webhook", BACKEND, webhook_id="erp")["statusCode"] == 404
    assert document(call("list_webhooks", BACKEND))["items"] == []
    assert put(server)["statusCode"] == 201


def test_h13_the_feed_is_read_by_the_backend_alone(queue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from buyer_protection.application.actions import feed

    monkeypatch.setattr(feed, "HIDDEN_FOR", timedelta(seconds=-1))
    container.get().event_bus.publish([EVENT])
    read = document(call("list_events", BACKEND, query={"types": ["OfferDeclined", "OrderHeld"]}))
    assert read["items"] == [EVENT.document()]
    after = document(call("list_events", BACKEND, query={"cursor": [read["next_cursor"]]}))
    assert after["items"] == []
    assert call("list_events", BACKEND, query={"types": ["Nonsense"]})["statusCode"] == 400
    assert call("list_events", BACKEND, query={"cursor": ["%"]})["statusCode"] == 400
    assert call("list_events", person("buyer-1"))["statusCode"] == 403


def test_h13_a_deployed_stage_takes_public_https_only(
    queue: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_ADDRESSES", "public")
    refused = put(server)
    assert refused["statusCode"] == 400
    (error,) = document(refused)["errors"]
    assert (error["pointer"], error["code"]) == ("/url", "NOT_ALLOWED")
    assert json.loads(refused["body"])["code"] == "VALIDATION_FAILED"


def test_h13_a_row_of_the_feed_costs_one_write_unit(queue: str, table: Any) -> None:
    container.get().event_feed.append([EVENT])
    (row,) = table.query(
        TableName=ENVIRONMENT["TABLE_NAME"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"FEED#{datetime.now(UTC).date().isoformat()}"}},
    )["Items"]
    assert len(json.dumps(row)) < 1024
    assert "due_key" not in row
