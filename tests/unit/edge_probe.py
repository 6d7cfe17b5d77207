"""A probe behind the edge: the handlers of a POST and a GET, and what they are called with."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from buyer_protection.application.actions.execute import Command
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.runtime import edge
from tests.support.api_events import (
    CONTEXT,
    event,
    person,
)

BUYER = person("buyer-1")
RESOURCE = "/v1/disputes/{dispute_id}/messages"
PATH = "/v1/disputes/t-1/messages"
CANARY = "Ana Canary, Rua A 1"


class Note(Struct, frozen=True, forbid_unknown_fields=True):
    """What the probe takes."""

    text: str = ""


class Probe:
    """The handlers of a POST and a GET of one resource, which remember the calls and answer what they are given."""

    def __init__(self) -> None:
        self.calls: list[tuple[Command, str, Note | None]] = []
        self.answer: Callable[[], Answer] = lambda: Answer(
            201, b'{"a":1}', version=7, location="/v1/things/t-1"
        )

        @edge.action("send_message")
        def write(request: edge.Request, dispute_id: str) -> Answer:
            """Take a note."""
            self.calls.append((request.command, dispute_id, request.body(Note)))
            return self.answer()

        @edge.action("list_messages")
        def read(request: edge.Request, dispute_id: str) -> Answer:
            self.calls.append((request.command, dispute_id, None))
            return self.answer()

        self.writes, self.reads = write, read

    def post(self, caller: dict[str, Any] = BUYER, body: object = None, path: str = PATH, **more: Any) -> Any:
        return self.writes(event("POST", path, caller, body, resource=RESOURCE, **more), CONTEXT)

    def get(self, caller: dict[str, Any] = BUYER, **more: Any) -> Any:
        return self.reads(event("GET", PATH, caller, resource=RESOURCE, **more), CONTEXT)
