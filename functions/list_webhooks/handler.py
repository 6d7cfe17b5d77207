"""GET /v1/webhooks: where events go."""

from buyer_protection.application.actions import webhooks
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("list_webhooks")
def handler(request: edge.Request) -> Answer:
    """200 with all endpoints."""
    return webhooks.list_webhooks(request.command, container.get().webhook_store)
