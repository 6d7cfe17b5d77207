"""A front before the emulator: passes each call on, and refuses some as AWS does where a service is paused, throttled
or without its key. Functions are pointed at it."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from local.workspace import HOST
from tests.e2e.world import World

_SKIPPED = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})
_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Refusal:
    """What AWS answers: its code, as the last part of `__type` and in a header, and a status."""

    code: str
    status: int = 400
    message: str = "refused"


@dataclass
class Front:
    """Where it listens; how many calls were refused so far, while `is_open` is False."""

    url: str = ""
    refused: int = 0
    is_open: bool = False


# Given path and headers of a call, in lower case: whether it is of those that are refused.
Chosen = Callable[[str, dict[str, str]], bool]


def table_calls(*operations: str) -> Chosen:
    """Calls of DynamoDB by the names of their operations; without names, all."""

    def chosen(_path: str, headers: dict[str, str]) -> bool:
        service, _, operation = headers.get("x-amz-target", "").partition(".")
        return service.startswith("DynamoDB_") and (not operations or operation in operations)

    return chosen


def mail_calls(path: str, _headers: dict[str, str]) -> bool:
    """Calls by which SES is asked to send."""
    return path.endswith("/outbound-emails")


class _Handler(BaseHTTPRequestHandler):
    """`front` makes one of these for each front, with what it goes by."""

    protocol_version = "HTTP/1.1"
    front: Front
    chosen: Chosen
    refusal: Refusal
    port: int
    counting: threading.Lock

    def do_GET(self) -> None:
        self._pass_on()

    def do_PUT(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not self.front.is_open and self.chosen(self.path, headers):
            with self.counting:
                self.front.refused += 1
            self._answer(self.refusal.status, {"x-amzn-errortype": self.refusal.code}, _error(self.refusal))
            return
        connection = http.client.HTTPConnection(HOST, self.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(self.command, self.path, body, headers)
            got = connection.getresponse()
            content = got.read()
            kept = {n: v for n, v in got.getheaders() if n.lower() not in _SKIPPED}
            self._answer(got.status, kept, content)
        finally:
            connection.close()

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the calls are the functions'."""


@contextmanager
def front(world: World, chosen: Chosen, refusal: Refusal) -> Iterator[Front]:
    """Listen until the end of the block."""
    made = Front()
    of_this = {
        "front": made,
        "chosen": staticmethod(chosen),
        "refusal": refusal,
        "port": urlsplit(world.stack.endpoint_url).port,
        "counting": threading.Lock(),
    }
    server = ThreadingHTTPServer((HOST, 0), type("Handler", (_Handler,), of_this))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://{HOST}:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def _error(refusal: Refusal) -> bytes:
    kind = f"com.amazonaws.dynamodb.v20120810#{refusal.code}"
    return json.dumps({"__type": kind, "message": refusal.message}).encode()
