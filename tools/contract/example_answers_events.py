"""An example of every answer about the feed and the webhooks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from buyer_protection.application.actions.feed import FeedDocument
from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.application.schemas.webhook_documents import (
    DeliveryListDocument,
    WebhookListDocument,
    delivery_document,
    webhook_document,
)
from buyer_protection.application.workers.announce import delivery_of
from buyer_protection.domain.event_names import WEBHOOK_TEST
from buyer_protection.domain.timeline import instant
from buyer_protection.domain.webhooks import SECRETS_OVERLAP, Delivery, Endpoint, SendError, delivery_id_of
from tools.contract.example_requests import DISPUTE_ID, PATH_EXAMPLES, REQUESTS

_AT = datetime(2026, 3, 9, 14, 5, tzinfo=UTC)
_SECRET = "whsec_" + "A" * 43 + "="
_WEBHOOK_ID = PATH_EXAMPLES["webhook_id"]
_EVENT = OutboundEvent(
    f"{DISPUTE_ID}-3-OfferDeclined",
    "OfferDeclined",
    _AT,
    {"dispute_id": DISPUTE_ID, "seq": 3, "offer_id": "of-2", "by": "BUYER"},
)


def about_events() -> dict[str, Any]:
    """By operation."""
    sent = REQUESTS["put_webhook"]
    endpoint = Endpoint(_WEBHOOK_ID, sent["url"], tuple(sent["types"]), True, _AT, _AT)
    delivery = delivery_of(_WEBHOOK_ID, _EVENT)
    begun = delivery.begun(_AT + timedelta(seconds=1))
    test = "test-0a4e4c559d7a1f2e3d4c5b6a7f8e9d0c"
    asked = Delivery(_WEBHOOK_ID, delivery_id_of(test, _AT), test, WEBHOOK_TEST, "{}", _AT)
    until = instant(_AT + SECRETS_OVERLAP)
    body = msgspec.Raw(delivery.body.encode())
    return {
        "list_events": FeedDocument([body], "MjAyNi0wMy0wOVQxNDowNTowMC4wMDBa", has_more=False),
        "list_webhooks": WebhookListDocument([webhook_document(endpoint)]),
        "put_webhook": webhook_document(endpoint, secret=_SECRET),
        "delete_webhook": webhook_document(replace(endpoint, active=False)),
        "test_webhook": delivery_document(asked),
        "rotate_webhook": webhook_document(endpoint, secret=_SECRET, previous_until=until),
        "list_webhook_deliveries": DeliveryListDocument(
            [
                delivery_document(begun.failed(SendError.HTTP_STATUS, 503)),
                delivery_document(begun.succeeded(204)),
            ]
        ),
        "replay_webhook_delivery": delivery_document(delivery.again()),
    }
