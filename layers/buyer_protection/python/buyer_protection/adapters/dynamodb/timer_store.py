"""TIMER rows and the index of what is due (port `TimerStore`)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from msgspec.structs import replace

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.event_rows import DELIVERY_PREFIX, DeliveryRow
from buyer_protection.adapters.dynamodb.indexes import ByDue
from buyer_protection.adapters.dynamodb.person_tables import ErasureRow
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import MailRow, RefundRow, TimerRow
from buyer_protection.application.ports.errors import UNREADABLE
from buyer_protection.application.ports.timers import WHOLE, DueKind, DueRow, Share, TimerState
from buyer_protection.domain.timeline import instant, parse_instant

# What is due beside mails and deliveries, by sort key.
_DUE_ROWS: dict[str, type[TimerRow] | type[RefundRow] | type[ErasureRow]] = {
    keys.TIMER: TimerRow,
    keys.REFUND: RefundRow,
    keys.ERASURE: ErasureRow,
}


class PynamoTimerStore:
    """The alarms. The case's own transaction writes them; here they are read, found and given a new generation."""

    def timer(self, dispute_id: str) -> TimerState | None:
        """See `TimerStore.timer`."""
        key = keys.timer(dispute_id)
        row = Row.fetch([key]).get(key)
        return mapping.timer_of(row) if isinstance(row, TimerRow) else None

    def due(
        self, now: datetime, *, limit: int, kinds: Collection[DueKind] = tuple(DueKind), share: Share = WHOLE
    ) -> Sequence[DueRow]:
        """See `TimerStore.due`."""
        found: list[DueRow] = []
        for shard in keys.due_keys(kinds, share):
            entries = Row.indexed(ByDue.Meta.index_name, shard, ByDue.due_at <= now, limit=limit)
            found += islice(_readable(entries), limit)
        return sorted(found, key=lambda row: (row.due_at, row.dispute_id, row.sort_key))[:limit]

    def postpone(self, row: DueRow, until: datetime) -> bool:
        """See `TimerStore.postpone`."""
        kind = _kind_of(row)
        return kind(*_key(row)).change_if(kind.due_at == row.due_at, [kind.due_at.set(until)])

    def check(self, row: DueRow) -> None:
        """See `TimerStore.check`."""
        Row.fetch([_key(row)])

    def put_aside(self, row: DueRow, now: datetime, at_least: timedelta, at_most: timedelta) -> bool:
        """See `TimerStore.put_aside`. Since when it has been, the row says: as long as nobody has moved it since."""
        kind, key = _kind_of(row), _key(row)
        since = _aside_since(Row.fetch_items([key]).get(key, {}), row) or now
        until = now + min(max(at_least, now - since), at_most)
        return kind(*key).change_if(
            kind.due_at == row.due_at,
            [kind.due_at.set(until), kind.aside_since.set(since), kind.aside_until.set(until)],
        )

    def next_generation(self, timer: TimerState) -> TimerState | None:
        """See `TimerStore.next_generation`. The token of the execution that is gone goes with it."""
        following = timer.generation + 1
        raised = TimerRow(*keys.timer(timer.dispute_id)).change_if(
            (TimerRow.generation == timer.generation) & (TimerRow.epoch == timer.epoch),
            [TimerRow.generation.set(following), TimerRow.task_token.remove()],
        )
        return replace(timer, generation=following, task_token=None) if raised else None


def _key(row: DueRow) -> keys.Key:
    return keys.subject_pk(row.dispute_id), row.sort_key


def _kind_of(
    row: DueRow,
) -> type[TimerRow] | type[RefundRow] | type[ErasureRow] | type[MailRow] | type[DeliveryRow]:
    """PynamoDB refuses to change a row by another kind's class."""
    other = DeliveryRow if row.sort_key.startswith(DELIVERY_PREFIX) else MailRow
    return _DUE_ROWS.get(row.sort_key, other)


def _readable(entries: Iterable[Mapping[str, str]]) -> Iterator[DueRow]:
    """The entries of the index; one that says nothing is reported, and keeps none behind it back."""
    for entry in entries:
        try:
            yield DueRow(keys.subject_of(entry["pk"]), entry["sk"], parse_instant(entry["due_at"]))
        except UNREADABLE:
            Row.report_unreadable("UNKNOWN", entry["pk"], entry["sk"])


def _aside_since(item: Mapping[str, Any], row: DueRow) -> datetime | None:
    """Since when the row has been put aside each time that it was due; None where somebody moved it in between."""
    since, until = (item.get(name, {}).get("S") for name in ("aside_since", "aside_until"))
    try:
        return parse_instant(since) if since and until == instant(row.due_at) else None
    except ValueError:
        return None
