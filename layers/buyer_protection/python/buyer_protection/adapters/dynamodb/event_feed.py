"""The feed (port `EventFeed`): a row per event, in a partition per day, by the instant at which it was written.

A reader that asks for everything before an instant must have seen all that lies before it, for it will not look again.
A row's instant is taken just before it is written, and the write must have ended within `WRITTEN_WITHIN`: what took
longer is written once more, under a later instant (its event then stands twice in the feed, under one id). Readers
leave out the newest `HIDDEN_FOR` (`application/actions/feed.py`). So no row comes to lie behind a reader, unless the
clocks of two functions differ by more than what lies between the two bounds.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from threading import Lock

import msgspec

from buyer_protection.adapters.dynamodb.event_rows import FeedRow, feed_pk, seconds
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.application.ports.events import OutboundEvent
from buyer_protection.application.ports.feed import FeedEntry
from buyer_protection.application.ports.system import Clock
from buyer_protection.domain.timeline import instant, parse_instant
from buyer_protection.domain.webhooks import KEPT_FOR

WRITTEN_WITHIN = timedelta(seconds=1)
_TRIES = 3
_STEP = timedelta(milliseconds=1)
# Behind a position, and before all that could follow it: no id holds a space.
_NEXT = " "


class FeedSlowError(Exception):
    """Rows took so long to be written that a reader may have missed them; the caller does it all again."""


class PynamoEventFeed:
    """Positions are `{instant}#{event id}`, and the instants of one process never repeat."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = datetime(1970, 1, 1, tzinfo=UTC)
        self._one_at_a_time = Lock()

    def append(self, events: Sequence[OutboundEvent]) -> None:
        """See `EventFeed.append`."""
        for event in events:
            body = msgspec.json.encode(event.document()).decode()
            if not any(self._is_written_in_time(event, body) for _ in range(_TRIES)):
                raise FeedSlowError(event.event_id)

    def _is_written_in_time(self, event: OutboundEvent, body: str) -> bool:
        at = self._instant()
        FeedRow(
            feed_pk(at.date()),
            f"{instant(at)}#{event.event_id}",
            event=event.type,
            body=body,
            expires_at=seconds(at + KEPT_FOR),
        ).save()
        return self._clock.now() - at <= WRITTEN_WITHIN

    def _instant(self) -> datetime:
        with self._one_at_a_time:
            self._last = max(self._clock.now(), self._last + _STEP)
            return self._last

    def read(self, after: str, until: datetime, *, limit: int) -> Sequence[FeedEntry]:
        """See `EventFeed.read`."""
        found: list[FeedEntry] = []
        end = instant(until)
        for day in _days(parse_instant(after.split("#", maxsplit=1)[0]), until):
            within = Row.sk.between(after + _NEXT, end)
            if after >= end:
                continue
            rows = FeedRow.collection(feed_pk(day), within, limit=limit - len(found), is_of_many=True)
            found += [FeedEntry(row.sk, row.event, row.body) for row in rows]
            if len(found) == limit:
                break
        return found


def _days(first: datetime, last: datetime) -> Iterator[date]:
    day = first.astimezone(UTC).date()
    while day <= last.astimezone(UTC).date():
        yield day
        day += timedelta(days=1)
