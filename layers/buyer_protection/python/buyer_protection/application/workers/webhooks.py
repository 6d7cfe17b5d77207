"""Delivers an event to an endpoint: at least once, signed, again for three days, and then no more."""

from dataclasses import dataclass
from enum import StrEnum

from buyer_protection.application.ports.system import Clock
from buyer_protection.application.ports.webhooks import Attempt, WebhookSender, WebhookStore
from buyer_protection.domain.webhooks import (
    Delivery,
    DeliveryStatus,
    Endpoint,
    is_to_be_switched_off,
)


class Outcome(StrEnum):
    """What became of a message; the names are metrics' outcomes. NOTHING: it was sent, or is not to be sent now."""

    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    GIVEN_UP = "GIVEN_UP"
    DROPPED = "DROPPED"
    NOTHING = "NOTHING"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a message, and whether the endpoint was switched off by it."""

    outcome: Outcome
    switched_off: bool = False


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """What delivering needs."""

    webhooks: WebhookStore
    sender: WebhookSender
    clock: Clock

    def deliver(self, webhook_id: str, delivery_id: str) -> Delivered:
        """One attempt, if it is time for one and nobody else makes it."""
        delivery, now = self.webhooks.delivery(webhook_id, delivery_id), self.clock.now()
        if delivery is None or delivery.status is not DeliveryStatus.PENDING:
            return Delivered(Outcome.NOTHING)
        if delivery.next_attempt_at is not None and now < delivery.next_attempt_at:
            # The message comes again where the attempt before died without a word; nothing else stands for the next.
            self.webhooks.settle(delivery, delivery)
            return Delivered(Outcome.NOTHING)
        endpoint, secrets = self.webhooks.endpoint(webhook_id), self.webhooks.secrets(webhook_id)
        begun = delivery.begun(now)
        if not self.webhooks.begin(delivery, begun):
            return Delivered(Outcome.NOTHING)
        if endpoint is None or secrets is None or not (endpoint.active or delivery.is_test):
            self.webhooks.settle(begun, begun.dropped())
            return Delivered(Outcome.DROPPED)
        attempt = self.sender.send(endpoint.url, delivery.body, delivery.event_id, secrets.valid(now), now)
        return self._note(endpoint, begun, attempt)

    def _note(self, endpoint: Endpoint, begun: Delivery, attempt: Attempt) -> Delivered:
        if attempt.error is None and attempt.http_status is not None:
            self.webhooks.settle(begun, begun.succeeded(attempt.http_status))
            if endpoint.failing_since is not None:
                self.webhooks.note_working(endpoint.webhook_id)
            return Delivered(Outcome.DELIVERED)
        if attempt.error is None:
            raise AssertionError("an attempt without an answer has an error")
        after, now = begun.failed(attempt.error, attempt.http_status), self.clock.now()
        self.webhooks.settle(begun, after)
        if endpoint.failing_since is None:
            self.webhooks.note_failing(endpoint.webhook_id, now)
        switched_off = is_to_be_switched_off(endpoint, attempt.http_status, now) and self.webhooks.switch_off(
            endpoint.webhook_id, now
        )
        given_up = after.status is DeliveryStatus.GIVEN_UP
        return Delivered(Outcome.GIVEN_UP if given_up else Outcome.FAILED, switched_off)
