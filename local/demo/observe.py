"""What can be seen of a stack beside its API: the mails, the executions' histories, the refunds asked for.

These look with an operator's eyes; they change nothing but for the queue that listens on the event bus.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from local import aws
from local.client import Client, Mail
from local.state import StackInfo
from local.workspace import ACCOUNT, REGION, Workspace


@dataclass(frozen=True)
class MailRow:
    """What the outbox says of one mail. `status` is its row's; `dropped` why it was not worth sending."""

    dispute_id: str
    seq: int
    recipient: str
    kind: str
    message_id: str | None
    dropped: str | None

    @property
    def settled(self) -> bool:
        return self.message_id is not None or self.dropped is not None


class Outbox:
    """The outbox rows of cases, read from the table."""

    def __init__(self, workspace: Workspace, table_name: str) -> None:
        self._dynamodb = aws.client(workspace, "dynamodb")
        self._table_name = table_name

    def rows(self, dispute_id: str) -> list[MailRow]:
        """All mails of the case, oldest first."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table_name,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :mail)",
            ExpressionAttributeValues={":pk": {"S": f"CASE#{dispute_id}"}, ":mail": {"S": "MAIL#"}},
        )
        return [_mail_row(dispute_id, item) for page in pages for item in page["Items"]]


def _mail_row(dispute_id: str, item: dict[str, dict[str, Any]]) -> MailRow:
    def text(name: str) -> str | None:
        value = item.get(name, {}).get("S")
        return value if isinstance(value, str) else None

    _, seq, recipient = item["sk"]["S"].split("#")
    return MailRow(
        dispute_id, int(seq), recipient, text("mail") or "UNKNOWN", text("message_id"), text("dropped")
    )


@dataclass(frozen=True)
class SentMail:
    """A mail that left, with what the outbox says it is."""

    row: MailRow
    mail: Mail


@dataclass(frozen=True)
class Post:
    """All mails of some cases: `sent` as the outbox knows them, `strays` that no row accounts for (a mail sent twice
    is one), `lost` rows that say sent although SES has no such message, `waiting` rows that are unsettled."""

    sent: Sequence[SentMail]
    dropped: Sequence[MailRow]
    strays: Sequence[Mail]
    lost: Sequence[MailRow]
    waiting: Sequence[MailRow]

    def of(self, dispute_id: str) -> list[SentMail]:
        """The case's mails in the order in which they were sent."""
        mine = [sent for sent in self.sent if sent.row.dispute_id == dispute_id]
        return sorted(mine, key=lambda sent: sent.mail.at)


def collect_post(client: Client, outbox: Outbox, dispute_ids: Collection[str]) -> Post:
    """Bring together what SES took and what the cases' outboxes say."""
    rows = [row for dispute_id in dispute_ids for row in outbox.rows(dispute_id)]
    return match_post(rows, client.mails(), dispute_ids)


def match_post(rows: Sequence[MailRow], mails: Iterable[Mail], dispute_ids: Collection[str]) -> Post:
    """Match messages with outbox rows by message id; a message names its case in its text. Pure."""
    by_id = {row.message_id: row for row in rows if row.message_id}
    sent, strays = [], []
    for mail in mails:
        row = by_id.pop(mail.message_id, None)
        if row is not None:
            sent.append(SentMail(row, mail))
        elif any(dispute_id in mail.text for dispute_id in dispute_ids):
            strays.append(mail)
    return Post(
        sent=sent,
        dropped=[row for row in rows if row.dropped],
        strays=strays,
        lost=list(by_id.values()),
        waiting=[row for row in rows if not row.settled],
    )


@dataclass(frozen=True)
class Run:
    """One execution of a case: its generation, its status, the states it entered in order."""

    generation: int
    status: str
    states: tuple[str, ...]


class Executions:
    """The state machine's executions, by case."""

    def __init__(self, workspace: Workspace, machine_arn: str) -> None:
        self._machine = aws.client(workspace, "stepfunctions")
        self._prefix = machine_arn.replace(":stateMachine:", ":execution:")

    def runs(self, dispute_id: str) -> list[Run]:
        """Every generation of the case's execution with its history."""
        found: list[Run] = []
        while (status := self.status(dispute_id, len(found) + 1)) is not None:
            generation = len(found) + 1
            found.append(Run(generation, status, self._states(self._arn(dispute_id, generation))))
        return found

    def status(self, dispute_id: str, generation: int) -> str | None:
        """RUNNING, SUCCEEDED, FAILED, ...; None where there is no such execution."""
        try:
            answer = self._machine.describe_execution(executionArn=self._arn(dispute_id, generation))
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                return None
            raise
        return str(answer["status"])

    def _arn(self, dispute_id: str, generation: int) -> str:
        return f"{self._prefix}:case-{dispute_id}-g{generation}"

    def _states(self, arn: str) -> tuple[str, ...]:
        pages = self._machine.get_paginator("get_execution_history").paginate(executionArn=arn)
        events = [event for page in pages for event in page["events"]]
        return tuple(e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e)


@dataclass
class RefundListener:
    """The shop's payment system, as far as the demo needs it: a queue that hears `RefundRequested` on the bus."""

    stack: StackInfo
    workspace: Workspace
    name: str = field(default_factory=lambda: f"demo-refunds-{secrets.token_hex(4)}")
    heard: list[dict[str, Any]] = field(default_factory=list)
    _url: str = ""

    def __enter__(self) -> RefundListener:
        sqs, events = aws.client(self.workspace, "sqs"), aws.client(self.workspace, "events")
        self._url = sqs.create_queue(QueueName=self.name)["QueueUrl"]
        rule = events.put_rule(
            Name=self.name,
            EventBusName=self.stack.event_bus_name,
            EventPattern=json.dumps({"detail-type": ["RefundRequested"]}),
        )["RuleArn"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.name}"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        events.put_targets(
            Rule=self.name, EventBusName=self.stack.event_bus_name, Targets=[{"Id": "demo", "Arn": arn}]
        )
        return self

    def drain(self) -> list[dict[str, Any]]:
        """All that was heard so far, oldest first: `{refund_id, dispute_id, order_id, amount_minor, currency}`."""
        sqs = aws.client(self.workspace, "sqs")
        while messages := sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.heard.append(json.loads(message["Body"])["detail"])
                sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return self.heard

    def __exit__(self, *_: object) -> None:
        events = aws.client(self.workspace, "events")
        try:
            events.remove_targets(Rule=self.name, EventBusName=self.stack.event_bus_name, Ids=["demo"])
            events.delete_rule(Name=self.name, EventBusName=self.stack.event_bus_name)
            aws.client(self.workspace, "sqs").delete_queue(QueueUrl=self._url)
        except ClientError as error:
            print(f"note: the demo's listener could not be removed: {error}")
