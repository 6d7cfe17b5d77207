"""R44: how many messages lie in each queue, as SQS says; and what an operator reads while it does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from buyer_protection.adapters.aws.clients import client
from buyer_protection.adapters.aws.queues import SqsQueues
from buyer_protection.composition import container
from tests.support.api_events import ENVIRONMENT, document, member
from tests.support.in_process import WORKERS, call

BASE = WORKERS["QUEUES_URL"]
QUEUES = SqsQueues(BASE, ("inbound", "uploads", "inbound-failed"), ("inbound-failed",))


def depths() -> list[tuple[str, int | None]]:
    return [(one.name, one.waiting) for one in QUEUES.depths()]


@pytest.fixture
def sqs(table: Any) -> Iterator[Stubber]:
    """SQS, which answers what a test lets it, in that order; all of it must be asked for."""
    with Stubber(client("sqs", briefly=True)) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_r44_a_queue_holds_what_waits_what_is_delayed_and_what_is_tried_again(sqs: Stubber) -> None:
    names = [f"ApproximateNumberOfMessages{of}" for of in ("", "NotVisible", "Delayed")]
    for name, numbers in (("inbound", "123"), ("uploads", "000"), ("inbound-failed", "400")):
        asked = {"QueueUrl": f"{BASE}{name}", "AttributeNames": names}
        sqs.add_response(
            "get_queue_attributes", {"Attributes": dict(zip(names, numbers, strict=True))}, asked
        )

    assert depths() == [("inbound", 6), ("uploads", 0), ("inbound-failed", 4)]


def test_f2_the_depth_of_one_queue_that_sqs_does_not_give_leaves_the_others(sqs: Stubber) -> None:
    sqs.add_client_error("get_queue_attributes", "QueueDoesNotExist")
    for number in ("2", "3"):
        sqs.add_response("get_queue_attributes", {"Attributes": {"ApproximateNumberOfMessages": number}})

    assert depths() == [("inbound", None), ("uploads", 2), ("inbound-failed", 3)]


def test_f2_a_service_that_does_not_answer_is_asked_once(
    sqs: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def silent(**of: Any) -> None:
        asked.append(of["QueueUrl"])
        raise ConnectTimeoutError(endpoint_url=BASE)

    monkeypatch.setattr(client("sqs", briefly=True), "get_queue_attributes", silent)

    assert depths() == [("inbound", None), ("uploads", None), ("inbound-failed", None)]
    assert asked == [f"{BASE}inbound"]


def test_f2_a_slow_service_takes_no_more_time_than_the_function_has(
    sqs: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter((0.0, 1.0, 1.9, 3.0))
    monkeypatch.setattr("buyer_protection.adapters.aws.queues.time.monotonic", lambda: next(seconds))
    for number in ("2", "3"):
        sqs.add_response("get_queue_attributes", {"Attributes": {"ApproximateNumberOfMessages": number}})

    assert depths() == [("inbound", 2), ("uploads", 3), ("inbound-failed", None)]


def test_r44_the_summary_has_the_queues_and_answers_without_sqs_too(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**ENVIRONMENT, **WORKERS}.items():
        monkeypatch.setenv(name, value)
    container.get.cache_clear()
    sqs = client("sqs", briefly=True)
    for name in ("notifications", "notifications-failed"):
        sqs.create_queue(QueueName=name)
    sqs.send_message(QueueUrl=f"{BASE}notifications-failed", MessageBody="{}")

    answer = document(call("get_operations_summary", member("operator-1", "operator")))

    assert answer["queues"] == [
        {"name": "notifications", "holds_dead_letters": False, "waiting": 0},
        # There is none of that name.
        {"name": "webhooks", "holds_dead_letters": False, "waiting": None},
        {"name": "notifications-failed", "holds_dead_letters": True, "waiting": 1},
    ]
    container.get.cache_clear()
