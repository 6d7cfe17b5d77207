"""How many messages lie in the stage's queues (port `Queues`)."""

import time
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from buyer_protection.adapters.aws.clients import client
from buyer_protection.application.ports.operations import QueueDepth

# A message that failed is hidden until it is tried again, and a mail that SES defers is delayed: both still wait.
_COUNTED = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
# One call may take six seconds of the function's ten (`clients.client`): none begins later than this.
_SECONDS = 2.0


class SqsQueues:
    """Asks SQS for one queue after the other; `names` are those behind `base_url`, `dead_letters` among them."""

    def __init__(self, base_url: str, names: Sequence[str], dead_letters: Sequence[str]) -> None:
        self._base_url, self._names, self._dead_letters = base_url, names, frozenset(dead_letters)

    def depths(self) -> Sequence[QueueDepth]:
        """See `Queues.depths`."""
        until, found = time.monotonic() + _SECONDS, list[QueueDepth]()
        for name in self._names:
            waiting = None
            if time.monotonic() < until:
                try:
                    waiting = self._waiting(name)
                except ClientError:
                    # Of this queue alone: it is not there, or may not be asked about.
                    pass
                except BotoCoreError:
                    # SQS does not answer: the others would only cost the same time.
                    until = 0.0
            found.append(QueueDepth(name, name in self._dead_letters, waiting))
        return found

    def _waiting(self, name: str) -> int:
        answer = client("sqs", briefly=True).get_queue_attributes(
            QueueUrl=f"{self._base_url}{name}", AttributeNames=list(_COUNTED)
        )
        return sum(int(answer["Attributes"].get(counted, 0)) for counted in _COUNTED)
