"""Every way by which an event leaves: the bus, the feed, and the webhooks of those who want it."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import json

from buyer_protection.application.ports.events import EventBus, OutboundEvent
from buyer_protection.application.ports.feed import EventFeed
from buyer_protection.application.ports.webhooks import WebhookQueue, WebhookStore
from buyer_protection.domain.webhooks import Delivery, delivery_id_of


@dataclass(frozen=True, slots=True)
class Announcer:
    """Port `EventBus`: whoever publishes reaches all of them. What fails half-way is done again under the same ids.

    The bus comes first, since money is paid by it.
    """

    bus: EventBus
    feed: EventFeed
    webhooks: WebhookStore
    queue: WebhookQueue

    def publish(self, events: Sequence[OutboundEvent]) -> None:
        """See `EventBus.publish`."""
        self.bus.publish(events)
        self.feed.append(events)
        asked: list[tuple[str, str]] = []
        for endpoint in self.webhooks.endpoints():
            for event in events:
                if endpoint.wants(event.type):
                    delivery = delivery_of(endpoint.webhook_id, event)
                    self.webhooks.add(delivery)
                    asked.append((delivery.webhook_id, delivery.delivery_id))
        if asked:
            self.queue.enqueue(asked)


def delivery_of(webhook_id: str, event: OutboundEvent) -> Delivery:
    """The event on its way to an endpoint, with the body as it is sent in every attempt."""
    body = json.encode(event.document()).decode()
    delivery_id = delivery_id_of(event.event_id, event.at)
    return Delivery(webhook_id, delivery_id, event.event_id, event.type, body, event.at)
