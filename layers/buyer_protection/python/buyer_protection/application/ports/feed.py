"""The feed of events: what was published, in the order in which it was written, for thirty days."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from buyer_protection.application.ports.events import OutboundEvent


class FeedEntry(Struct, frozen=True):
    """An event in the feed: `position` orders it, `body` is its document as JSON."""

    position: str
    type: str
    body: str


class EventFeed(Protocol):
    """Rows of the feed."""

    def append(self, events: Sequence[OutboundEvent]) -> None:
        """Write a row for each, in this order. Raises where a row was written too late to be seen for sure."""
        ...

    def read(self, after: str, until: datetime, *, limit: int) -> Sequence[FeedEntry]:
        """Rows behind the position `after` that were written before `until`, oldest first; at most so many."""
        ...
