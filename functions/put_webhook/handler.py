"""PUT /v1/webhooks/{webhook_id}: the shop says where events go."""

from buyer_protection.application.actions import webhooks
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.webhook_documents import WebhookRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("put_webhook")
def handler(request: edge.Request, webhook_id: str) -> Answer:
    """201 with the secret, 200 without it afterwards."""
    body, known = request.body(WebhookRequest), container.get()
    return webhooks.put_webhook(known.context, request.command, known.webhook_keeper, webhook_id, body)
