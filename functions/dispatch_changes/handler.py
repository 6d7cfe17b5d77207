"""Reader of the table's stream: starts, wakes, queues mails, publishes events; every effect is safe to repeat.

Takes a batch of stream records in order. The first that fails is answered as the place to go on from.
"""

from typing import Any

from buyer_protection.application.dispatch_changes import dispatch
from buyer_protection.runtime import bootstrap
from buyer_protection.runtime.observability import log_failure, worker


@worker("dispatch_changes")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Do what each committed row asks for."""
    parse, board = bootstrap.stream_parser(), bootstrap.switchboard()
    for record in event["Records"]:
        try:
            committed = parse(record)
            if committed is not None:
                dispatch(board, committed)
        except Exception as failure:  # noqa: BLE001 - the stream goes on from here, with everything after it
            place = record["dynamodb"]["SequenceNumber"]
            log_failure("dispatch_changes", failure, {"sequence_number": place})
            return {"batchItemFailures": [{"itemIdentifier": place}]}
    return {"batchItemFailures": []}
