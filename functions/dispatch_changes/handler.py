"""Reader of the table's stream: starts, wakes, queues mails, publishes events; every effect is safe to repeat.

Takes a batch of stream records in order. One that fails fails the batch, which comes back in halves until the one is
alone: simpler than naming it in the answer, and right also where such an answer is not understood.
"""

from typing import Any

from buyer_protection.application.dispatch_changes import dispatch
from buyer_protection.runtime import bootstrap
from buyer_protection.runtime.observability import count, request_id_of, worker


@worker("dispatch_changes")
def handler(event: dict[str, Any], context: object) -> None:
    """Do what each committed row asks for. A refund that operators hold back is counted; the sweeper sends it later."""
    parse, board = bootstrap.stream_parser(), bootstrap.switchboard()
    for record in event["Records"]:
        committed = parse(record)
        if committed is not None and not dispatch(board, committed):
            count("refund", "HELD", {"request_id": request_id_of(context)})
