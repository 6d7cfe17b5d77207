"""A queue's batch, by Powertools' BatchProcessor: each message by itself, and those that failed come again."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from buyer_protection.runtime import observability

Take = Callable[[str, dict[str, object]], None]


class MessageFailedError(Exception):
    """A message failed; the text is the error's class only, since the library may log it."""


def process_messages(action: str, event: dict[str, Any], take: Take) -> dict[str, Any]:
    """`take` each message's body; what it adds to the ids is logged where it fails. Answers with those that failed.

    A batch in which all fail is answered like any other: the queue brings each again, and counts how often.
    """

    def one(record: SQSRecord) -> None:
        ids: dict[str, object] = {"message_id": record.message_id}
        try:
            take(record.body, ids)
        except Exception as failure:  # noqa: BLE001 - one message keeps no other back; the queue brings it again
            observability.log_failure(action, failure, ids)
            raise MessageFailedError(type(failure).__name__) from None

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return {**process_partial_response(event=event, record_handler=one, processor=processor)}
