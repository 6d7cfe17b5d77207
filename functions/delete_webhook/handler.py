"""DELETE /v1/webhooks/{webhook_id}: nothing is sent there any more."""

from buyer_protection.application.actions import webhooks
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("delete_webhook")
def handler(request: edge.Request, webhook_id: str) -> Answer:
    """200 with the endpoint as it was."""
    known = container.get()
    return webhooks.delete_webhook(known.context, request.command, known.webhook_store, webhook_id)
