"""The shop's ERP, as far as the demo needs it: a server that hears events by webhook and verifies each signature."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from local.client import BACKEND, Client
from local.demo.case import DemoError
from local.workspace import HOST

# How long the last events of the stories may be on their way.
_PATIENCE_SECONDS: Final = 30.0
# What has not left the feed's newest seconds yet is there soon.
_POLL_SECONDS: Final = 0.5


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: WebhookReceiver


class _Taken(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        """204 for what the signature proves to be ours, 401 for anything else."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(204 if self.server.receiver.take(dict(self.headers.items()), body) else 401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """The demo's own lines say what came."""


@dataclass
class WebhookReceiver:
    """A webhook of its own name, registered while it listens. `verified` are the events by id, as they came first."""

    client: Client
    name: str = field(default_factory=lambda: f"demo-{secrets.token_hex(4)}")
    verified: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: int = 0
    _secret: str = ""
    _server: _Server | None = None

    def __enter__(self) -> WebhookReceiver:
        self._server = _Server((HOST, 0), _Taken)
        self._server.receiver = self
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        url = f"http://{HOST}:{self._server.server_port}/hooks"
        made = self.client.put(BACKEND, f"/v1/webhooks/{self.name}", {"url": url})
        if made.status != 201:
            raise DemoError(f"the webhook was not registered: {made.status} {made.code}")
        self._secret = made.body["secret"]
        return self

    def take(self, headers: dict[str, str], body: bytes) -> bool:
        """Keep what is verified; False where the signature does not hold."""
        try:
            event = Webhook(self._secret).verify(body, headers)
        except WebhookVerificationError:
            self.refused += 1
            return False
        self.verified.setdefault(str(event["id"]), event)
        return True

    def findings(self, dispute_ids: Collection[str]) -> list[str]:
        """What the feed has of these disputes, and the webhook does not; both are given time to be complete."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            missing = self._of_the_feed(dispute_ids) - self.verified.keys()
            if not missing or time.monotonic() > until:
                break
            time.sleep(_POLL_SECONDS)
        found = [f"webhook: {event_id} did not come" for event_id in sorted(missing)]
        if self.refused:
            found.append(f"webhook: {self.refused} signatures did not hold")
        opened = {event["subject"] for event in self.verified.values() if event["type"] == "DisputeOpened"}
        return found + [f"webhook: no word of {one}" for one in sorted({*dispute_ids} - opened)]

    def _of_the_feed(self, dispute_ids: Collection[str]) -> set[str]:
        found: set[str] = set()
        query: dict[str, str | int] = {"page_size": 200}
        while True:
            page = self.client.get(BACKEND, "/v1/events", query).body
            found |= {event["id"] for event in page["items"] if event["subject"] in dispute_ids}
            if not page["has_more"]:
                return found
            query["cursor"] = page["next_cursor"]

    def __exit__(self, *_: object) -> None:
        answer = self.client.call(BACKEND, "DELETE", f"/v1/webhooks/{self.name}")
        if answer.status != 200:
            print(f"note: the demo's webhook could not be removed: {answer.status} {answer.code}")
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
