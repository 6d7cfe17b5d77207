"""The feed and the webhooks in memory: the same conditions as the Protocols state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from buyer_protection.application.ports.cases import Page
from buyer_protection.application.ports.errors import ConflictingWriteError, IdempotencyRecordExistsError
from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.application.ports.feed import FeedEntry
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.application.ports.webhooks import Attempt
from buyer_protection.domain.timeline import instant
from buyer_protection.domain.webhooks import Delivery, DeliveryStatus, Endpoint, Secrets
from tests.support.fake_system import FixedClock

if TYPE_CHECKING:
    from tests.support.fakes import World

GRACE = timedelta(minutes=1)


@dataclass
class MemoryFeed:
    """Port `EventFeed`."""

    clock: FixedClock
    rows: list[FeedEntry] = field(default_factory=list)
    last: datetime | None = None

    def append(self, events: Sequence[OutboundEvent]) -> None:
        for event in events:
            step = timedelta(milliseconds=1)
            self.last = self.clock.at if self.last is None else max(self.clock.at, self.last + step)
            body = msgspec.json.encode(event.document()).decode()
            self.rows.append(FeedEntry(f"{instant(self.last)}#{event.event_id}", event.type, body))

    def read(self, after: str, until: datetime, *, limit: int) -> Sequence[FeedEntry]:
        found = [row for row in self.rows if after < row.position < instant(until)]
        return sorted(found, key=lambda row: row.position)[:limit]


@dataclass
class MemoryWebhooks:
    """Port `WebhookStore`."""

    world: "World"
    kept: dict[str, Endpoint] = field(default_factory=dict)
    signing: dict[str, Secrets] = field(default_factory=dict)
    sent: dict[tuple[str, str], Delivery] = field(default_factory=dict)
    due: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def endpoints(self) -> Sequence[Endpoint]:
        return [self.kept[webhook_id] for webhook_id in sorted(self.kept)]

    def endpoint(self, webhook_id: str) -> Endpoint | None:
        return self.kept.get(webhook_id)

    def create(self, endpoint: Endpoint, secrets: Secrets) -> bool:
        if endpoint.webhook_id in self.kept:
            return False
        self.kept[endpoint.webhook_id], self.signing[endpoint.webhook_id] = endpoint, secrets
        return True

    def replace(self, endpoint: Endpoint, before: Endpoint) -> bool:
        if not self._is_as_read(before):
            return False
        self.kept[endpoint.webhook_id] = endpoint
        return True

    def remove(self, endpoint: Endpoint, now: datetime) -> bool:
        if not self._is_as_read(endpoint):
            return False
        del self.kept[endpoint.webhook_id], self.signing[endpoint.webhook_id]
        return True

    def _is_as_read(self, before: Endpoint) -> bool:
        kept = self.kept.get(before.webhook_id)
        return kept is not None and kept.updated_at == before.updated_at

    def note_failing(self, webhook_id: str, since: datetime) -> None:
        kept = self.kept.get(webhook_id)
        if kept is not None and kept.failing_since is None:
            self.kept[webhook_id] = replace(kept, failing_since=since)

    def note_working(self, webhook_id: str) -> None:
        if webhook_id in self.kept:
            self.kept[webhook_id] = replace(self.kept[webhook_id], failing_since=None)

    def switch_off(self, webhook_id: str, at: datetime) -> bool:
        kept = self.kept.get(webhook_id)
        if kept is None or not kept.active:
            return False
        self.kept[webhook_id] = replace(kept, active=False, switched_off_at=at)
        return True

    def secrets(self, webhook_id: str) -> Secrets | None:
        return self.signing.get(webhook_id)

    def rotate(
        self,
        webhook_id: str,
        before: Secrets,
        after: Secrets,
        now: datetime,
        idempotency: IdempotencyRecord | None,
    ) -> None:
        self._check_new(idempotency)
        if self.signing.get(webhook_id) != before:
            raise ConflictingWriteError
        self.signing[webhook_id] = after
        self.world.keep_idempotency_record(idempotency)

    def stored(self, idempotency_id: str) -> IdempotencyRecord | None:
        return self.world.idempotency_records.get(idempotency_id)

    def add(self, delivery: Delivery) -> None:
        self.sent.setdefault((delivery.webhook_id, delivery.delivery_id), delivery)

    def ask(
        self,
        delivery: Delivery,
        before: Delivery | None,
        now: datetime,
        idempotency: IdempotencyRecord | None,
    ) -> None:
        self._check_new(idempotency)
        key = delivery.webhook_id, delivery.delivery_id
        if (before is None) is (key in self.sent) or (before is not None and not self._is_at(before)):
            raise ConflictingWriteError
        self.sent[key], self.due[key] = delivery, now + GRACE
        self.world.keep_idempotency_record(idempotency)

    def _check_new(self, idempotency: IdempotencyRecord | None) -> None:
        if idempotency is not None and idempotency.idempotency_id in self.world.idempotency_records:
            raise IdempotencyRecordExistsError

    def delivery(self, webhook_id: str, delivery_id: str) -> Delivery | None:
        return self.sent.get((webhook_id, delivery_id))

    def deliveries(self, webhook_id: str, *, limit: int, start: Mapping[str, Any] | None) -> Page[Delivery]:
        mine = [one for (of, _), one in self.sent.items() if of == webhook_id]
        newest_first = sorted(mine, key=lambda one: one.delivery_id, reverse=True)
        later = [one for one in newest_first if not start or one.delivery_id < start["id"]]
        more = {"id": later[limit - 1].delivery_id} if len(later) > limit else None
        return Page(later[:limit], more)

    def begin(self, before: Delivery, begun: Delivery) -> bool:
        if not self._is_at(before):
            return False
        self._write(begun)
        return True

    def settle(self, begun: Delivery, after: Delivery) -> None:
        if self._is_at(begun):
            self._write(after)
            if after.next_attempt_at is not None and after.status is DeliveryStatus.PENDING:
                self.due[after.webhook_id, after.delivery_id] = after.next_attempt_at

    def _is_at(self, before: Delivery) -> bool:
        kept = self.sent.get((before.webhook_id, before.delivery_id))
        return kept is not None and (kept.status, kept.attempts) == (before.status, before.attempts)

    def _write(self, delivery: Delivery) -> None:
        key = delivery.webhook_id, delivery.delivery_id
        self.sent[key] = delivery
        self.due.pop(key, None)


class FakeWebhookQueue:
    """Port `WebhookQueue`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def enqueue(self, deliveries: Sequence[tuple[str, str]]) -> None:
        self.asked.extend(deliveries)


class FakeSender:
    """Port `WebhookSender`: answers what the test says next, 204 otherwise, and remembers what was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str, tuple[str, ...]]] = []
        self.answers: list[Attempt] = []

    def send(self, url: str, body: str, event_id: str, secrets: Sequence[str], now: datetime) -> Attempt:
        self.sent.append((url, body, event_id, tuple(secrets)))
        return self.answers.pop(0) if self.answers else Attempt(204)
