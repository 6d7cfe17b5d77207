"""Queues: mails on their way, and what could not be processed."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.storage import removal
from infra.stages import Stage

_PATIENCE = Duration.days(14)
# Lambda's advice for a queue that feeds a function: six times the function's timeout.
_VISIBILITY_FACTOR = 6
_RECEIVES = 5
# Every four minutes, the functions' timeouts being 40 s (mails: every three, 30 s): what waited is done within five
# minutes of an outage's end (Q31), which may last a day before a person must help.
_RECEIVES_IN_AN_OUTAGE = 450


class DeadLetters(Construct):
    """A queue of things that failed for good, kept for two weeks for an operator."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, name: str) -> None:
        super().__init__(scope, id)
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=name,
            retention_period=_PATIENCE,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=not stage.local,
            removal_policy=removal(stage),
        )
        _plain_text_where_local(self.queue, stage)


class WorkQueue(Construct):
    """Work for one function, whose timeout in seconds is `consumer_timeout`; what failed too often goes to `failed`.

    With `waits_for_outages` that takes more than a day, where a service is away that the work cannot do without.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        name: str,
        consumer_timeout: int,
        waits_for_outages: bool,
    ) -> None:
        super().__init__(scope, id)
        receives = _RECEIVES_IN_AN_OUTAGE if waits_for_outages else _RECEIVES
        self.failed = DeadLetters(self, "Failed", stage=stage, name=f"{name}-failed").queue
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=name,
            visibility_timeout=Duration.seconds(_VISIBILITY_FACTOR * consumer_timeout),
            # Whoever does not read it is noticed by its age long before (findings F6).
            retention_period=_PATIENCE,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=not stage.local,
            removal_policy=removal(stage),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.failed, max_receive_count=receives),
        )
        _plain_text_where_local(self.queue, stage)


def _plain_text_where_local(queue: sqs.Queue, stage: Stage) -> None:
    if stage.local:
        acknowledge(queue, "AwsSolutions-SQS4", "The emulator listens on the loopback address without TLS.")
