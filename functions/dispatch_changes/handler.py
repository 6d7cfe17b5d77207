"""Processes the table's stream: starts, wakes, queues mails, publishes events; every effect is safe to repeat.

Takes a batch of stream records in order. One that fails fails the batch, which comes back in halves until the one is
alone: simpler than naming it in the answer, and right also where such an answer is not understood. One that has failed
for two minutes is moved to the retry queue, so that those behind it go on and the stream may forget it; from there it
comes back as a message, and what fails then is named in the answer.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec

from buyer_protection.application.workers.dispatch import Outcome
from buyer_protection.composition import container
from buyer_protection.runtime.incoming import is_id
from buyer_protection.runtime.observability import count, log, log_failure, worker
from buyer_protection.runtime.queues import process_messages

# A refund that did not leave, and why.
_REFUNDS = frozenset({Outcome.HELD, Outcome.HELD_OVER_LEDGER, Outcome.NOT_OF_CASE})

Record = Mapping[str, Any]


@worker("dispatch_changes")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Do what each committed row asks for. A refund that operators hold back is counted; the sweeper sends it later."""
    if any("body" in record for record in event["Records"]):
        return process_messages("dispatch_changes", event, _retry)
    for record in event["Records"]:
        _process(record)
    return {"batchItemFailures": []}


def _process(record: Record) -> None:
    ids = _ids_of(record)
    outcome = container.get().stream_processor.process(
        record, lambda failure: log_failure("dispatch_changes", failure, ids)
    )
    _count(outcome, ids)


def _retry(body: str, ids: dict[str, object]) -> None:
    record = msgspec.json.decode(body)
    ids |= _ids_of(record)
    outcome = container.get().stream_processor.retry(record)
    count("change", "MADE_UP_FOR", ids)
    _count(outcome, ids)


def _count(outcome: Outcome, ids: Mapping[str, object]) -> None:
    if "correlation_id" in ids:
        log("dispatched", {**ids, "outcome": outcome})
    if outcome in _REFUNDS:
        count("refund", outcome, ids)
    elif outcome is Outcome.DECISION_OVERDUE:
        count("decision", "OVERDUE", ids)
    elif outcome is Outcome.MOVED:
        count("change", "SET_ASIDE", ids)


def _ids_of(record: Record) -> dict[str, object]:
    """The case, and the call that an entry of its timeline came from; whatever else a record holds is not logged."""
    ids: dict[str, object] = {}
    with suppress(AttributeError, KeyError, TypeError):
        keys = record["dynamodb"]["Keys"]
        ids["dispute_id"] = keys["pk"]["S"].removeprefix("CASE#")
        if keys["sk"]["S"].startswith("TL#"):
            ids["correlation_id"] = record["dynamodb"]["NewImage"]["correlation_id"]["S"]
    return {name: value for name, value in ids.items() if is_id(value)}
