"""TIMER rows and the index of what is due (port `TimerStore`)."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from msgspec.structs import replace

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.event_rows import DELIVERY_PREFIX, DeliveryRow
from buyer_protection.adapters.dynamodb.row import ByDue, Row
from buyer_protection.adapters.dynamodb.tables import MailRow, RefundRow, TimerRow
from buyer_protection.application.ports.timers import DueRow, TimerState
from buyer_protection.domain.timeline import parse_instant

# What is due beside mails and deliveries, by sort key.
_DUE_ROWS: dict[str, type[TimerRow] | type[RefundRow]] = {keys.TIMER: TimerRow, keys.REFUND: RefundRow}


class PynamoTimerStore:
    """The alarms. The case's own transaction writes them; here they are read, found and given a new generation."""

    def timer(self, dispute_id: str) -> TimerState | None:
        """See `TimerStore.timer`."""
        key = keys.timer(dispute_id)
        row = Row.fetch([key]).get(key)
        return mapping.timer_of(row) if isinstance(row, TimerRow) else None

    def due(self, now: datetime, *, limit: int) -> Sequence[DueRow]:
        """See `TimerStore.due`."""
        found: list[DueRow] = []
        for shard in keys.due_keys():
            entries = Row.indexed(ByDue.Meta.index_name, shard, ByDue.due_at <= now, limit=limit)
            found += [
                DueRow(keys.subject_of(entry["pk"]), entry["sk"], parse_instant(entry["due_at"]))
                for entry in islice(entries, limit)
            ]
        return sorted(found, key=lambda row: (row.due_at, row.dispute_id, row.sort_key))[:limit]

    def postpone(self, row: DueRow, until: datetime) -> bool:
        """See `TimerStore.postpone`."""
        # PynamoDB refuses to change a row by another kind's class.
        other = DeliveryRow if row.sort_key.startswith(DELIVERY_PREFIX) else MailRow
        kind = _DUE_ROWS.get(row.sort_key, other)
        unchanged = kind.due_at == row.due_at
        return kind(keys.subject_pk(row.dispute_id), row.sort_key).change_if(
            unchanged, [kind.due_at.set(until)]
        )

    def next_generation(self, timer: TimerState) -> TimerState | None:
        """See `TimerStore.next_generation`. The token of the execution that is gone goes with it."""
        following = timer.generation + 1
        raised = TimerRow(*keys.timer(timer.dispute_id)).change_if(
            (TimerRow.generation == timer.generation) & (TimerRow.epoch == timer.epoch),
            [TimerRow.generation.set(following), TimerRow.task_token.remove()],
        )
        return replace(timer, generation=following, task_token=None) if raised else None
