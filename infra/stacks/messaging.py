"""What is on its way and must outlive the code: queues, what failed for good, the event bus, the mails' identity."""

from __future__ import annotations

from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.feeds import FromSes, FromTheBucket, FromTheBus, LetOthersPut
from infra.constructs.mail import TROUBLES, Mail
from infra.constructs.messaging import DeadLetters, WorkQueue
from infra.constructs.storage import removal
from infra.names import SCHEDULES, Export, Names
from infra.queue_names import READ_BY, QueueName
from infra.routes import SPECS
from infra.stages import Stage

# Changes need every service there is, uploads S3; of a mail that nobody has tried to send only its message knows.
_WAIT_FOR_OUTAGES = (QueueName.LATE_CHANGES, QueueName.UPLOADS, QueueName.NOTIFICATIONS)


class MessagingStack(Stack):
    """`BuyerProtection-<stage>-Messaging`."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, **stack: Any) -> None:
        super().__init__(scope, id, **stack)
        self._stage, self._names = stage, Names(self, stage)
        Mail(self, "Mail", stage=stage, configuration_set_name=self._names.mails)
        self._queues = {queue: self._work_queue(queue) for queue in READ_BY}
        self._dead_letters(QueueName.STREAM_FAILURES)
        missed = self._dead_letters(QueueName.MISSED_SWEEPS)
        for called in SCHEDULES:
            missed.add_to_resource_policy(self._let_rule_send(self._names.schedule_arn(called), missed))
        for number in range(2, stage.load.rules + 1):
            another = self._names.schedule_arn("sweep_deadlines", number)
            missed.add_to_resource_policy(self._let_rule_send(another, missed))
        self._bus()
        self._from_the_bucket()
        mail_events = self._queues[QueueName.MAIL_EVENTS]
        FromSes(
            self,
            "FromSes",
            configuration_set=self._names.mails,
            detail_types=list(TROUBLES.values()),
            queue=mail_events.queue,
            failures=mail_events.failed,
        )
        CfnOutput(self, "EventBusName", value=self._names.bus)
        for output, queue in (
            ("LateChangesQueueUrl", QueueName.LATE_CHANGES),
            ("NotificationQueueUrl", QueueName.NOTIFICATIONS),
        ):
            CfnOutput(self, output, value=self._queues[queue].queue.queue_url)

    def _work_queue(self, queue: QueueName) -> WorkQueue:
        (timeout,) = (row.timeout for row in SPECS if row.id == READ_BY[queue])
        return WorkQueue(
            self,
            queue.construct_id,
            stage=self._stage,
            name=self._names.of(queue),
            consumer_timeout=timeout,
            waits_for_outages=queue in _WAIT_FOR_OUTAGES,
        )

    def _dead_letters(self, queue: QueueName) -> sqs.Queue:
        made = DeadLetters(self, queue.construct_id, stage=self._stage, name=self._names.of(queue)).queue
        acknowledge(made, "AwsSolutions-SQS3", "It is where a stream or a schedule puts its dead letters.")
        return made

    @staticmethod
    def _let_rule_send(rule_arn: str, queue: sqs.IQueue) -> iam.PolicyStatement:
        """The right of a rule of another stack, which cannot write this queue's policy."""
        return iam.PolicyStatement(
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[queue.queue_arn],
            conditions={"ArnEquals": {"aws:SourceArn": rule_arn}},
        )

    def _bus(self) -> None:
        bus = events.EventBus(
            self,
            "Bus",
            event_bus_name=self._names.bus,
            description="Out: what happened to disputes and orders. In: the shop.",
        )
        bus.apply_removal_policy(removal(self._stage))
        if self._stage.bus_accounts:
            LetOthersPut(self, "BusPolicy", stage=self._stage, bus=bus)
        inbound = self._queues[QueueName.INBOUND]
        FromTheBus(
            self, "FromTheBus", stage=self._stage, bus=bus, queue=inbound.queue, failures=inbound.failed
        )

    def _from_the_bucket(self) -> None:
        name = self._names.imported(Export.EVIDENCE_BUCKET_NAME)
        uploads = self._queues[QueueName.UPLOADS]
        FromTheBucket(
            self,
            "FromTheBucket",
            bucket=s3.Bucket.from_bucket_name(self, "Evidence", name),
            queue=uploads.queue,
            failures=uploads.failed,
            scanning=self._stage.malware_scanning,
        )
