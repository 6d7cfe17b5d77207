"""Dispatches a case's timeline and its order's end again as records of the table's stream, where those were lost.

What follows from an entry is safe to repeat: mails and counts are kept once, events carry their own ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import FactsRow, LedgerRow, TimelineRow


def records_of(dispute_id: str, since: datetime) -> Sequence[dict[str, Any]]:
    """A record for each entry from `since` on, oldest first, then for the order if it has ended since; none where there
    is no such case."""
    rows = TimelineRow.collection(keys.case_pk(dispute_id), TimelineRow.sk.startswith(keys.TIMELINE_PREFIX))
    entries = [_record(row, "INSERT") for row in rows if row.at >= since]
    key = keys.facts(dispute_id)
    facts = Row.fetch([key]).get(key)
    return [*entries, *(records_of_order(facts.order_id, since) if isinstance(facts, FactsRow) else ())]


def records_of_order(order_id: str, since: datetime) -> Sequence[dict[str, Any]]:
    """The record of the order's end, if it has ended from `since` on (R44); none otherwise."""
    key = keys.ledger(order_id)
    row = Row.fetch([key]).get(key)
    ended_at = row.attribute_values.get("finished_at") if isinstance(row, LedgerRow) else None
    return [] if row is None or ended_at is None or ended_at < since else [_record(row, "MODIFY")]


def _record(row: Row, name: str) -> dict[str, Any]:
    image = row.to_dynamodb_dict()
    keys_of_row = {key: image[key] for key in ("pk", "sk")}
    return {"eventName": name, "dynamodb": {"Keys": keys_of_row, "NewImage": image}}
