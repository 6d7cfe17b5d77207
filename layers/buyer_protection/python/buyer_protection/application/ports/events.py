"""What the use cases need of the world. Adapters implement these; tests hold fakes and adapters to one contract."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from msgspec import Struct

from buyer_protection.domain.dispute import Refund
from buyer_protection.domain.timeline import TimelineEntry

if TYPE_CHECKING:
    pass
from buyer_protection.application.ports.timers import TimerMove

# What the table's stream tells, row by row.
Committed: TypeAlias = TimelineEntry | TimerMove | Refund


class OutboundEvent(Struct, frozen=True):
    """An event for the shop's systems: deterministic id, schema version 1, ids only."""

    event_id: str
    type: str
    at: datetime
    detail: Mapping[str, Any]


class EventBus(Protocol):
    """EventBridge."""

    def publish(self, events: Sequence[OutboundEvent]) -> None:
        """Put all of them; raises where any was refused."""
        ...


class RetryQueue(Protocol):
    """Where a record of the stream waits that could not be dealt with, so that those behind it need not."""

    def put(self, record: Mapping[str, Any]) -> None:
        """Keep the record, as the stream told it; it is brought again every few minutes, and then kept for days."""
        ...
