"""Webhooks: which events an endpoint gets, when a delivery is tried again or given up, and how long a secret is valid.

Times are of the calendar, not of the policy: they are about the shop's servers, not about people.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zlib import crc32

from buyer_protection.domain.event_names import WEBHOOK_TEST
from buyer_protection.domain.timeline import whole_ms

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
# After each failed attempt; the tenth and last is made 71.6 hours after the first, give or take the jitter.
RETRY_DELAYS = (
    _MINUTE,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    20 * _HOUR,
)
ATTEMPTS = len(RETRY_DELAYS) + 1
# A delay is shorter or longer by up to a tenth of itself, so that what failed together does not return together.
_JITTER = 0.1
# An endpoint at which nothing arrived for so long is switched off.
SWITCH_OFF_AFTER = timedelta(days=5)
# For so long after a rotation the secret before it is valid too, and deliveries carry both signatures.
SECRETS_OVERLAP = timedelta(days=1)
# Events and deliveries are kept, and can be replayed, for so long.
KEPT_FOR = timedelta(days=30)
MAX_ENDPOINTS = 20
GONE = 410


class DeliveryStatus(StrEnum):
    """Where a delivery stands. DROPPED: its endpoint was switched off or removed before it was delivered."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    GIVEN_UP = "GIVEN_UP"
    DROPPED = "DROPPED"


class SendError(StrEnum):
    """Why an attempt got no answer, or not one of success (`HTTP_STATUS`)."""

    HTTP_STATUS = "HTTP_STATUS"
    TIMED_OUT = "TIMED_OUT"
    NAME_NOT_FOUND = "NAME_NOT_FOUND"
    ADDRESS_REFUSED = "ADDRESS_REFUSED"
    TLS_FAILED = "TLS_FAILED"
    CONNECTION_FAILED = "CONNECTION_FAILED"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events go. No `types` means all of them. `failing_since`: the first failure since the last success."""

    webhook_id: str
    url: str
    types: tuple[str, ...]
    active: bool
    created_at: datetime
    updated_at: datetime
    failing_since: datetime | None = None
    switched_off_at: datetime | None = None

    def wants(self, event_type: str) -> bool:
        """Whether it gets events of that name."""
        return self.active and (not self.types or event_type in self.types)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What deliveries of an endpoint are signed with. `rotated_by` is the call that made the present one."""

    current: str
    previous: str | None = None
    previous_until: datetime | None = None
    rotated_by: str | None = None

    def valid(self, now: datetime) -> tuple[str, ...]:
        """The present secret, and for a while the one before it."""
        overlaps = self.previous_until is not None and now < self.previous_until
        return (self.current, self.previous) if self.previous and overlaps else (self.current,)

    def rotated(self, secret: str, now: datetime, by: str) -> "Secrets":
        """A new secret; the present one is valid for a while longer, the one before it no more."""
        return Secrets(secret, self.current, now + SECRETS_OVERLAP, by)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint; `body` is the JSON that is sent, the same in every attempt."""

    webhook_id: str
    delivery_id: str
    event_id: str
    event_type: str
    body: str
    created_at: datetime
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempts: int = 0
    next_attempt_at: datetime | None = None
    last_attempt_at: datetime | None = None
    last_status: int | None = None
    last_error: SendError | None = None

    @property
    def is_test(self) -> bool:
        """Whether it was asked for by a call, and says nothing."""
        return self.event_type == WEBHOOK_TEST

    def begun(self, now: datetime) -> "Delivery":
        """One attempt more; the next follows by itself if nothing is noted of this one."""
        attempts = self.attempts + 1
        following = whole_ms(now + self._delay_after(attempts))
        return replace(self, attempts=attempts, last_attempt_at=now, next_attempt_at=following)

    def succeeded(self, http_status: int) -> "Delivery":
        """The endpoint has taken it."""
        status = DeliveryStatus.DELIVERED
        return replace(self, status=status, next_attempt_at=None, last_status=http_status, last_error=None)

    def failed(self, error: SendError, http_status: int | None) -> "Delivery":
        """Tried again at `next_attempt_at`, or given up after the last attempt."""
        failed = replace(self, last_status=http_status, last_error=error)
        if self.attempts < ATTEMPTS:
            return failed
        return replace(failed, status=DeliveryStatus.GIVEN_UP, next_attempt_at=None)

    def dropped(self) -> "Delivery":
        """Nobody is there to take it."""
        return replace(self, status=DeliveryStatus.DROPPED, next_attempt_at=None)

    def again(self) -> "Delivery":
        """From the start, at once."""
        return replace(self, status=DeliveryStatus.PENDING, attempts=0, next_attempt_at=None)

    def _delay_after(self, attempts: int) -> timedelta:
        delay = RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1]
        share = crc32(f"{self.delivery_id}/{attempts}".encode()) / 0xFFFFFFFF
        return delay * (1 + _JITTER * (2 * share - 1))


def delivery_id_of(event_id: str, at: datetime) -> str:
    """The same for the same event however often it is published, and in the order of the events' instants."""
    digest = hashlib.sha256(event_id.encode()).hexdigest()[:20]
    return f"{round(at.timestamp() * 1000):013d}-{digest}"


def is_to_be_switched_off(endpoint: Endpoint, http_status: int | None, now: datetime) -> bool:
    """After a failure: it has failed for days, or says itself that it is gone."""
    since = endpoint.failing_since
    return http_status == GONE or (since is not None and now - since >= SWITCH_OFF_AFTER)
