"""The signed request: what the library verifies, what is never reached, and how long it may last (H13)."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from buyer_protection.adapters.aws.system import webhook_secret
from buyer_protection.adapters.webhooks import addresses
from buyer_protection.adapters.webhooks.addresses import NoAddressError, Targets, is_public, resolved
from buyer_protection.adapters.webhooks.sender import HttpWebhookSender
from buyer_protection.application.ports.webhooks import Attempt
from buyer_protection.domain.webhooks import SendError

BODY = json.dumps({"id": "dp-1-1-DisputeOpened", "type": "DisputeOpened"})


class Receiver(ThreadingHTTPServer):
    """Answers what the test says, and keeps what came."""

    daemon_threads = True

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.location, self.slow = 204, "", threading.Event()
        self.slow.set()
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}/hooks?of=shop"


class _Answer(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((self.path, dict(self.headers), body))
        self.server.slow.wait(10)
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.slow.set()
    made.shutdown()
    made.server_close()


def send(url: str, *secrets: str, any_address: bool = True, timeout: float = 5) -> Attempt:
    sender = HttpWebhookSender(any_address=any_address, timeout=timeout)
    return sender.send(url, BODY, "dp-1-1-DisputeOpened", secrets or ("whsec_b25l",), datetime.now(UTC))


def test_h13_the_library_of_the_standard_verifies_what_is_sent(receiver: Receiver) -> None:
    old, new = webhook_secret(), webhook_secret()
    assert send(receiver.url, new, old) == Attempt(204)
    ((path, headers, body),) = receiver.came
    assert path == "/hooks?of=shop"
    assert headers["Content-Type"] == "application/json"
    assert headers["webhook-id"] == "dp-1-1-DisputeOpened"
    assert headers["Host"] == f"localhost:{receiver.server_port}"
    for secret in (old, new):
        assert Webhook(secret).verify(body, headers) == json.loads(BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(webhook_secret()).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body.replace(b"Opened", b"Closed"), headers)


@pytest.mark.parametrize("status", [200, 201, 299])
def test_h13_any_answer_of_success_is_one(receiver: Receiver, status: int) -> None:
    receiver.status = status
    assert send(receiver.url) == Attempt(status)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 410, 429, 500, 503])
def test_h13_no_redirect_is_followed_and_anything_else_is_a_failure(receiver: Receiver, status: int) -> None:
    receiver.status, receiver.location = status, receiver.url
    assert send(receiver.url) == Attempt(status, SendError.HTTP_STATUS)
    assert len(receiver.came) == 1


def test_h13_an_answer_that_does_not_come_ends_with_the_time_out(receiver: Receiver) -> None:
    receiver.slow.clear()
    assert send(receiver.url, timeout=0.2) == Attempt(error=SendError.TIMED_OUT)


def test_h13_an_answer_that_comes_byte_by_byte_ends_with_the_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def drip() -> None:
            taken, _ = server.accept()
            with taken:
                while not stop.wait(0.05):
                    try:
                        taken.sendall(b"H")
                    except OSError:
                        return

        threading.Thread(target=drip, daemon=True).start()
        found = send(f"http://127.0.0.1:{server.getsockname()[1]}/", timeout=0.4)
        stop.set()
    assert found == Attempt(error=SendError.TIMED_OUT)


def test_h13_where_nobody_listens_or_no_tls_is_spoken_is_a_failure(receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert send(f"http://127.0.0.1:{port}/") == Attempt(error=SendError.CONNECTION_FAILED)
    assert send(f"https://localhost:{receiver.server_port}/") == Attempt(error=SendError.TLS_FAILED)


def test_h13_plain_http_and_private_addresses_are_not_reached(receiver: Receiver) -> None:
    refused = Attempt(error=SendError.ADDRESS_REFUSED)
    assert send(receiver.url, any_address=False) == refused
    assert send(receiver.url.replace("http:", "https:"), any_address=False) == refused
    assert receiver.came == []


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_h13_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "203.1.113.1", "2600:1f18::1", "2a00:1450:4001::1"])
def test_h13_public_addresses_are_taken(address: str) -> None:
    assert is_public(address)


def answers(monkeypatch: pytest.MonkeyPatch, *found: str) -> list[str]:
    """The resolver gives these, and keeps what it was asked."""
    asked: list[str] = []

    def resolver(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        families = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in found]
        return [(family, 1, 6, "", (one, port)) for family, one in zip(families, found, strict=True)]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", resolver)
    return asked


def test_h13_a_name_with_one_private_address_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "8.8.8.8", "10.0.0.1")
    with pytest.raises(NoAddressError) as refusal:
        resolved("shop.example.com", 443, any_address=False)
    assert refusal.value.error is SendError.ADDRESS_REFUSED
    assert resolved("shop.example.com", 443, any_address=True) == ["8.8.8.8", "10.0.0.1"]


def test_h13_a_name_is_resolved_once_and_the_address_that_was_checked_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A resolver that says something else the second time (DNS rebinding) is not asked a second time."""
    asked, connected = answers(monkeypatch, "2600:1f18::1", "8.8.8.8"), []

    def connect(address: Any, *_: Any) -> Any:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    found = send("https://shop.example.com:8443/", any_address=False)
    assert found == Attempt(error=SendError.CONNECTION_FAILED)
    assert (asked, connected) == (["shop.example.com"], [("8.8.8.8", 8443)])


def test_h13_a_name_that_does_not_exist_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolver(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(addresses.socket, "getaddrinfo", resolver)
    assert send("https://shop.example.com/", any_address=False) == Attempt(error=SendError.NAME_NOT_FOUND)


@pytest.mark.parametrize(
    ("scheme", "host", "refused"),
    [
        ("https", "shop.example.com", False),
        ("http", "shop.example.com", True),
        ("https", "localhost", True),
        ("https", "127.0.0.1", True),
        ("https", "127.1", True),
        ("https", "2130706433", True),
        ("https", "0x7f000001", True),
        ("https", "169.254.169.254", True),
        ("https", "8.8.8.8", False),
        ("https", "shop..example.com", False),
    ],
)
def test_h13_what_an_url_says_itself_is_refused_when_it_is_put(scheme: str, host: str, refused: bool) -> None:
    assert Targets().refuses(scheme, host) is refused
    assert not Targets(any_address=True).refuses(scheme, host)
