"""What follows a change, in this process: the stream's reader, the state machine, the mails, the answer to a refund.

The functions' own handlers run; SQS, Step Functions, EventBridge and SES are answered here, and their requests
counted. The state machine is walked by the definition that is deployed. Each committed invocation makes one
invocation of the stream's reader, if its rows pass the deployed filter: nothing is batched with another case's.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from bench.meter import Write
from bench.recorder import Recorder
from infra.constructs.case_machine import Wiring, definition
from infra.constructs.feeds import ANNOUNCING_ROWS
from tests.support.patterns import matches

Alarm = dict[str, Any]
STATES = definition(Wiring("table", "close_window", "open_mediation", "notify_parties"), 60)["States"]
START, CLOSE_WINDOW = "Route", "CloseWindow"
# The services that are answered here, by the names that botocore's events have.
SERVICES = ("sqs", "sfn", "eventbridge", "sesv2")
_ANSWERS: dict[str, dict[str, Any]] = {
    "PutEvents": {"FailedEntryCount": 0, "Entries": []},
    "SendEmail": {"MessageId": "message-1"},
    "SendMessage": {"MessageId": "message-1"},
    "SendTaskSuccess": {},
    "StartExecution": {"executionArn": "arn", "startDate": 0},
}


@dataclass
class FollowUps:
    """One case's follow-ups. `requests` counts what was asked of other services; `parkings` are the machine's own
    writes; `states` are the states that the execution entered."""

    recorder: Recorder
    requests: Counter[str] = field(default_factory=Counter)
    events: list[dict[str, Any]] = field(default_factory=list)
    parkings: list[Write] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    _asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _waiting: tuple[str, Alarm] | None = None

    def attach(self) -> None:
        """Answer the other services' clients of this process, which must not be made yet."""
        from buyer_protection.adapters.dynamodb.row import Row

        for service in SERVICES:
            Row.connection().session.register(f"before-call.{service}", self._answer)

    def settle(self) -> None:
        """Do all that follows from what was written, and from that, until nothing is left."""
        while True:
            records = [record for write in self.recorder.take_written() if (record := _telling(write))]
            if records:
                self.recorder.invoke("dispatch_changes", {"Records": records})
            elif self._asked:
                self._serve(*self._asked.pop(0))
            else:
                return

    def time_out(self) -> None:
        """The window that the execution waits for ends."""
        if self._waiting is None:
            raise AssertionError("no execution waits")
        (_, alarm), self._waiting = self._waiting, None
        self._walk(CLOSE_WINDOW, alarm)
        self.settle()

    def _answer(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        self.requests[model.name] += 1
        asked = json.loads(params["body"])
        self._asked.append((model.name, asked))
        self.events += asked.get("Entries", ()) if model.name == "PutEvents" else ()
        return SimpleNamespace(status_code=200, text="{}", headers={}), dict(_ANSWERS[model.name])

    def _serve(self, operation: str, asked: dict[str, Any]) -> None:
        match operation:
            case "SendMessage":
                self.recorder.invoke("notify_parties", {"Records": [_message(asked["MessageBody"])]})
            case "StartExecution":
                self._walk(START, json.loads(asked["input"]))
            case "SendTaskSuccess" if self._waiting is not None:
                (state, _), self._waiting = self._waiting, None
                self._walk(STATES[state]["Next"], json.loads(asked["output"]))
            case "PutEvents":
                for entry in asked["Entries"]:
                    self._answer_refund(entry)

    def _answer_refund(self, entry: dict[str, Any]) -> None:
        """The shop's payment system pays what it is asked for."""
        if entry["DetailType"] != "RefundRequested":
            return
        asked = json.loads(entry["Detail"])
        paid = {name: asked[name] for name in ("refund_id", "amount_minor", "currency")}
        event = {
            "id": "event-1",
            "source": "shop",
            "detail-type": "RefundSucceeded",
            "time": asked["at"],
            "detail": {**paid, "occurred_at": asked["at"], "reference": "payment-1"},
        }
        self.requests["RefundSucceeded"] += 1
        self.recorder.invoke("receive_events", {"Records": [_message(json.dumps(event))]})

    def _walk(self, state: str, alarm: Alarm) -> None:
        """Walk the machine until it waits or ends."""
        while True:
            self.states.append(state)
            here = STATES[state]
            if here["Type"] == "Succeed":
                return
            if here["Type"] == "Choice":
                state = next(rule["Next"] for rule in _rules(here) if rule["StringEquals"] == alarm["status"])
            elif here["Resource"].endswith("waitForTaskToken"):
                if self._park(alarm):
                    self._waiting = state, alarm
                    return
                state = CLOSE_WINDOW
            else:
                alarm, _ = self.recorder.invoke(here["Parameters"]["FunctionName"], alarm)
                state = here["Next"]

    def _park(self, alarm: Alarm) -> bool:
        """Step Functions' own write: the token on the TIMER row, if the case is still where the alarm says."""
        recorder = self.recorder
        key = {"pk": {"S": f"CASE#{alarm['case_id']}"}, "sk": {"S": "TIMER"}}
        before = recorder.look(key)
        if before is None or before["epoch"]["N"] != str(alarm["epoch"]):
            self.parkings.append(Write(key, False, before, before, refused=True))
            return False
        # As long as tokens of Step Functions are.
        token = f"{len(self.parkings):0>600}"
        recorder.client.update_item(
            TableName=recorder.table,
            Key=key,
            UpdateExpression="SET task_token = :token",
            ExpressionAttributeValues={":token": {"S": token}},
        )
        write = Write(key, False, before, recorder.look(key))
        self.parkings.append(write)
        recorder.written.append(write)
        return True


def _telling(write: Write) -> dict[str, Any] | None:
    record = write.record()
    if record is None or not any(matches(pattern, record) for pattern in ANNOUNCING_ROWS):
        return None
    return record


def _rules(choice: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (rule for rule in choice["Choices"] if "StringEquals" in rule)


def _message(body: str) -> dict[str, str]:
    return {"messageId": "message-1", "body": body, "eventSource": "aws:sqs"}
