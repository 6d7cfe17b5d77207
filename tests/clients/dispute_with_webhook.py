"""A dispute that the shop's backend hears of by webhook, played with the client that openapi-python-client generates.

API_URL, BACKEND_API_URL, ORDER_ID, BUYER_TOKEN, SELLER_TOKEN and the backend's AWS credentials come from the
environment; the order was just shipped. Run by tests/e2e/test_clients.py; tests/clients/dispute_with_webhook.ts is the
same in TypeScript.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from backend import backend
from buyer_protection_client import AuthenticatedClient
from buyer_protection_client.api.disputes import open_dispute
from buyer_protection_client.api.events import (
    delete_webhook,
    list_webhook_deliveries,
    put_webhook,
    rotate_webhook,
)
from buyer_protection_client.api.negotiation import accept_request
from buyer_protection_client.models.delivery_list_document import DeliveryListDocument
from buyer_protection_client.models.dispute_document import DisputeDocument
from buyer_protection_client.models.known_delivery_status import KnownDeliveryStatus
from buyer_protection_client.models.known_event_name import KnownEventName
from buyer_protection_client.models.known_reason import KnownReason
from buyer_protection_client.models.money_model import MoneyModel
from buyer_protection_client.models.open_dispute_request import OpenDisputeRequest
from buyer_protection_client.models.outbound_envelope import OutboundEnvelope
from buyer_protection_client.models.webhook_document import WebhookDocument
from buyer_protection_client.models.webhook_request import WebhookRequest
from common import PATIENCE_SECONDS, client_of, given, key, until
from standardwebhooks.webhooks import Webhook, WebhookVerificationError


class Delivery(NamedTuple):
    """A delivery as it came, and what its body says."""

    headers: dict[str, str]
    body: bytes
    event: OutboundEnvelope


class Receiver(ThreadingHTTPServer):
    """Takes what the secret proves to be ours, and refuses anything else."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.secret: str | None = None
        self.taken: list[Delivery] = []
        self.changed = threading.Condition()

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """The status to answer: 204 for an event, the same one again included, or 401."""
        if self.secret is None:
            return 401
        try:
            event = OutboundEnvelope.from_dict(Webhook(self.secret).verify(body, headers))
        except WebhookVerificationError:
            return 401
        with self.changed:
            if all(known.event.id != event.id for known in self.taken):
                self.taken.append(Delivery(headers, body, event))
                self.changed.notify_all()
        return 204

    def awaited(self, type_: KnownEventName, dispute_id: str) -> Delivery:
        """The delivery of that event, once it is there."""

        def come() -> Delivery | None:
            about = (one for one in self.taken if one.event.subject == dispute_id)
            return next((one for one in about if one.event.type_ == type_), None)

        with self.changed:
            found = self.changed.wait_for(come, PATIENCE_SECONDS)
        if found is None:
            raise SystemExit(f"no {type_} came")
        return found


class Answering(BaseHTTPRequestHandler):
    """One delivery: its body is verified as it came, byte for byte."""

    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.take(dict(self.headers.items()), body))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """The story prints what came."""


@contextmanager
def listening() -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    with Receiver() as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        yield receiver
        receiver.shutdown()


def log_of(shop: AuthenticatedClient, webhook_id: str, deliveries: list[Delivery]) -> list[str]:
    """How each of these deliveries ended by the log. The shop's other disputes stand in it too, at any time."""

    def ended() -> list[str] | None:
        log = given(DeliveryListDocument, list_webhook_deliveries.sync(webhook_id, client=shop))
        statuses = {item.event_id: item.status for item in log.items}
        found = [statuses.get(delivery.event.id) for delivery in deliveries]
        if None in found or KnownDeliveryStatus.PENDING in found:
            return None
        return [
            f"{delivery.event.type_} {status}" for delivery, status in zip(deliveries, found, strict=True)
        ]

    return until("the deliveries have ended", ended)


def play(receiver: Receiver) -> None:
    shop, webhook_id = backend(), f"erp-{uuid.uuid4().hex[:8]}"
    buyer, seller = client_of(os.environ["BUYER_TOKEN"]), client_of(os.environ["SELLER_TOKEN"])

    wanted = WebhookRequest(
        url=f"http://127.0.0.1:{receiver.server_port}/hooks",
        types=[KnownEventName.DISPUTEOPENED, KnownEventName.DISPUTERESOLVED],
    )
    webhook = given(WebhookDocument, put_webhook.sync(webhook_id, client=shop, body=wanted))
    receiver.secret = first = given(str, webhook.secret)
    print(f"webhook: {str(webhook.active).lower()}")

    opening = OpenDisputeRequest(
        order_id=os.environ["ORDER_ID"],
        reason=KnownReason.NOT_AS_DESCRIBED,
        description="The lamp is red, not blue.",
        requested_refund=MoneyModel(2500, "USD"),
    )
    dispute = given(DisputeDocument, open_dispute.sync(client=buyer, body=opening, idempotency_key=key()))
    opened = receiver.awaited(KnownEventName.DISPUTEOPENED, dispute.dispute_id)
    print(f"event: {opened.event.type_}")

    rotated = given(WebhookDocument, rotate_webhook.sync(webhook_id, client=shop, idempotency_key=key()))
    second = given(str, rotated.secret)
    print(f"rotated: {str(second != first).lower()}")

    # The receiver still has the first secret; what comes now is signed with both.
    given(DisputeDocument, accept_request.sync(dispute.dispute_id, client=seller, idempotency_key=key()))
    resolved = receiver.awaited(KnownEventName.DISPUTERESOLVED, dispute.dispute_id)
    again = OutboundEnvelope.from_dict(Webhook(second).verify(resolved.body, resolved.headers))
    print(f"event, by either secret: {again.type_}")

    print(f"deliveries: {', '.join(log_of(shop, webhook_id, [opened, resolved]))}")
    given(WebhookDocument, delete_webhook.sync(webhook_id, client=shop))


if __name__ == "__main__":
    with listening() as receiver:
        play(receiver)
