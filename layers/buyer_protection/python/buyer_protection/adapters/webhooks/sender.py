"""The signed request to an endpoint (port `WebhookSender`), by Standard Webhooks.

`webhook-id` is the event's id, the same in every attempt; `webhook-timestamp` and the signatures are the attempt's.
No redirect is followed, and nothing of the answer but its status is read.
"""

import http.client
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from standardwebhooks.webhooks import Webhook

from buyer_protection.adapters.webhooks.addresses import NoAddressError, resolved
from buyer_protection.application.ports.webhooks import Attempt
from buyer_protection.domain.webhooks import SendError

TIMEOUT_SECONDS = 5.0
_USER_AGENT = "buyer-protection-webhooks/1"


class HttpWebhookSender:
    """`any_address` lets plain HTTP and private addresses through: on one's own machine only."""

    def __init__(self, *, any_address: bool = False, timeout: float = TIMEOUT_SECONDS) -> None:
        self._any_address = any_address
        self._timeout = timeout

    def send(self, url: str, body: str, event_id: str, secrets: Sequence[str], now: datetime) -> Attempt:
        """See `WebhookSender.send`."""
        split = urlsplit(url)
        if split.scheme != "https" and not self._any_address:
            return Attempt(error=SendError.ADDRESS_REFUSED)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": _USER_AGENT,
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(Webhook(secret).sign(event_id, now, body) for secret in secrets),
        }
        try:
            port = split.port or (443 if split.scheme == "https" else 80)
            addresses = resolved(split.hostname or "", port, any_address=self._any_address)
        except NoAddressError as refusal:
            return Attempt(error=refusal.error)
        return self._post(_Connection(split, port, addresses[0], self._timeout), body, headers)

    def _post(self, connection: "_Connection", body: str, headers: dict[str, str]) -> Attempt:
        # A time-out of sockets is that of each read: an answer that comes byte by byte would last for ever.
        overall = Timer(self._timeout, connection.end)
        overall.daemon = True
        overall.start()
        try:
            connection.request("POST", connection.target, body.encode(), headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as failure:
            return Attempt(error=SendError.TIMED_OUT if connection.ended else _error_of(failure))
        finally:
            overall.cancel()
            connection.close()
        return Attempt(status, None if 200 <= status < 300 else SendError.HTTP_STATUS)


class _Connection(http.client.HTTPConnection):
    """Connects to the address that was checked, and speaks to the host that the URL names."""

    def __init__(self, split: SplitResult, port: int, address: str, timeout: float) -> None:
        super().__init__(split.hostname or "", port, timeout=timeout)
        self._address = address
        self._is_secure = split.scheme == "https"
        if self._is_secure:
            # What the Host header leaves out.
            self.default_port = http.client.HTTPS_PORT
        self.target = (split.path or "/") + (f"?{split.query}" if split.query else "")
        self.ended = False

    def connect(self) -> None:
        """TCP to the address; TLS, where it is spoken, with the host's name."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._is_secure:
            secure = _tls().wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = secure
            secure.do_handshake()

    def end(self) -> None:
        """Time is up, whatever is being waited for."""
        self.ended = True
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


@cache
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _error_of(failure: Exception) -> SendError:
    if isinstance(failure, TimeoutError):
        return SendError.TIMED_OUT
    return SendError.TLS_FAILED if isinstance(failure, ssl.SSLError) else SendError.CONNECTION_FAILED
