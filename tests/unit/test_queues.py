"""A queue's batch: each message by itself, the failed ones named, and what is logged of them."""

import json
from typing import Any

import pytest

from buyer_protection.runtime import observability
from buyer_protection.runtime.queues import process_messages
from tests.support.api_events import ENVIRONMENT

CANARY = "Ana Canary, Rua A 1"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    observability.begin(request_id="r-1")


def batch(*bodies: str) -> dict[str, Any]:
    """What SQS gives a function: as AWS documents it, with the message's own id."""
    return {
        "Records": [
            {
                "messageId": f"m-{number}",
                "receiptHandle": "handle",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:queue",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def failed(*bodies: str) -> list[str]:
    def take(body: str, ids: dict[str, object]) -> None:
        ids["dispute_id"] = "dp-1"
        if body != "good":
            raise ValueError(body)

    answer = process_messages("probe", batch(*bodies), take)
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def test_one_message_that_fails_keeps_no_other_back() -> None:
    assert failed("good", "bad", "good", "bad") == ["m-1", "m-3"]
    assert failed("good", "good") == []


def test_a_batch_in_which_all_fail_is_answered_message_by_message() -> None:
    assert failed("bad", "bad") == ["m-0", "m-1"]
    assert failed("bad") == ["m-0"]


def test_a_failure_is_logged_with_its_ids_and_without_its_text(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    failed(CANARY)
    printed = capsys.readouterr().out
    (line,) = [json.loads(text) for text in printed.splitlines()]
    expected = {
        "level": "ERROR",
        "action": "probe",
        "message_id": "m-0",
        "dispute_id": "dp-1",
        "request_id": "r-1",
    }
    assert line.items() >= expected.items()
    # The library writes the error of a record that failed to its own log.
    assert "Canary" not in printed + caplog.text
