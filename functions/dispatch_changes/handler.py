"""Processes the table's stream: starts, wakes, queues mails, publishes events; every effect is safe to repeat.

Takes a batch of stream records in order. One that fails fails the batch, which comes back in halves until the one is
alone: simpler than naming it in the answer, and right also where such an answer is not understood. One that has failed
for two minutes is moved to the retry queue, so that those behind it go on and the stream may forget it; from there it
comes back as a message, and what fails then is named in the answer.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from buyer_protection.application.workers.dispatch import Outcome
from buyer_protection.composition import container
from buyer_protection.runtime.incoming import is_id
from buyer_protection.runtime.observability import count, log_failure, request_id_of, worker

Record = Mapping[str, Any]


@worker("dispatch_changes")
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Do what each committed row asks for. A refund that operators hold back is counted; the sweeper sends it later."""
    request_id = request_id_of(context)
    failed = []
    for record in event["Records"]:
        if "body" in record:
            if not _retry(record["body"], request_id):
                failed.append({"itemIdentifier": record["messageId"]})
        else:
            _process(record, request_id)
    return {"batchItemFailures": failed}


def _process(record: Record, request_id: str) -> None:
    ids = _ids_of(record, request_id)
    outcome = container.get().stream_processor.process(
        record, lambda failure: log_failure("dispatch_changes", failure, ids)
    )
    _count(outcome, ids)


def _retry(body: str, request_id: str) -> bool:
    ids: dict[str, object] = {"request_id": request_id}
    try:
        record = msgspec.json.decode(body)
        ids = _ids_of(record, request_id)
        outcome = container.get().stream_processor.retry(record)
    except Exception as failure:  # noqa: BLE001 - one change keeps no other back; the queue brings it again
        log_failure("dispatch_changes", failure, ids)
        return False
    count("change", "MADE_UP_FOR", ids)
    _count(outcome, ids)
    return True


def _count(outcome: Outcome, ids: dict[str, object]) -> None:
    if outcome is Outcome.HELD:
        count("refund", "HELD", ids)
    elif outcome is Outcome.MOVED:
        count("change", "SET_ASIDE", ids)


def _ids_of(record: Record, request_id: str) -> dict[str, object]:
    """Request and case; whatever else a record holds is not logged."""
    try:
        dispute_id = record["dynamodb"]["Keys"]["pk"]["S"].removeprefix("CASE#")
    except (AttributeError, KeyError, TypeError):
        dispute_id = None
    return {"request_id": request_id, **({"dispute_id": dispute_id} if is_id(dispute_id) else {})}
