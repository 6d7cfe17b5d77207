"""The queue of late changes (port `RetryQueue`): records of the table's stream, unchanged."""

import json
from collections.abc import Mapping
from typing import Any

from buyer_protection.adapters.aws.clients import client


class SqsRetryQueue:
    """A message is one record in the form in which Lambda delivers it, so that its consumer reads both alike."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    def put(self, record: Mapping[str, Any]) -> None:
        """See `RetryQueue.put`."""
        client("sqs").send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(record))
