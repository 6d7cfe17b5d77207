"""Consumer of the webhooks' queue: sends each event to its endpoint, signed.

Takes messages that name a webhook and a delivery, and answers with those that failed on our side. What an endpoint does
not take is tried again for three days by the sweeper, which finds it in the index of what is due.
"""

from typing import Any

from msgspec import Struct, json

from buyer_protection.application.workers.webhooks import Outcome
from buyer_protection.composition import container
from buyer_protection.runtime.observability import count, log, worker
from buyer_protection.runtime.queues import process_messages


class _Message(Struct, frozen=True):
    """What a message names."""

    webhook_id: str
    delivery_id: str


@worker("deliver_webhooks")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Send each, whatever becomes of the others. Ids and outcomes are logged, never a URL."""
    return process_messages("deliver_webhooks", event, _deliver)


def _deliver(body: str, ids: dict[str, object]) -> None:
    asked = json.decode(body, type=_Message)
    ids |= {"webhook_id": asked.webhook_id, "delivery_id": asked.delivery_id}
    done = container.get().webhook_delivery.deliver(asked.webhook_id, asked.delivery_id)
    log("webhook", {"outcome": done.outcome, **ids})
    if done.outcome is not Outcome.NOTHING:
        count("webhook", done.outcome, ids)
    if done.switched_off:
        count("webhook", "SWITCHED_OFF", ids)
