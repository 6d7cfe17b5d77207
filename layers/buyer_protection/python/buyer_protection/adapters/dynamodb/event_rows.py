"""The rows of the feed and of the webhooks: models of the one table, as those of `tables`."""

from datetime import date, datetime

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.attributes import (
    CountAttribute,
    InstantAttribute,
    RecordAttribute,
    WordAttribute,
)
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.application.ports.mails import subject_of_webhook
from buyer_protection.domain.webhooks import DeliveryStatus, SendError

FEED_PREFIX = "FEED#"
ENDPOINTS_PK = "WEBHOOKS"
ENDPOINT_PREFIX = "ENDPOINT#"
DELIVERY_PREFIX = "DELIVERY#"
SIGNING = "SIGNING"
# Rows whose partition begins so are read and written by the webhooks' own functions alone (`infra/grants.py`).
SIGNING_PREFIX = "SIGNING#"


def feed_pk(day: date) -> str:
    """The events that were written on that day, in UTC."""
    return f"{FEED_PREFIX}{day.isoformat()}"


def endpoint(webhook_id: str) -> keys.Key:
    """An endpoint; all of them lie in one collection."""
    return ENDPOINTS_PK, f"{ENDPOINT_PREFIX}{webhook_id}"


def secret(webhook_id: str) -> keys.Key:
    """What its deliveries are signed with."""
    return f"{SIGNING_PREFIX}{webhook_id}", SIGNING


def delivery(webhook_id: str, delivery_id: str) -> keys.Key:
    """An event on its way to it, by the event's instant."""
    return keys.subject_pk(subject_of_webhook(webhook_id)), f"{DELIVERY_PREFIX}{delivery_id}"


class FeedRow(Row, discriminator="FEED"):
    """One event as it was published. The sort key is the instant of its writing, then its id."""

    event = UnicodeAttribute()
    body = UnicodeAttribute()
    expires_at = CountAttribute()


class EndpointRow(Row, discriminator="ENDPOINT"):
    """Where events go. One that was removed has `deleted_at` until its time to live is over."""

    url = UnicodeAttribute()
    types: RecordAttribute[tuple[str, ...]] = RecordAttribute(tuple[str, ...])
    active = BooleanAttribute()
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    failing_since = InstantAttribute(null=True)
    switched_off_at = InstantAttribute(null=True)
    deleted_at = InstantAttribute(null=True)
    expires_at = CountAttribute(null=True)


class SecretRow(Row, discriminator="SIGNING"):
    """The secrets of an endpoint; none once it was removed."""

    current = UnicodeAttribute(null=True)
    previous = UnicodeAttribute(null=True)
    previous_until = InstantAttribute(null=True)
    rotated_by = UnicodeAttribute(null=True)
    expires_at = CountAttribute(null=True)


class DeliveryRow(Row, discriminator="DELIVERY"):
    """One event on its way to one endpoint; due while an attempt is to be made that no queue knows of."""

    event_id = UnicodeAttribute()
    event = UnicodeAttribute()
    body = UnicodeAttribute()
    created_at = InstantAttribute()
    status = WordAttribute(DeliveryStatus)
    attempts = CountAttribute()
    next_attempt_at = InstantAttribute(null=True)
    last_attempt_at = InstantAttribute(null=True)
    last_status = CountAttribute(null=True)
    last_error = WordAttribute(SendError, null=True)
    due_key = UnicodeAttribute(null=True)
    due_at = InstantAttribute(null=True)
    aside_since = InstantAttribute(null=True)
    aside_until = InstantAttribute(null=True)
    expires_at = CountAttribute()


def seconds(at: datetime) -> int:
    """An instant as a time to live has it."""
    return int(at.timestamp())
