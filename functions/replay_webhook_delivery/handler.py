"""POST /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay: the same event once more."""

from buyer_protection.application.actions import webhooks
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("replay_webhook_delivery")
def handler(request: edge.Request, webhook_id: str, delivery_id: str) -> Answer:
    """200 with the delivery, on its way again."""
    request.no_body()
    known = container.get()
    return webhooks.replay_webhook_delivery(
        known.context, request.command, known.webhook_store, known.webhook_queue, webhook_id, delivery_id
    )
