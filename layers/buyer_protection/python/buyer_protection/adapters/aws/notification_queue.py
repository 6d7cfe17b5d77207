"""The queue in front of the notification function (port `NotificationQueue`)."""

import json

from buyer_protection.adapters.aws.clients import client


class SqsNotificationQueue:
    """A message names a case, and the call it follows from: what is to be sent lies in the outbox."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    def enqueue(self, dispute_id: str, *, delay_seconds: int = 0, correlation_id: str | None = None) -> None:
        """See `NotificationQueue.enqueue`."""
        message = {"case_id": dispute_id} | ({"correlation_id": correlation_id} if correlation_id else {})
        client("sqs").send_message(
            QueueUrl=self._queue_url,
            MessageBody=json.dumps(message),
            DelaySeconds=delay_seconds,
        )
