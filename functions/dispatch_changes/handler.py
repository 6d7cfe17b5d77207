"""Processes the table's stream: starts, wakes, queues mails, publishes events; every effect is safe to repeat.

Takes a batch of stream records in order. One that fails fails the batch, which comes back in halves until the one is
alone: simpler than naming it in the answer, and right also where such an answer is not understood. One that has failed
for two minutes, or over a service that does not answer, is moved to the retry queue, so that those behind it go on and
the stream may forget it; from there it comes back as a message, and what fails then is named in the answer.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec

from buyer_protection.application.workers.dispatch import Outcome
from buyer_protection.application.workers.promises import WITHIN, kept_by
from buyer_protection.composition import container
from buyer_protection.runtime.incoming import is_id
from buyer_protection.runtime.observability import count, has_time, log, log_failure, promised, worker
from buyer_protection.runtime.queues import process_messages

# A refund that did not leave, and why.
_REFUNDS = frozenset({Outcome.HELD, Outcome.HELD_OVER_LEDGER, Outcome.NOT_OF_CASE})

# Rows that name the call which they came from, and the attribute that a call which made or moved them has changed.
_FROM_CALLS = {"TL": "seq", "TIMER": "epoch", "REFUND": "refund_id"}

# What one record takes at most: four services, none of which answers, and the table.
_RESERVE_SECONDS = 20

Record = Mapping[str, Any]


class NoTimeError(Exception):
    """The rest of the batch is left to the next invocation, which begins with fewer records."""


@worker("dispatch_changes")
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Do what each committed row asks for. A refund that operators hold back is counted; the sweeper sends it later."""
    container.get().stream_processor.begin()
    is_left = has_time(context, _RESERVE_SECONDS)
    if any("body" in record for record in event["Records"]):
        return process_messages("dispatch_changes", event, partial(_retry, is_left))
    for record in event["Records"]:
        _check_time(is_left)
        _process(record)
    return {"batchItemFailures": []}


def _check_time(is_left: Callable[[], bool]) -> None:
    """Nothing is begun that the function's end could cut off."""
    if not is_left():
        raise NoTimeError


def _process(record: Record) -> None:
    ids = _ids_of(record)
    outcome = container.get().stream_processor.process(
        record, lambda failure: log_failure("dispatch_changes", failure, ids)
    )
    _count(outcome, ids)
    _note_promises(record, outcome)


def _retry(is_left: Callable[[], bool], body: str, ids: dict[str, object]) -> None:
    _check_time(is_left)
    record = msgspec.json.decode(body)
    ids |= _ids_of(record)
    outcome = container.get().stream_processor.retry(record)
    count("change", "MADE_UP_FOR", ids)
    _count(outcome, ids)
    _note_promises(record, outcome)


def _note_promises(record: Record, outcome: Outcome) -> None:
    """Whether what the record shows was in time; what was moved is looked at once it is done."""
    if outcome is not Outcome.DONE:
        return
    processor = container.get().stream_processor
    now = processor.clock.now()
    for kept in kept_by(processor.parse(record), processor.written_at(record), now):
        ids = {"dispute_id": kept.dispute_id}
        within = WITHIN[kept.promise]
        promised(kept.promise, kept.lateness.total_seconds(), within.total_seconds(), ids)


def _count(outcome: Outcome, ids: Mapping[str, object]) -> None:
    if "correlation_id" in ids:
        log("dispatched", {**ids, "outcome": outcome})
    if outcome in _REFUNDS:
        count("refund", outcome, ids)
    elif outcome is Outcome.DECISION_OVERDUE:
        count("decision", "OVERDUE", ids)
    elif outcome is Outcome.MOVED:
        count("change", "SET_ASIDE", ids)
    elif outcome is Outcome.LEFT:
        count("change", "LEFT_TO_SWEEPER", ids)


def _ids_of(record: Record) -> dict[str, object]:
    """The case, and the call that an entry, date or refund came from; whatever else a record holds is not logged."""
    ids: dict[str, object] = {}
    with suppress(AttributeError, KeyError, TypeError):
        keys = record["dynamodb"]["Keys"]
        ids["dispute_id"] = keys["pk"]["S"].removeprefix("CASE#")
        kind = keys["sk"]["S"].partition("#")[0]
        new, moved_by = record["dynamodb"]["NewImage"], _FROM_CALLS[kind]
        if new[moved_by] != record["dynamodb"].get("OldImage", {}).get(moved_by):
            ids |= {"kind": kind, "correlation_id": new["correlation_id"]["S"]}
            if kind == "TL":
                # What a table lacks that was restored to an earlier instant is known by it (docs/restore.md).
                ids["seq"] = new["seq"]["N"]
    return {name: value for name, value in ids.items() if is_id(value)}
