"""What the webhooks need of the world: endpoints, their secrets, deliveries, the queue and the wire."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from buyer_protection.application.ports.cases import Page
from buyer_protection.application.ports.idempotency import IdempotencyRecord
from buyer_protection.domain.webhooks import Delivery, Endpoint, Secrets, SendError


class WebhookStore(Protocol):
    """Endpoints and the log of what was sent to them. Secrets lie in rows that no other function can read."""

    def endpoints(self) -> Sequence[Endpoint]:
        """All of them, by id; consistent."""
        ...

    def endpoint(self, webhook_id: str) -> Endpoint | None:
        """One of them; consistent."""
        ...

    def create(self, endpoint: Endpoint, secrets: Secrets) -> bool:
        """Both, together. False where there is one of that id."""
        ...

    def replace(self, endpoint: Endpoint, before: Endpoint) -> bool:
        """False where it is not as it was read any more."""
        ...

    def remove(self, endpoint: Endpoint, now: datetime) -> bool:
        """The endpoint and its secrets are no more; what was sent stays in the log. False as for `replace`."""
        ...

    def note_failing(self, webhook_id: str, since: datetime) -> None:
        """Keep since when nothing arrives, where it is not kept yet."""
        ...

    def note_working(self, webhook_id: str) -> None:
        """Something arrived."""
        ...

    def switch_off(self, webhook_id: str, at: datetime) -> bool:
        """False where it was off already."""
        ...

    def secrets(self, webhook_id: str) -> Secrets | None:
        """What its deliveries are signed with; consistent."""
        ...

    def rotate(
        self,
        webhook_id: str,
        before: Secrets,
        after: Secrets,
        now: datetime,
        idempotency: IdempotencyRecord | None,
    ) -> None:
        """Write the secrets over those that were read. Raises as `ask`."""
        ...

    def stored(self, idempotency_id: str) -> IdempotencyRecord | None:
        """What that call got before."""
        ...

    def add(self, delivery: Delivery) -> None:
        """Write it, unless it is there: who asks for it to be sent is the queue."""
        ...

    def ask(
        self,
        delivery: Delivery,
        before: Delivery | None,
        now: datetime,
        idempotency: IdempotencyRecord | None,
    ) -> None:
        """Write a delivery that a call asks for, due for the sweeper soon, over the one that was read.

        Raises ConflictingWriteError, IdempotencyRecordExistsError.
        """
        ...

    def delivery(self, webhook_id: str, delivery_id: str) -> Delivery | None:
        """One of them; consistent."""
        ...

    def deliveries(self, webhook_id: str, *, limit: int, start: Mapping[str, Any] | None) -> Page[Delivery]:
        """Those of an endpoint, newest first."""
        ...

    def begin(self, before: Delivery, begun: Delivery) -> bool:
        """Note the attempt before it is made. False where somebody else makes it, or none is to be made."""
        ...

    def settle(self, begun: Delivery, after: Delivery) -> None:
        """Note what became of the attempt; one to be repeated becomes due for the sweeper. Nothing where somebody has
        asked for it anew meanwhile."""
        ...


class WebhookQueue(Protocol):
    """The queue in front of the function that delivers."""

    def enqueue(self, deliveries: Sequence[tuple[str, str]]) -> None:
        """Ask for each (webhook, delivery) to be sent; raises where any was refused."""
        ...


class Attempt(Struct, frozen=True):
    """What became of one attempt: the status of the answer where there was one, and what went wrong where it did."""

    http_status: int | None = None
    error: SendError | None = None


class WebhookSender(Protocol):
    """HTTPS to a server of somebody else's."""

    def send(self, url: str, body: str, event_id: str, secrets: Sequence[str], now: datetime) -> Attempt:
        """POST the body, signed with each of the secrets. Never raises for what the other side does."""
        ...
