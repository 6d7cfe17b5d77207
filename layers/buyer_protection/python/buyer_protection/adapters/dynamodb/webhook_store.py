"""Endpoints, their secrets and deliveries (port `WebhookStore`).

No row is deleted (findings G3): an endpoint that was removed is marked, its secrets are overwritten, and both leave by
their time to live. A delivery is due for the sweeper only while no message of the queue stands for its next attempt.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from buyer_protection.adapters.dynamodb import event_rows, keys, mapping
from buyer_protection.adapters.dynamodb.answered import commit_answered
from buyer_protection.adapters.dynamodb.event_rows import DeliveryRow, EndpointRow, SecretRow, seconds
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import IdempotencyRow
from buyer_protection.adapters.dynamodb.transaction import RefusedError, Transaction
from buyer_protection.application.ports.cases import Page
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.application.ports.mails import subject_of_webhook
from buyer_protection.application.ports.timers import DueKind
from buyer_protection.domain.webhooks import KEPT_FOR, Delivery, DeliveryStatus, Endpoint, Secrets

# How long the queue has for a delivery that a call asks for, before the sweeper looks.
_GRACE = timedelta(minutes=1)
# Behind every id of a delivery, which begins with a digit.
_LAST = "~"
_NOTED = ("next_attempt_at", "last_attempt_at", "last_status", "last_error")


class PynamoWebhookStore:
    """One collection of endpoints, one of secrets for each, and one of deliveries for each."""

    def endpoints(self) -> Sequence[Endpoint]:
        """See `WebhookStore.endpoints`."""
        rows = EndpointRow.collection(event_rows.ENDPOINTS_PK, is_of_many=True)
        return [_endpoint_of(row) for row in rows if not _is_removed(row)]

    def endpoint(self, webhook_id: str) -> Endpoint | None:
        """See `WebhookStore.endpoint`."""
        row = _fetch(event_rows.endpoint(webhook_id))
        return _endpoint_of(row) if isinstance(row, EndpointRow) and not _is_removed(row) else None

    def create(self, endpoint: Endpoint, secrets: Secrets) -> bool:
        """See `WebhookStore.create`."""
        transaction = Transaction()
        # The transaction has one condition a row: whoever finds a removed one writes over it as it is.
        row = _fetch(event_rows.endpoint(endpoint.webhook_id))
        if row is None:
            transaction.put_new(_endpoint_row(endpoint))
        elif isinstance(row, EndpointRow) and _is_removed(row):
            transaction.put_over(_endpoint_row(endpoint), EndpointRow.deleted_at == row.deleted_at)
        else:
            return False
        transaction.put(SecretRow(*event_rows.secret(endpoint.webhook_id), current=secrets.current))
        try:
            transaction.commit()
        except RefusedError:
            return False
        return True

    def replace(self, endpoint: Endpoint, before: Endpoint) -> bool:
        """See `WebhookStore.replace`."""
        return _endpoint_row(endpoint).put_if(_is_as_read(before))

    def remove(self, endpoint: Endpoint, now: datetime) -> bool:
        """See `WebhookStore.remove`."""
        transaction = Transaction()
        row = _endpoint_row(endpoint)
        row.deleted_at, row.active, row.expires_at = now, False, seconds(now + KEPT_FOR)
        transaction.put_over(row, _is_as_read(endpoint))
        secret = event_rows.secret(endpoint.webhook_id)
        transaction.put(SecretRow(*secret, expires_at=seconds(now + KEPT_FOR)))
        try:
            transaction.commit()
        except RefusedError:
            return False
        return True

    def note_failing(self, webhook_id: str, since: datetime) -> None:
        """See `WebhookStore.note_failing`."""
        _endpoint(webhook_id).change_if(
            _IS_THERE & EndpointRow.failing_since.does_not_exist(), [EndpointRow.failing_since.set(since)]
        )

    def note_working(self, webhook_id: str) -> None:
        """See `WebhookStore.note_working`."""
        works: list[Action] = [EndpointRow.failing_since.remove()]
        _endpoint(webhook_id).change_if(_IS_THERE, works)

    def switch_off(self, webhook_id: str, at: datetime) -> bool:
        """See `WebhookStore.switch_off`."""
        actions: list[Action] = [EndpointRow.active.set(False), EndpointRow.switched_off_at.set(at)]
        return _endpoint(webhook_id).change_if(_IS_THERE & EndpointRow.active.is_in(True), actions)

    def secrets(self, webhook_id: str) -> Secrets | None:
        """See `WebhookStore.secrets`."""
        row = _fetch(event_rows.secret(webhook_id))
        if not isinstance(row, SecretRow) or not row.current:
            return None
        return Secrets(row.current, row.previous, row.previous_until, row.rotated_by)

    def rotate(
        self,
        webhook_id: str,
        before: Secrets,
        after: Secrets,
        now: datetime,
        idempotency: IdempotencyRecord | None,
    ) -> None:
        """See `WebhookStore.rotate`."""
        transaction = Transaction()
        row = SecretRow(
            *event_rows.secret(webhook_id),
            current=after.current,
            previous=after.previous,
            previous_until=after.previous_until,
            rotated_by=after.rotated_by,
        )
        transaction.put_over(row, SecretRow.current == before.current)
        commit_answered(transaction, now, idempotency)

    def stored(self, idempotency_id: str) -> IdempotencyRecord | None:
        """See `WebhookStore.stored`."""
        row = _fetch(keys.idempotency(idempotency_id))
        return mapping.idempotency_record_of(row) if isinstance(row, IdempotencyRow) else None

    def add(self, delivery: Delivery) -> None:
        """See `WebhookStore.add`."""
        _delivery_row(delivery).put_if_new()

    def ask(
        self,
        delivery: Delivery,
        before: Delivery | None,
        now: datetime,
        idempotency: IdempotencyRecord | None,
    ) -> None:
        """See `WebhookStore.ask`."""
        transaction, row = Transaction(), _delivery_row(delivery)
        row.due_key, row.due_at = _due_key(delivery), now + _GRACE
        if before is None:
            transaction.put_new(row)
        else:
            transaction.put_over(row, _is_at(before))
        commit_answered(transaction, now, idempotency)

    def delivery(self, webhook_id: str, delivery_id: str) -> Delivery | None:
        """See `WebhookStore.delivery`."""
        row = _fetch(event_rows.delivery(webhook_id, delivery_id))
        return _delivery_of(row) if isinstance(row, DeliveryRow) else None

    def deliveries(self, webhook_id: str, *, limit: int, start: Mapping[str, Any] | None) -> Page[Delivery]:
        """See `WebhookStore.deliveries`."""
        pk, _ = event_rows.delivery(webhook_id, "")
        first = event_rows.DELIVERY_PREFIX
        within = Row.sk.between(first, f"{first}{start['id'] if start else _LAST}")
        # The row that the last page ended with comes again, and one more says whether there is a further page.
        many = limit + (2 if start else 1)
        rows = DeliveryRow.collection(pk, within, limit=many, newest_first=True, is_of_many=True)
        found = [_delivery_of(row) for row in rows if not start or row.sk.split("#", 1)[1] != start["id"]]
        more = len(found) > limit
        return Page(found[:limit], {"id": found[limit - 1].delivery_id} if more else None)

    def begin(self, before: Delivery, begun: Delivery) -> bool:
        """See `WebhookStore.begin`."""
        # What stands for the attempt from here on is the queue's message.
        return _delivery_row(begun).put_if(_is_at(before))

    def settle(self, begun: Delivery, after: Delivery) -> None:
        """See `WebhookStore.settle`."""
        row = _delivery_row(after)
        if after.next_attempt_at is not None:
            row.due_key, row.due_at = _due_key(after), after.next_attempt_at
        row.put_if(_is_at(begun))


_IS_THERE = EndpointRow.pk.exists() & EndpointRow.deleted_at.does_not_exist()


def _is_removed(row: EndpointRow) -> bool:
    return "deleted_at" in row.attribute_values


def _fetch(key: keys.Key) -> Row | None:
    return Row.fetch([key]).get(key)


def _endpoint(webhook_id: str) -> EndpointRow:
    return EndpointRow(*event_rows.endpoint(webhook_id))


def _is_as_read(endpoint: Endpoint) -> Condition:
    condition: Condition = _IS_THERE & (EndpointRow.updated_at == endpoint.updated_at)
    return condition


def _is_at(delivery: Delivery) -> Condition:
    at_attempt: Condition = DeliveryRow.attempts == delivery.attempts
    condition: Condition = at_attempt & (DeliveryRow.status == delivery.status)
    return condition


def _due_key(delivery: Delivery) -> str:
    return keys.due_key(subject_of_webhook(delivery.webhook_id), DueKind.EFFECT)


def _endpoint_row(endpoint: Endpoint) -> EndpointRow:
    return EndpointRow(
        *event_rows.endpoint(endpoint.webhook_id),
        url=endpoint.url,
        types=endpoint.types,
        active=endpoint.active,
        created_at=endpoint.created_at,
        updated_at=endpoint.updated_at,
        failing_since=endpoint.failing_since,
        switched_off_at=endpoint.switched_off_at,
    )


def _endpoint_of(row: EndpointRow) -> Endpoint:
    return Endpoint(
        row.sk.removeprefix(event_rows.ENDPOINT_PREFIX),
        row.url,
        row.types,
        row.active,
        row.created_at,
        row.updated_at,
        row.failing_since,
        row.switched_off_at,
    )


def _delivery_row(delivery: Delivery) -> DeliveryRow:
    return DeliveryRow(
        *event_rows.delivery(delivery.webhook_id, delivery.delivery_id),
        event_id=delivery.event_id,
        event=delivery.event_type,
        body=delivery.body,
        created_at=delivery.created_at,
        status=delivery.status,
        attempts=delivery.attempts,
        expires_at=seconds(delivery.created_at + KEPT_FOR),
        **{name: getattr(delivery, name) for name in _NOTED},
    )


def _delivery_of(row: DeliveryRow) -> Delivery:
    return Delivery(
        keys.id_of(row.pk),
        row.sk.removeprefix(event_rows.DELIVERY_PREFIX),
        row.event_id,
        row.event,
        row.body,
        row.created_at,
        DeliveryStatus(row.status),
        row.attempts,
        **{name: getattr(row, name) for name in _NOTED},
    )
