"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from msgspec import Struct

from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.timeline import TimelineEntry, instant

if TYPE_CHECKING:
    pass
from buyer_protection.application.ports.timers import TimerMove


class OrderEnded(Struct, frozen=True):
    """An order was finished: by its buyer's receipt, for want of collection, or by a dispute (`cause`)."""

    order_id: str
    at: datetime
    finished_by: str

    @property
    def number(self) -> int:
        """Which of the order's ends it is, whatever becomes of its ledger: its instant, in milliseconds."""
        return round(self.at.timestamp() * 1000)


# What a record of the table's stream can hold.
Committed: TypeAlias = TimelineEntry | TimerMove | Refund | OrderEnded


# Who says what is published; with an event's id it names the event.
SOURCE = "buyer-protection"
SCHEMA_VERSION = 1
CLOUD_EVENTS = "1.0"


class OutboundEvent(Struct, frozen=True):
    """An event for the shop's systems: deterministic id, schema version 1, ids only."""

    event_id: str
    type: str
    at: datetime
    detail: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """The dispute that it is about, the order where it is about no dispute, or the webhook that is tested."""
        named = (self.detail.get(name) for name in ("dispute_id", "order_id", "webhook_id"))
        about: str = next(name for name in named if name)
        return about

    def document(self) -> dict[str, Any]:
        """The whole event as everybody gets it, by whichever way: the attributes of CloudEvents beside our own."""
        at = instant(self.at)
        return {
            "id": self.event_id,
            "schema_version": SCHEMA_VERSION,
            "at": at,
            "specversion": CLOUD_EVENTS,
            "source": SOURCE,
            "type": self.type,
            "time": at,
            "subject": self.subject,
            **self.detail,
        }


class EventBus(Protocol):
    """EventBridge."""

    def publish(self, events: Sequence[OutboundEvent]) -> None:
        """Put all of them; raises where any was refused."""
        ...


class RetryQueue(Protocol):
    """Where a record of the stream waits that could not be processed, so that it does not block later records."""

    def put(self, record: Mapping[str, Any]) -> None:
        """Keep the record unchanged; it is delivered again every few minutes, and after the last try kept for days."""
        ...
