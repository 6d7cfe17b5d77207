"""POST /v1/webhooks/{webhook_id}/rotate: another secret, beside the present one for a day."""

from buyer_protection.application.actions import webhooks
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("rotate_webhook")
def handler(request: edge.Request, webhook_id: str) -> Answer:
    """200 with the new secret."""
    request.no_body()
    known = container.get()
    return webhooks.rotate_webhook(known.context, request.command, known.webhook_keeper, webhook_id)
