"""One running stack with the eyes of an operator: administrator clients, the bus, the outbox, the executions."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from infra.names import LIVE
from infra.routes import CALLED, SPECS
from local import aws
from local.client import Client, Mail
from local.people import PEOPLE
from local.state import StackInfo
from local.workspace import ACCOUNT, REGION, Workspace

Json = dict[str, Any]
FUNCTION_PREFIX = "BuyerProtection-local-"
OPENINGS = 2
_DESERIALIZE = TypeDeserializer().deserialize


@dataclass(frozen=True)
class Run:
    """One execution of a case: its generation, status, the states it entered, in order, and when it began."""

    generation: int
    status: str
    states: tuple[str, ...]
    began: datetime


@dataclass
class BusListener:
    """A queue behind a rule on the event bus: what the shop's systems would hear, each event as often as it came."""

    sqs: Any
    url: str
    _heard: list[Json] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def heard(self, dispute_id: str) -> list[Json]:
        """All events about the dispute so far: `{"type": ..., **detail}`."""
        with self._lock:
            while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get(
                "Messages"
            ):
                for message in messages:
                    event = json.loads(message["Body"])
                    self._heard.append({"type": event["detail-type"], **event["detail"]})
                    self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            return [event for event in self._heard if event.get("dispute_id") == dispute_id]


@dataclass
class World:
    """The stack of one workspace. Its clients are safe to use from several threads; sign-ins happen once."""

    workspace: Workspace
    stack: StackInfo
    # How many cases are opened at the same time: the clocks run together, the beginnings do not have to.
    openings: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(OPENINGS))

    def __post_init__(self) -> None:
        self.client = Client(self.stack)
        for name in PEOPLE:
            self.client.token(name)
        self.dynamodb = aws.client(self.workspace, "dynamodb")
        self.machine = aws.client(self.workspace, "stepfunctions")
        self.functions = aws.client(self.workspace, "lambda")

    @property
    def day(self) -> float:
        """Seconds of a policy day."""
        return float(self.stack.day_seconds)

    @cached_property
    def bus(self) -> BusListener:
        """The listener, attached on first use; the conftest does that before any case is opened."""
        sqs, events = aws.client(self.workspace, "sqs"), aws.client(self.workspace, "events")
        name = f"e2e-{secrets.token_hex(4)}"
        url, arn = sqs.create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        rule = events.put_rule(
            Name=name,
            EventBusName=self.stack.event_bus_name,
            EventPattern=json.dumps({"source": ["buyer-protection"]}),
        )["RuleArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        events.put_targets(
            Rule=name, EventBusName=self.stack.event_bus_name, Targets=[{"Id": "listener", "Arn": arn}]
        )
        return BusListener(sqs, url)

    # --- the table

    def row(self, pk: str, sk: str) -> Json | None:
        """A row of the table as plain values; None where there is none."""
        answer = self.dynamodb.get_item(
            TableName=self.stack.table_name, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
        )
        return _plain(answer["Item"]) if "Item" in answer else None

    def rows(self, pk: str, prefix: str = "") -> list[Json]:
        """The rows of a partition whose sort key begins with `prefix`."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.stack.table_name,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)" if prefix else "pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}} | ({":prefix": {"S": prefix}} if prefix else {}),
        )
        return [_plain(item) for page in pages for item in page["Items"]]

    def set_instant(self, pk: str, sk: str, name: str, text: str) -> None:
        """Age a row: what would take minutes of waiting is written as if they had passed."""
        self.dynamodb.update_item(
            TableName=self.stack.table_name,
            Key={"pk": {"S": pk}, "sk": {"S": sk}},
            UpdateExpression="SET #name = :text",
            ConditionExpression="attribute_exists(#name)",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":text": {"S": text}},
        )

    # --- the state machine

    def runs(self, dispute_id: str) -> list[Run]:
        """Every generation of the case's execution, with its history."""
        found: list[Run] = []
        while (run := self._run(dispute_id, len(found) + 1)) is not None:
            found.append(run)
        return found

    def execution_arn(self, dispute_id: str, generation: int) -> str:
        prefix = self.stack.state_machine_arn.replace(":stateMachine:", ":execution:")
        return f"{prefix}:case-{dispute_id}-g{generation}"

    def stop_execution(self, dispute_id: str, generation: int = 1) -> None:
        """End the execution from outside, as an operator's mistake or an outage would."""
        self.machine.stop_execution(
            executionArn=self.execution_arn(dispute_id, generation), error="Killed", cause="by the test"
        )

    def _run(self, dispute_id: str, generation: int) -> Run | None:
        arn = self.execution_arn(dispute_id, generation)
        try:
            described = self.machine.describe_execution(executionArn=arn)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                return None
            raise
        return Run(generation, described["status"], tuple(self._states(arn)), described["startDate"])

    def _states(self, arn: str) -> Iterator[str]:
        for page in self.machine.get_paginator("get_execution_history").paginate(executionArn=arn):
            for event in page["events"]:
                if "stateEnteredEventDetails" in event:
                    yield event["stateEnteredEventDetails"]["name"]

    # --- the functions

    def invoke(self, action: str, event: Json) -> Any:
        """Call a function as the administrator; its answer. AssertionError where it failed."""
        answer = self.functions.invoke(
            FunctionName=FUNCTION_PREFIX + action, Payload=json.dumps(event).encode()
        )
        text = answer["Payload"].read().decode()
        assert "FunctionError" not in answer, f"{action}: {text}"
        return json.loads(text)

    def end_processes(self, action: str) -> None:
        """Every process of the function ends; the next call finds a fresh one, as after a crash."""
        name = FUNCTION_PREFIX + action
        known = self.functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        variables = known | {"STARTED_ANEW": secrets.token_hex(4)}
        self.functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        if any(row.id == action and row.kind in CALLED for row in SPECS):
            version = self.functions.publish_version(FunctionName=name)["Version"]
            self.functions.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=version)

    def sweep(self) -> Json:
        """One round of the sweeper now, instead of at the next full minute."""
        return dict(self.invoke("sweep_deadlines", {}))

    # --- the mails

    def ask_for_mails(self, dispute_id: str) -> None:
        """Bring the message now that asks for a case's mails, which the queue brings again three minutes after a
        failure."""
        sqs = aws.client(self.workspace, "sqs")
        url = sqs.get_queue_url(QueueName=f"{FUNCTION_PREFIX}notifications")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"case_id": dispute_id}))

    def mails_to(self, address: str) -> list[Mail]:
        """What SES took for the address, oldest first."""
        return [mail for mail in self.client.mails() if address in mail.to]


def _plain(item: Json) -> Json:
    return {name: _DESERIALIZE(value) for name, value in item.items()}
