"""Where the shop's systems hear of events: endpoints, their secrets, the log, tests and replays.

A secret is shown in the answer that makes it and never again; no stored response holds one.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from msgspec import json, structs

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import (
    Command,
    check_precondition,
    idempotency_record_of,
    require_system,
    stored_response,
)
from buyer_protection.application.changes import retry_on_conflict
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.webhooks import WebhookQueue, WebhookStore
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.page_tokens import foreign_token, next_key, page_token
from buyer_protection.application.schemas.webhook_documents import (
    DeliveriesQuery,
    DeliveryListDocument,
    WebhookDocument,
    WebhookListDocument,
    WebhookRequest,
    delivery_document,
    webhook_document,
)
from buyer_protection.domain.errors import (
    ConflictError,
    FieldError,
    InvalidRequestError,
    NotFoundError,
    StaleVersionError,
)
from buyer_protection.domain.event_names import WEBHOOK_TEST
from buyer_protection.domain.timeline import instant
from buyer_protection.domain.webhooks import (
    MAX_ENDPOINTS,
    Delivery,
    Endpoint,
    Secrets,
    delivery_id_of,
)

_LONGEST_NAME, _LONGEST_LABEL = 253, 63
_ONE = -1


class Targets(Protocol):
    """Which hosts an endpoint may have."""

    def refuses(self, scheme: str, host: str) -> bool:
        """Whether the URL alone says so: no HTTPS, or an address that is not public."""
        ...


class WebhookKeeper(NamedTuple):
    """What the calls work with that make a webhook or a secret. `new_secret` makes one that nobody can guess."""

    store: WebhookStore
    targets: Targets
    new_secret: Callable[[], str]


def list_webhooks(command: Command, store: WebhookStore) -> Answer:
    """200 with all endpoints."""
    require_system(command.caller)
    return answer(200, WebhookListDocument([webhook_document(it) for it in store.endpoints()]))


def put_webhook(
    context: Context, command: Command, keeper: WebhookKeeper, webhook_id: str, request: WebhookRequest
) -> Answer:
    """201 with the secret where it is new, 200 without it where it was there; 409 `LIMIT_REACHED` beyond so many.

    412 where `If-Match: *` or `If-None-Match: *` does not allow it; a webhook has no versions that they could name.
    """
    require_system(command.caller)
    _check_url(keeper.targets, request.url)

    def attempt() -> Answer:
        now, store = context.clock.now(), keeper.store
        before = store.endpoint(webhook_id)
        _check_presence(command, before)
        types = tuple(sorted({name.value for name in request.types}))
        if before is not None:
            # Whoever puts it anew has looked after it: a failure of before counts no more.
            after = Endpoint(webhook_id, request.url, types, request.active, before.created_at, now)
            if not store.replace(after, before):
                raise ConflictingWriteError
            return answer(200, webhook_document(after))
        if len(store.endpoints()) >= MAX_ENDPOINTS:
            raise ConflictError(f"There are {MAX_ENDPOINTS} endpoints already.", code="LIMIT_REACHED")
        made = Endpoint(webhook_id, request.url, types, request.active, now, now)
        secret = keeper.new_secret()
        if not store.create(made, Secrets(secret)):
            raise ConflictingWriteError
        return answer(201, webhook_document(made, secret=secret), location=f"/v1/webhooks/{webhook_id}")

    return retry_on_conflict(attempt)


def _check_presence(command: Command, kept: Endpoint | None) -> None:
    if kept is not None and command.if_match is not None:
        raise StaleVersionError("A webhook has no versions: send If-Match with *.")
    # The number stands for "there is one"; none that a client can name.
    there = None if kept is None else _ONE
    check_precondition(command, there, "No webhook is kept." if kept is None else "The webhook is kept.")


def delete_webhook(context: Context, command: Command, store: WebhookStore, webhook_id: str) -> Answer:
    """200 with the endpoint as it was; nothing is sent any more, and the secret is overwritten."""
    require_system(command.caller)

    def attempt() -> Answer:
        endpoint = _endpoint(store, webhook_id)
        if not store.remove(endpoint, context.clock.now()):
            raise ConflictingWriteError
        return answer(200, webhook_document(replace(endpoint, active=False)))

    return retry_on_conflict(attempt)


def rotate_webhook(context: Context, command: Command, keeper: WebhookKeeper, webhook_id: str) -> Answer:
    """200 with a new secret; the one before it stays valid for a day. The same key gets the same secret, once."""
    require_system(command.caller)
    by = command.idempotency_id or ""

    def attempt() -> Answer:
        now, store = context.clock.now(), keeper.store
        # In this order: whoever finds the record finds the secret that was written with it, or a later one.
        kept = stored_response(command, store.stored(by))
        endpoint, secrets = _endpoint(store, webhook_id), store.secrets(webhook_id)
        if secrets is None:
            raise NotFoundError
        if kept is not None and secrets.rotated_by != by:
            # It has been rotated again since: that secret is no more, and what is kept of the answer has none.
            return kept
        said = webhook_document(endpoint)
        if kept is None:
            before, secrets = secrets, secrets.rotated(keeper.new_secret(), now, by)
            store.rotate(webhook_id, before, secrets, now, idempotency_record_of(command, answer(200, said)))
        else:
            # What has happened to the endpoint since is no part of the answer that was given.
            said = json.decode(kept.body, type=WebhookDocument)
        until = instant(secrets.previous_until or now)
        return answer(200, structs.replace(said, secret=secrets.current, previous_secret_valid_until=until))

    return retry_on_conflict(attempt)


def send_test(
    context: Context, command: Command, store: WebhookStore, queue: WebhookQueue, webhook_id: str
) -> Answer:
    """200 with a delivery that says nothing, on its way, also where the endpoint is off."""

    def delivery(now: datetime) -> tuple[Delivery, Delivery | None]:
        _endpoint(store, webhook_id)
        event_id = f"test-{(command.idempotency_id or instant(now))[:32]}"
        event = OutboundEvent(event_id, WEBHOOK_TEST, now, {"webhook_id": webhook_id})
        body = json.encode(event.document()).decode()
        made = Delivery(webhook_id, delivery_id_of(event_id, now), event_id, WEBHOOK_TEST, body, now)
        return made, None

    return _ask(context, command, store, queue, delivery)


def replay_webhook_delivery(
    context: Context,
    command: Command,
    store: WebhookStore,
    queue: WebhookQueue,
    webhook_id: str,
    delivery_id: str,
) -> Answer:
    """200 with the delivery, on its way again from the first attempt, under the same `webhook-id`."""

    def delivery(_now: datetime) -> tuple[Delivery, Delivery | None]:
        _endpoint(store, webhook_id)
        before = store.delivery(webhook_id, delivery_id)
        if before is None:
            raise NotFoundError
        return before.again(), before

    return _ask(context, command, store, queue, delivery)


def list_webhook_deliveries(
    command: Command, store: WebhookStore, webhook_id: str, query: DeliveriesQuery
) -> Answer:
    """200 with a part of the log of thirty days, newest first."""
    require_system(command.caller)
    _endpoint(store, webhook_id)
    bound = f"deliveries/{webhook_id}"
    start = next_key(command.caller.caller_id, bound, query.page_token)
    if start is not None and not isinstance(start.get("id"), str):
        raise foreign_token()
    page = store.deliveries(webhook_id, limit=query.page_size, start=start)
    token = page_token(command.caller.caller_id, bound, page.next_key)
    return answer(200, DeliveryListDocument([delivery_document(it) for it in page.items], token))


def _ask(
    context: Context,
    command: Command,
    store: WebhookStore,
    queue: WebhookQueue,
    delivery: Callable[[datetime], tuple[Delivery, Delivery | None]],
) -> Answer:
    """Write the delivery with the stored response, then ask the queue. The sweeper does where that is lost."""
    require_system(command.caller)

    def attempt() -> tuple[Answer, Delivery | None]:
        now = context.clock.now()
        kept = stored_response(command, store.stored(command.idempotency_id or ""))
        if kept is not None:
            return kept, None
        after, before = delivery(now)
        made = answer(200, delivery_document(after))
        store.ask(after, before, now, idempotency_record_of(command, made))
        return made, after

    made, asked = retry_on_conflict(attempt)
    if asked is not None:
        queue.enqueue([(asked.webhook_id, asked.delivery_id)])
    return made


def _endpoint(store: WebhookStore, webhook_id: str) -> Endpoint:
    found = store.endpoint(webhook_id)
    if found is None:
        raise NotFoundError
    return found


def _check_url(targets: Targets, url: str) -> None:
    split = urlsplit(url)
    try:
        is_possible = _is_name(split.hostname or "") and split.port != 0
    except ValueError:
        is_possible = False
    if not is_possible:
        raise _refused("INVALID_FORMAT", "The URL has no host, or an impossible port.")
    if targets.refuses(split.scheme, split.hostname or ""):
        raise _refused("NOT_ALLOWED", "A webhook goes to a public host by HTTPS.")


def _is_name(host: str) -> bool:
    """Whether it can be a name of the DNS: no empty label, none of more than 63 characters, 253 in all (RFC 1035)."""
    name = host.removesuffix(".")
    return len(name) <= _LONGEST_NAME and all(0 < len(label) <= _LONGEST_LABEL for label in name.split("."))


def _refused(code: str, detail: str) -> InvalidRequestError:
    return InvalidRequestError(detail, fields=[FieldError("/url", code)])
