"""Every way by which an event leaves: the bus, the feed, and the webhooks of those who want it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from msgspec import json

from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.events import EventBus, OutboundEvent
from buyer_protection.application.ports.feed import EventFeed
from buyer_protection.application.ports.webhooks import WebhookQueue, WebhookStore
from buyer_protection.domain.webhooks import Delivery, delivery_id_of


@dataclass(frozen=True, slots=True)
class Announcer:
    """Port `EventBus`: whoever publishes reaches all of them. What fails half-way is done again under the same ids.

    The bus comes first, since money is paid by it. Where the webhooks' queue does not take a delivery, the sweeper
    finds it in the table: that queue keeps nothing else back.
    """

    bus: EventBus
    feed: EventFeed
    webhooks: WebhookStore
    queue: WebhookQueue

    def publish(self, events: Sequence[OutboundEvent]) -> None:
        """See `EventBus.publish`."""
        self.bus.publish(events)
        self.feed.append(events)
        asked: list[Delivery] = []
        for endpoint in self.webhooks.endpoints():
            for event in events:
                if endpoint.wants(event.type):
                    delivery = delivery_of(endpoint.webhook_id, event)
                    self.webhooks.add(delivery)
                    asked.append(delivery)
        if asked:
            self._enqueue(asked)

    def _enqueue(self, asked: Sequence[Delivery]) -> None:
        try:
            self.queue.enqueue([(one.webhook_id, one.delivery_id) for one in asked])
        except Exception:  # noqa: BLE001 - whatever it was, the sweeper asks for them within two minutes
            for one in asked:
                # Where it was sent meanwhile, nothing is left to ask for.
                with suppress(ConflictingWriteError):
                    self.webhooks.ask(one, one, one.created_at, None)


def delivery_of(webhook_id: str, event: OutboundEvent) -> Delivery:
    """The event on its way to an endpoint, with the body as it is sent in every attempt."""
    body = json.encode(event.document()).decode()
    delivery_id = delivery_id_of(event.event_id, event.at)
    return Delivery(webhook_id, delivery_id, event.event_id, event.type, body, event.at)
