"""The queue in front of the function that delivers webhooks (port `WebhookQueue`)."""

import json
from collections.abc import Sequence

from buyer_protection.adapters.aws.clients import client


class SqsWebhookQueue:
    """A message names a webhook and a delivery: what is to be sent lies in the table."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    def enqueue(self, deliveries: Sequence[tuple[str, str]]) -> None:
        """See `WebhookQueue.enqueue`."""
        for webhook_id, delivery_id in deliveries:
            message = {"webhook_id": webhook_id, "delivery_id": delivery_id}
            client("sqs").send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(message))
