"""Webhooks in the in-memory world: keep an endpoint, publish an event, deliver, sweep, read the log."""

from typing import Any

from buyer_protection.application.actions import webhooks as calls
from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.application.ports.webhooks import Attempt
from buyer_protection.application.schemas.webhook_documents import DeliveriesQuery, WebhookRequest
from buyer_protection.application.workers.announce import Announcer
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.sweep_round import Sweeper
from buyer_protection.application.workers.webhooks import Delivered, WebhookDelivery
from buyer_protection.domain.webhooks import SendError
from tests.support.fakes import World
from tests.unit.application.helpers import SHOP, call, doc, world

URL = "https://erp.shop.example.com/hooks"
KEY = "a-key-of-the-shop"


class Everywhere:
    """Port `Targets`."""

    def refuses(self, scheme: str, host: str) -> bool:
        return host == "private.example.com"


def keeper(of: World) -> calls.WebhookKeeper:
    numbers = iter(range(1, 100))
    return calls.WebhookKeeper(of.webhooks, Everywhere(), lambda: f"whsec_{next(numbers)}")


def put(of: World, webhook_id: str = "erp", **said: Any) -> dict[str, Any]:
    request = WebhookRequest(said.pop("url", URL), **said)
    return doc(calls.put_webhook(of.context, call(SHOP), keeper(of), webhook_id, request))


def event(number: int = 1, name: str = "DisputeOpened", of: World | None = None) -> OutboundEvent:
    at = (of or world()).clock.at
    return OutboundEvent(f"dp-1-{number}-{name}", name, at, {"dispute_id": "dp-1", "seq": number})


def publish(of: World, *events: OutboundEvent) -> None:
    Announcer(of.bus, of.feed, of.webhooks, of.webhook_queue).publish(events)


def deliver(of: World) -> list[Delivered]:
    """Take what the queue has."""
    asked, of.webhook_queue.asked = of.webhook_queue.asked, []
    worker = WebhookDelivery(of.webhooks, of.sender, of.clock)
    return [worker.deliver(*one) for one in asked]


def swept(of: World) -> int:
    made = Sweeper(
        of.cases,
        of.timers,
        of.refunds,
        of.executions,
        of.queue,
        of.bus,
        of.clock,
        of.orders,
        of.webhook_queue,
    )
    return sweep(made)["webhooks_requeued"]


def log_of(of: World, webhook_id: str = "erp") -> list[dict[str, Any]]:
    items = doc(calls.list_webhook_deliveries(call(SHOP), of.webhooks, webhook_id, DeliveriesQuery()))[
        "items"
    ]
    return list(items)


def refused() -> Attempt:
    return Attempt(503, SendError.HTTP_STATUS)
