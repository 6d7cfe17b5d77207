"""Commands of operators in the test's own process, over moto: the stage `test` with its queues."""

from collections.abc import Callable

import boto3
import pytest

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.control_rows import CommandRow
from ops import __main__ as operations
from ops import queues
from ops.__main__ import main
from ops.target import Target
from tests.integration.conftest import REGION, TABLE_NAME

WHY = ("--why", "a test")
Run = Callable[..., int]


class Here(Target):
    """The stage `test` in moto, whose table the test has connected to."""

    def connect(self) -> None: ...


def runner(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands of "on-call-2" on the stage, whose table the test has connected to."""
    monkeypatch.setenv("OPERATOR", "on-call-2")
    here = Here(TABLE_NAME, REGION, stage="test")
    monkeypatch.setattr(operations, "_target", lambda _arguments: here)
    sqs = here.client("sqs")
    for name in (*queues.READ, *(f"{name}-failed" for name in queues.READ), *queues.COLLECTING):
        sqs.create_queue(QueueName=here.name_of(name))
    return lambda *words: main(list(words))


def traces() -> list[tuple[str, str | None, str | None]]:
    return [(row.command, row.by, row.why) for row in CommandRow.collection(keys.COMMANDS)]


def put(name: str, *bodies: str) -> None:
    sqs = boto3.client("sqs", region_name=REGION)
    url = sqs.get_queue_url(QueueName=f"BuyerProtection-test-{name}")["QueueUrl"]
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body)


def bodies_of(name: str) -> list[str]:
    sqs = boto3.client("sqs", region_name=REGION)
    url = sqs.get_queue_url(QueueName=f"BuyerProtection-test-{name}")["QueueUrl"]
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return sorted(message["Body"] for message in answer.get("Messages", ()))
