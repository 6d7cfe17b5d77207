"""GET /v1/webhooks/{webhook_id}/deliveries: the log of what was sent there."""

from buyer_protection.application.actions import webhooks
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.webhook_documents import DeliveriesQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("list_webhook_deliveries")
def handler(request: edge.Request, webhook_id: str) -> Answer:
    """200 with a part of the log, newest first."""
    query, known = request.query(DeliveriesQuery), container.get()
    return webhooks.list_webhook_deliveries(request.command, known.webhook_store, webhook_id, query)
