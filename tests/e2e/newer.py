"""A service newer than its clients: passes each call on to the stack, and adds to answers what may come at any time."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from local.workspace import HOST
from tests.e2e.world import Json

NEW_STATUS, NEW_TYPE = "NEGOTIATION_PAUSED", "DISPUTE_PRAISED"
_NEW_ACTION = {
    "action": "PRAISE",
    "method": "POST",
    "href": "praise",
    "available_from": "2026-03-10T12:00:00.000Z",
    "due_at": None,
    "mandatory": False,
    "if_missed": "NOBODY_MINDS",
    "fields": None,
    "stars": 5,
}


def newer(answer: Any) -> Any:
    """The answer with a new action, status, type of entry and member."""
    if isinstance(answer, list):
        return [newer(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    made: Json = {name: newer(value) for name, value in answer.items()} | {"x_new": {"of": ["anything"]}}
    if "available_actions" in made:
        made["available_actions"].append(_NEW_ACTION)
        made["status"] = NEW_STATUS if made["status"] == "NEGOTIATION" else made["status"]
    if made.get("items") and "prev_hash" in made["items"][-1]:
        made["items"].append(made["items"][-1] | {"type": NEW_TYPE, "data": {"stars": 5}})
    if isinstance(made.get("fields"), dict):
        # An upload's form goes to S3, which takes what it is signed for. The fields of an action are a list.
        made["fields"].pop("x_new")
    return made


@contextmanager
def newer_service(api_url: str) -> Iterator[str]:
    """The address of such a service in front of the stack at `api_url`."""
    target = urlsplit(api_url)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            kept = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            connection = http.client.HTTPConnection(HOST, target.port, timeout=60)
            try:
                connection.request(
                    self.command, target.path + self.path, body, kept | {"host": target.netloc}
                )
                got = connection.getresponse()
                content = json.dumps(newer(json.loads(got.read()))).encode()
            finally:
                connection.close()
            self.send_response(got.status)
            self.send_header("content-type", got.headers.get_content_type())
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the calls are the stack's."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
