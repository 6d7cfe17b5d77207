"""The fixed address of the pages on one's own machine: forwards each request to the emulator's CloudFront.

MiniStack serves a distribution at a host that it makes up. This listens beside the emulator, in its process, so that
both live as long as each other, and names that host for browsers.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

HOST = "127.0.0.1"
TIMEOUT_SECONDS = 60
# What belongs to one connection alone, and what this server writes by itself.
NOT_PASSED_ON = {"connection", "keep-alive", "transfer-encoding", "content-length", "server"}


def serve(port: int, emulator_port: int, domain: Callable[[], str | None]) -> ThreadingHTTPServer:
    """Listen on `port` in a thread. `domain` gives the distribution's host, None while there is none (answer 503)."""

    class Forwarder(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            host = domain()
            if host is None:
                self._answer(503, [], b"The pages are not deployed yet.")
                return
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            connection = http.client.HTTPConnection(HOST, emulator_port, timeout=TIMEOUT_SECONDS)
            try:
                connection.request(self.command, self.path, body=body, headers={**headers, "Host": host})
                answer = connection.getresponse()
                self._answer(answer.status, answer.getheaders(), answer.read())
            finally:
                connection.close()

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in NOT_PASSED_ON:
                    self.send_header(name, value)
            if status not in (204, 304):
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD" and status not in (204, 304):
                self.wfile.write(body)

        do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = forward  # noqa: N815 - what http.server looks for

        def log_message(self, *_words: object) -> None:
            """Say nothing: the emulator logs the same requests."""

    server = ThreadingHTTPServer((HOST, port), Forwarder)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    return server
