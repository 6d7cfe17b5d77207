"""The calls about the feed and the webhooks: the shop's own systems."""

from __future__ import annotations

from buyer_protection.application.schemas import webhook_documents as documents
from tools.contract import models
from tools.contract.model import Operation
from tools.contract.model import Refusal as No

WEBHOOKS = (
    Operation(
        "list_events",
        "system",
        (),
        models.EventList,
        query=documents.FeedQuery,
        notes="At least once, in order per dispute, by the instant at which they were written. An event is what the "
        "bus carries: the schema of each is in `docs/asyncapi.json`. Keep `next_cursor`, also of an empty answer, and "
        "go on from it; drop what comes twice by its `id`. The newest two seconds are left out. A cursor that is older "
        "than thirty days is refused (`EXPIRED`), because events were missed.",
    ),
    Operation("list_webhooks", "system", (), documents.WebhookListDocument),
    Operation(
        "put_webhook",
        "system",
        (),
        documents.WebhookDocument,
        statuses=(200, 201),
        request=documents.WebhookRequest,
        problems=(No("LIMIT_REACHED"), No("STALE_VERSION")),
        notes="201 with `secret` the first time, which is shown nowhere else; 200 without it afterwards. Deliveries "
        "follow Standard Webhooks: `webhook-id`, `webhook-timestamp` and `webhook-signature`, five seconds for an "
        "answer of 2xx, no redirects, public addresses only, ten attempts over three days. An endpoint at which "
        "nothing arrives for five days, or that answers 410, is switched off: put it again.",
    ),
    Operation(
        "delete_webhook",
        "system",
        (),
        documents.WebhookDocument,
        problems=(No("CONTENTION"),),
        notes="The log of deliveries can be read no more.",
    ),
    Operation(
        "test_webhook",
        "system",
        (),
        documents.DeliveryDocument,
        notes="Sends `WebhookTest`, also where the webhook is not active; the log says what became of it.",
    ),
    Operation(
        "rotate_webhook",
        "system",
        (),
        documents.WebhookDocument,
        notes="Until `previous_secret_valid_until` deliveries carry the signatures of both secrets.",
    ),
    Operation(
        "list_webhook_deliveries",
        "system",
        (),
        documents.DeliveryListDocument,
        query=documents.DeliveriesQuery,
        notes="The deliveries of thirty days, newest first.",
    ),
    Operation(
        "replay_webhook_delivery",
        "system",
        (),
        documents.DeliveryDocument,
        notes="The same body under the same `webhook-id`, from the first attempt, whatever became of it before. Many "
        "events at once are read again by `GET /v1/events`.",
    ),
)
