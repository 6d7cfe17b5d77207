"""The queue in front of the function that delivers webhooks (port `WebhookQueue`)."""

import json
from collections.abc import Sequence

from buyer_protection.adapters.aws.clients import client

_BATCH = 10


class WebhooksRefusedError(Exception):
    """The queue refused some messages; those that it took name deliveries that are sent once however often asked."""


class SqsWebhookQueue:
    """A message names a webhook and a delivery: what is to be sent lies in the table."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    def enqueue(self, deliveries: Sequence[tuple[str, str]]) -> None:
        """See `WebhookQueue.enqueue`."""
        for first in range(0, len(deliveries), _BATCH):
            entries = [
                {
                    "Id": str(number),
                    "MessageBody": json.dumps({"webhook_id": webhook_id, "delivery_id": delivery_id}),
                }
                for number, (webhook_id, delivery_id) in enumerate(deliveries[first : first + _BATCH])
            ]
            answer = client("sqs").send_message_batch(QueueUrl=self._queue_url, Entries=entries)
            if answer.get("Failed"):
                raise WebhooksRefusedError(f"{len(answer['Failed'])} of {len(entries)}")
