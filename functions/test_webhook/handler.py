"""POST /v1/webhooks/{webhook_id}/test: an event that says nothing, to see that it arrives."""

from buyer_protection.application.actions import webhooks
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("test_webhook")
def handler(request: edge.Request, webhook_id: str) -> Answer:
    """200 with the delivery, on its way."""
    request.no_body()
    known = container.get()
    return webhooks.send_test(
        known.context, request.command, known.webhook_store, known.webhook_queue, webhook_id
    )
