"""Q17, the measured process: handlers and raw calls on a canned wire. `python replay.py RECORDINGS FUNCTIONS OUT`.

It runs with the emulator's interpreter on the built layer, as a function does, and imports nothing of ours beside it.
Requests are built, signed and serialised, answers parsed; only the socket is missing, on both sides alike. The raw
calls go through the handlers' own client (PynamoDB's, which does not validate parameters), with the very parameters
that the handlers' calls had; and once more through a client as botocore makes it by default, which does.
"""

import importlib.util
import json
import sys
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict

TURNS = 801
WARMING = 60


class _Body:
    """What botocore reads an answer's body from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> list[bytes]:
        return [self._content]


class Wire:
    """Answers every request of one action with what was answered when it was recorded, by operation, in order."""

    def __init__(self) -> None:
        self._answers: dict[str, list[bytes]] = {}
        self._next: dict[str, int] = {}

    def play(self, calls: list[dict[str, Any]]) -> None:
        self._answers, self._next = {}, {}
        for call in calls:
            self._answers.setdefault(call["operation"], []).append(call["answer"].encode())

    def answer(self, request: Any, **_: Any) -> AWSResponse:
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).rsplit(".", 1)[1]
        turn = self._next.get(operation, 0)
        self._next[operation] = turn + 1
        answers = self._answers[operation]
        headers = HeadersDict({"content-type": "application/x-amz-json-1.0"})
        return AWSResponse(request.url, 200, headers, _Body(answers[turn % len(answers)]))


def _handler(functions: str, action: str) -> Callable[[Any, Any], Any]:
    spec = importlib.util.spec_from_file_location(f"replay_{action}", Path(functions) / action / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Callable[[Any, Any], Any] = module.handler
    return handler


def _raw(client: Any, calls: list[dict[str, Any]]) -> Callable[[], None]:
    wanted = [(call["operation"], call["parameters"]) for call in calls]

    def send() -> None:
        for operation, parameters in wanted:
            client._make_api_call(operation, parameters)

    return send


def _cpu(work: Callable[[], Any]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def measure(
    recording: dict[str, Any], handler: Callable[[Any, Any], Any], client: Any, usual: Any, wire: Wire
) -> dict[str, Any]:
    """CPU seconds of one action, TURNS times: the handler, its raw calls, and those by a client of botocore's defaults.

    One by one in turns, since a function too meets its client with other code still in the processor's caches.
    """
    event, calls = recording["event"], recording["calls"]
    wire.play(calls)
    answer = handler(event, None)
    if answer["statusCode"] >= 400:
        raise SystemExit(f"the replayed action was refused: {answer['body']}")

    def act() -> Any:
        return handler(event, None)

    works = {"ours": act, "raw": _raw(client, calls), "usual": _raw(usual, calls)}
    for _ in range(WARMING):
        for work in works.values():
            work()
    taken: dict[str, list[float]] = {name: [] for name in works}
    names = list(works)
    for turn in range(TURNS):
        shift = turn % len(names)
        for name in (*names[shift:], *names[:shift]):
            taken[name].append(_cpu(works[name]))
    return {**taken, "calls": len(calls)}


def main(recordings: str, functions: str, out: str) -> None:
    """Measure every recorded action."""
    recorded = json.loads(Path(recordings).read_text(), object_hook=_bytes)
    from buyer_protection.composition import container

    container.get()
    from buyer_protection.adapters.dynamodb.row import Row

    client, wire = Row.connection().client, Wire()
    usual = Row.connection().session.create_client("dynamodb")
    for one in (client, usual):
        one.meta.events.register("before-send.dynamodb", wire.answer)
    found = {
        action: measure(recording, _handler(functions, action), client, usual, wire)
        for action, recording in recorded.items()
    }
    Path(out).write_text(json.dumps(found))


def _bytes(value: dict[str, Any]) -> Any:
    return b64decode(value["__bytes__"]) if set(value) == {"__bytes__"} else value


if __name__ == "__main__":
    main(*sys.argv[1:4])
