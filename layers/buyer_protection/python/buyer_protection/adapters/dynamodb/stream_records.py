"""What a record of the table's stream says, in the domain's words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.tables import LedgerRow, RefundRow, TimelineRow, TimerRow
from buyer_protection.application.ports.events import Committed, OrderEnded
from buyer_protection.application.ports.timers import TimerMove, TimerState

Image = Mapping[str, Mapping[str, Any]]


def parse(record: Mapping[str, Any]) -> Committed | None:
    """A new timeline entry, an alarm set or moved, a refund requested, an order finished; None for whatever else a
    row's change is."""
    change = record["dynamodb"]
    sort_key = change["Keys"]["sk"]["S"]
    new, old = change.get("NewImage"), change.get("OldImage")
    if record["eventName"] == "INSERT":
        if sort_key.startswith(keys.TIMELINE_PREFIX):
            return mapping.entry_of(TimelineRow.from_raw_data(dict(new)))
        if sort_key == keys.REFUND:
            return mapping.refund_of(RefundRow.from_raw_data(dict(new)))
    if sort_key == keys.TIMER and new is not None:
        return TimerMove(_timer(old) if old is not None else None, _timer(new))
    if sort_key == keys.LEDGER and new is not None:
        return _ended(old or {}, new)
    return None


def _ended(old: Image, new: Image) -> OrderEnded | None:
    if "finished_at" not in new or new["finished_at"] == old.get("finished_at"):
        return None
    row = LedgerRow.from_raw_data(dict(new))
    return OrderEnded(keys.id_of(row.pk), row.finished_at, row.finished_by or "")


def written_at(record: Mapping[str, Any]) -> datetime | None:
    """When the row was written, to the second; None where the stream does not say."""
    seconds = record["dynamodb"].get("ApproximateCreationDateTime")
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else None


def _timer(image: Image) -> TimerState:
    return mapping.timer_of(TimerRow.from_raw_data(dict(image)))
