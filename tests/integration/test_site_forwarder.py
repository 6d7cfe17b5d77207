"""The fixed address of the pages on one's own machine names the distribution's host, and passes everything else on."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from local.site import serve

HOST = "127.0.0.1"


class Emulator(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        said = f"{self.path} {self.headers['Host']} {self.headers['If-Match']} ".encode() + body
        self.send_response(201)
        self.send_header("Location", "../there")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def emulator() -> Iterator[int]:
    server = ThreadingHTTPServer((HOST, 0), Emulator)
    Thread(target=server.serve_forever, daemon=True).start()
    yield int(server.server_address[1])
    server.shutdown()
    server.server_close()


def ask(port: int, method: str) -> tuple[int, str | None, str]:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    connection.request(method, "/v1/x?y=1", body=b"said", headers={"If-Match": '"7"'})
    answer = connection.getresponse()
    try:
        return answer.status, answer.getheader("Location"), answer.read().decode()
    finally:
        connection.close()


def test_a_request_goes_to_the_distribution_as_it_came(emulator: int) -> None:
    server = serve(0, emulator, lambda: "d1.cloudfront.net")

    assert ask(server.server_address[1], "POST") == (201, "../there", '/v1/x?y=1 d1.cloudfront.net "7" said')
    server.shutdown()
    server.server_close()


def test_before_anything_is_deployed_it_says_so(emulator: int) -> None:
    server = serve(0, emulator, lambda: None)

    assert ask(server.server_address[1], "GET")[::2] == (503, "The pages are not deployed yet.")
    server.shutdown()
    server.server_close()
