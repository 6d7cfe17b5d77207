"""Dispatches a case's timeline again as records of the table's stream, for changes whose records were lost.

What follows from an entry is safe to repeat: mails and counts are kept once, events carry their own ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.tables import TimelineRow


def records_of(dispute_id: str, since: datetime) -> Sequence[dict[str, Any]]:
    """A record for each entry from `since` on, oldest first; none where there is no such case."""
    rows = TimelineRow.collection(keys.case_pk(dispute_id), TimelineRow.sk.startswith(keys.TIMELINE_PREFIX))
    return [_record(row) for row in rows if row.at >= since]


def _record(row: TimelineRow) -> dict[str, Any]:
    image = row.to_dynamodb_dict()
    keys_of_row = {name: image[name] for name in ("pk", "sk")}
    return {"eventName": "INSERT", "dynamodb": {"Keys": keys_of_row, "NewImage": image}}
