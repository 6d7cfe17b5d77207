"""Counts what the functions' one DynamoDB client sends, and keeps requests, answers and consumed capacity."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Call:
    """One API call: its parameters as the code gave them, the raw answer, and how often it went over the wire."""

    operation: str
    parameters: dict[str, Any]
    sent: int = 0
    answer: str = ""
    capacity: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Meter:
    """`ask_for_capacity` adds ReturnConsumedCapacity to every call, which changes nothing else of it."""

    ask_for_capacity: bool = True
    calls: list[Call] = field(default_factory=list)

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
        self.calls.append(Call(model.name, dict(params)))
        return {**params, "ReturnConsumedCapacity": "INDEXES"} if self.ask_for_capacity else None

    def _sent(self, **_: Any) -> None:
        self.calls[-1].sent += 1

    def _answered(self, http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
        self.calls[-1].answer = http_response.text
        capacity = parsed.get("ConsumedCapacity", [])
        self.calls[-1].capacity = capacity if isinstance(capacity, list) else [capacity]


def written_keys(parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The keys of all rows that a TransactWriteItems writes."""
    keys = []
    for element in parameters["TransactItems"]:
        ((kind, write),) = element.items()
        source = write["Item"] if kind == "Put" else write["Key"]
        keys.append({name: source[name] for name in ("pk", "sk")})
    return keys
