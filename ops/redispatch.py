"""Dispatches a case's timeline and its order's end again as records of the table's stream, where those were lost.

What follows from an entry is safe to repeat: mails and counts are kept once, events carry their own ids.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import FactsRow, LedgerRow, TimelineRow
from buyer_protection.application.ports.errors import UnreadableRowError
from buyer_protection.application.workers.audit import RECENT
from buyer_protection.domain.timeline import instant
from ops import trace
from ops.statement import instant_of
from ops.target import Target


def redispatch(arguments: argparse.Namespace) -> int:
    """Have what follows from a case's timeline done again: mails that were never written, events, counts. With --orders
    the ids are orders', of which only the end is dispatched."""
    since = instant_of(arguments.since) if arguments.since else datetime.now(UTC) - RECENT
    target: Target = arguments.target
    sqs, url = target.client("sqs"), target.retry_queue()
    if not trace.begin(arguments, f"redispatch {' '.join(arguments.dispute_id)} since {instant(since)}"):
        return 0
    nothing = 0
    find = records_of_order if arguments.orders else records_of
    for one in arguments.dispute_id:
        try:
            records = find(one, since)
        except UnreadableRowError as error:
            print(f"{one}: left: unreadable: {error}")
            nothing += 1
            continue
        for record in records:
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps(record))
        nothing += not records
        print(f"{one}: {len(records)} records since {instant(since)} are dealt with again")
    return 1 if nothing else 0


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


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`redispatch`."""
    again = commands.add_parser("redispatch", help=redispatch.__doc__)
    again.add_argument("dispute_id", nargs="+", help="as in the audit's finding MAIL_MISSING")
    again.add_argument(
        "--orders", action="store_true", help="the ids are orders': for one that ended without a case"
    )
    again.add_argument("--since", help="entries from this instant on (RFC 3339); else those of three days")
    again.add_argument(
        "--queue", dest="retry_queue", help="the queue's URL on AWS (output LateChangesQueueUrl)"
    )
    trace.add_options(again)
    again.set_defaults(command=redispatch)
