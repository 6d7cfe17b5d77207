"""Counts what the functions' one DynamoDB client sends; keeps requests, answers, and each row before and after a write.

A row is looked at through another client, right before and right after the call that writes it, so that two writes
of one row are priced apart, and so that the table's stream can be made from what was written.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench import pricing

TRANSACTION = "TransactWriteItems"
_SINGLE = frozenset({"PutItem", "UpdateItem", "DeleteItem"})


@dataclass
class Write:
    """One row that a call wrote, or tried to write (`refused`: the condition did not hold)."""

    key: dict[str, Any]
    transactional: bool
    before: pricing.Item | None
    after: pricing.Item | None = None
    refused: bool = False

    @property
    def sort_key(self) -> str:
        return str(self.key["sk"]["S"])

    @property
    def kind(self) -> str:
        """The sort key up to and with its first `#`: `MAIL#`, `TIMER`."""
        head, mark, _ = self.sort_key.partition("#")
        return head + mark

    def units(self) -> int:
        """Write units of the row in the table."""
        rule = pricing.transaction_units if self.transactional else pricing.write_units
        return rule(self.before, self.after)

    def record(self) -> dict[str, Any] | None:
        """What the table's stream says of it; None where nothing changed."""
        if self.refused or self.before == self.after:
            return None
        event = "INSERT" if self.before is None else "REMOVE" if self.after is None else "MODIFY"
        change: dict[str, Any] = {"Keys": self.key, "ApproximateCreationDateTime": int(time.time())}
        images = {"OldImage": self.before, "NewImage": self.after}
        change |= {name: image for name, image in images.items() if image is not None}
        return {"eventName": event, "eventSource": "aws:dynamodb", "dynamodb": change}


@dataclass
class Call:
    """One API call: its parameters as the code gave them, the raw answer, and how often it went over the wire."""

    operation: str
    parameters: dict[str, Any]
    sent: int = 0
    answer: str = ""
    capacity: list[dict[str, Any]] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    read_units: float = 0.0


@dataclass
class Meter:
    """`ask_for_capacity` adds ReturnConsumedCapacity to every call, which changes nothing else of it.

    `look` reads a row by its key; without it, rows are not looked at.
    """

    ask_for_capacity: bool = True
    look: Callable[[dict[str, Any]], pricing.Item | None] | None = None
    calls: list[Call] = field(default_factory=list)
    # The call that each thread waits for: lists over shards ask several at once.
    _waiting: threading.local = field(default_factory=threading.local)

    def attach(self, client: Any) -> None:
        """Listen to this botocore client from now on."""
        events = client.meta.events
        events.register("provide-client-params.dynamodb", self._begins)
        events.register("before-send.dynamodb", self._sent)
        events.register("after-call.dynamodb", self._answered)

    def take(self) -> list[Call]:
        """What was called since the last time."""
        taken, self.calls = self.calls, []
        return taken

    def _begins(self, params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any] | None:
        call = Call(model.name, dict(params))
        if self.look is not None:
            transactional = model.name == TRANSACTION
            call.writes = [
                Write(key, transactional, self.look(key)) for key in written_keys(model.name, params)
            ]
        self.calls.append(call)
        self._waiting.call = call
        return {**params, "ReturnConsumedCapacity": "INDEXES"} if self.ask_for_capacity else None

    def _sent(self, **_: Any) -> None:
        self._waiting.call.sent += 1

    def _answered(self, http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
        call: Call = self._waiting.call
        call.answer = http_response.text
        call.read_units = pricing.read_units(call.operation, call.parameters, parsed)
        for write in call.writes:
            write.refused = http_response.status_code >= 300
            write.after = self.look(write.key) if self.look is not None else None
        capacity = parsed.get("ConsumedCapacity", [])
        call.capacity = capacity if isinstance(capacity, list) else [capacity]


def written_keys(operation: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The keys of all rows that a call writes; none for one that reads."""
    if operation in _SINGLE:
        return [_key(parameters)]
    if operation != TRANSACTION:
        return []
    return [_key(write) for element in parameters["TransactItems"] for write in element.values()]


def _key(write: dict[str, Any]) -> dict[str, Any]:
    source = write["Item"] if "Item" in write else write["Key"]
    return {name: source[name] for name in ("pk", "sk")}
