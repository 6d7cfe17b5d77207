"""What enters and leaves by the calls about the feed and the webhooks."""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType, field

from buyer_protection.application.schemas.instants import At, at
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.application.schemas.requests import RequestModel, whole
from buyer_protection.domain.event_names import EventName
from buyer_protection.domain.timeline import instant
from buyer_protection.domain.webhooks import Delivery, DeliveryStatus, Endpoint, SendError

# No spaces, no fragment, no user: what is left is what HTTP puts into a request line.
Url: TypeAlias = Annotated[
    str,
    whole(
        r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!$-~]*)?",
        max_length=2000,
        description="`https` only, without user and fragment; plain `http` on stages with `emulated`",
    ),
]
FeedPageSize: TypeAlias = Annotated[int, Meta(ge=1, le=200)]
Cursor: TypeAlias = Annotated[str, whole(r"[A-Za-z0-9_-]+", min_length=1, max_length=2048)]


class FeedQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the feed: where the last part ended, which events, and how many at most.

    cursor: `next_cursor` of the last answer; without it the feed begins thirty days ago
    types: names of events, repeated for several; all by default
    page_size: how many events at most
    """

    cursor: Cursor | None = None
    types: Annotated[list[EventName], Meta(max_length=50)] = []
    page_size: FeedPageSize = 50


class DeliveriesQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the log of deliveries, newest first."""


class WebhookRequest(RequestModel, frozen=True):
    """Where events go.

    url: the address of the endpoint
    types: names of the events that it gets; none means all, those that come later included
    active: whether anything is sent; what happened while it was off is not made up for
    """

    url: Url
    types: Annotated[list[EventName], Meta(max_length=50)] = field(default_factory=list)
    active: bool = True


class WebhookDocument(Struct, frozen=True, kw_only=True):
    """An endpoint.

    updated_at: when the shop put it last
    failing_since: the first failure since the last success; null where the last attempt succeeded
    switched_off_at: when it was switched off by itself, because nothing had arrived for days; null otherwise
    secret: what deliveries are signed with; only in the answers that made it
    previous_secret_valid_until: until when deliveries carry the signature of the secret before, too; after a rotation
    """

    webhook_id: str
    url: str
    types: Sequence[EventName]
    active: bool
    created_at: At
    updated_at: At
    failing_since: At | None
    switched_off_at: At | None
    secret: str | UnsetType = UNSET
    previous_secret_valid_until: At | UnsetType = UNSET


class WebhookListDocument(Struct, frozen=True):
    """All endpoints, by id."""

    items: Sequence[WebhookDocument]


class DeliveryDocument(Struct, frozen=True, kw_only=True):
    """One event on its way to one endpoint.

    event_id: the event's id, and the `webhook-id` of every attempt
    type: the event's name; `WebhookTest` for what a test sends
    created_at: the instant of the event
    status: PENDING, DELIVERED, GIVEN_UP after three days, or DROPPED because the endpoint was off
    attempts: how many were made
    next_attempt_at: when the next one is made; null where none is, or where it is being made
    last_status: the HTTP status of the last answer; null where none came
    last_error: what went wrong in the last attempt; null where nothing did
    """

    delivery_id: str
    event_id: str
    type: str
    created_at: At
    status: DeliveryStatus
    attempts: int
    next_attempt_at: At | None
    last_attempt_at: At | None
    last_status: int | None
    last_error: SendError | None


class DeliveryListDocument(Struct, frozen=True, omit_defaults=True):
    """A part of the log."""

    items: Sequence[DeliveryDocument]
    next_page_token: str | None = None


def webhook_document(
    endpoint: Endpoint, *, secret: str | UnsetType = UNSET, previous_until: At | UnsetType = UNSET
) -> WebhookDocument:
    """The endpoint as its calls answer it; the secret only where it was just made."""
    return WebhookDocument(
        webhook_id=endpoint.webhook_id,
        url=endpoint.url,
        types=[EventName(name) for name in endpoint.types],
        active=endpoint.active,
        created_at=instant(endpoint.created_at),
        updated_at=instant(endpoint.updated_at),
        failing_since=at(endpoint.failing_since),
        switched_off_at=at(endpoint.switched_off_at),
        secret=secret,
        previous_secret_valid_until=previous_until,
    )


def delivery_document(delivery: Delivery) -> DeliveryDocument:
    """A line of the log."""
    return DeliveryDocument(
        delivery_id=delivery.delivery_id,
        event_id=delivery.event_id,
        type=delivery.event_type,
        created_at=instant(delivery.created_at),
        status=delivery.status,
        attempts=delivery.attempts,
        next_attempt_at=at(delivery.next_attempt_at),
        last_attempt_at=at(delivery.last_attempt_at),
        last_status=delivery.last_status,
        last_error=delivery.last_error,
    )
