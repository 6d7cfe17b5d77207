"""What feeds the workers: the table's stream, the work queues, the event bus, and the schedules."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.load import SWEEPERS_A_RULE, Load
from infra.stages import OWN_SOURCE, Stage

# The `detail-type` of the shop's events, by whose they are: `docs/events/` has a schema of each. Money that was given
# back elsewhere is known to its order systems (a return in a store) or to its payment systems (a chargeback).
ORDER_EVENTS = ("OrderUpserted", "TrackingUpdated", "OrderRefunded")
PAYMENT_EVENTS = ("RefundSucceeded", "RefundFailed", "OrderRefunded")
INBOUND_EVENTS = tuple(dict.fromkeys((*ORDER_EVENTS, *PAYMENT_EVENTS)))

# Where evidence files lie in their bucket.
EVIDENCE_KEYS = "evidence/"
# Where the copies of pictures lie: no event comes of them.
COPY_KEYS = "copies/"
# Where it is noted whose data was erased.
ERASURE_NOTES = "erasures/"

# The rows that something follows from (`adapters/dynamodb/stream_records.py`): new timeline entries and refunds, timers
# set or moved, orders finished. All others, such as a mail's own row, which is written three times, never reach the
# function.
ANNOUNCING_ROWS = (
    {
        "eventName": ["INSERT"],
        "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "TL#"}, "REFUND"]}}},
    },
    {
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {"Keys": {"sk": {"S": ["TIMER"]}}},
    },
    {
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {
            "Keys": {"sk": {"S": ["LEDGER"]}},
            "NewImage": {"finished_at": {"S": [{"exists": True}]}},
        },
    },
)


def feed_from_stream(
    function: lambda_.IFunction, table: dynamodb.ITable, failures: sqs.IQueue, load: Load
) -> None:
    """Changes of case rows, in order per case; a batch that fails is halved, and tried for as long as the stream lives.

    The function itself sets aside what fails for longer than others should wait, so that only its own absence stops
    the stream. What has grown too old is named in `failures` while the stream, which forgets after a day, still has it.
    Only the rows that something follows from pass the filter.
    """
    function.add_event_source(
        sources.DynamoEventSource(
            table,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=load.stream_batch,
            parallelization_factor=load.stream_lanes,
            bisect_batch_on_error=True,
            max_record_age=Duration.hours(23),
            on_failure=sources.SqsDlq(failures),
            # CDK takes any mapping here and writes `{}` for one that FilterCriteria has not made.
            filters=[lambda_.FilterCriteria.filter(pattern) for pattern in ANNOUNCING_ROWS],
        )
    )


def feed_from_queue(function: lambda_.IFunction, queue: sqs.IQueue, load: Load, *, most: int = 10) -> None:
    """Messages of a work queue, `most` at a time; those that failed come back alone."""
    function.add_event_source(
        sources.SqsEventSource(
            queue,
            batch_size=min(most, load.queue_batch),
            max_concurrency=load.queue_concurrency,
            report_batch_item_failures=True,
        )
    )


def shares_of(load: Load, rule: int) -> list[tuple[int, int]]:
    """The shares of the sweepers that a rule calls, counted from 1: which one, of how many."""
    first = (rule - 1) * SWEEPERS_A_RULE
    return [(one, load.sweepers) for one in range(first, min(first + SWEEPERS_A_RULE, load.sweepers))]


class EveryMinute(Construct):
    """Calls the function once a minute for each share. Neither EventBridge nor Lambda (`constructs/action.py`) repeats
    a call that was lost or failed: the next one finds the same work."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        function: lambda_.Function,
        failures: sqs.IQueue,
        shares: Sequence[tuple[int, int]],
    ) -> None:
        super().__init__(scope, id)
        self.rule = events.Rule(
            self,
            "Rule",
            rule_name=name,
            description="Meets every deadline even if the state machine does not",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[
                targets.LambdaFunction(
                    function,
                    event=events.RuleTargetInput.from_object({"share": share, "of": of}) if of > 1 else None,
                    dead_letter_queue=failures,
                    retry_attempts=0,
                    max_event_age=Duration.minutes(1),
                )
                for share, of in shares
            ],
        )


class EveryNight(Construct):
    """Calls the function every five minutes of the night, in UTC, so that what one call does not end the next one goes
    on with; no lost or failed call is repeated."""

    def __init__(
        self, scope: Construct, id: str, *, name: str, function: lambda_.Function, failures: sqs.IQueue
    ) -> None:
        super().__init__(scope, id)
        self.rule = events.Rule(
            self,
            "Rule",
            rule_name=name,
            description="Holds the rows of every case against each other",
            schedule=events.Schedule.cron(hour="1-5", minute="0/5"),
            targets=[
                targets.LambdaFunction(
                    function, dead_letter_queue=failures, retry_attempts=0, max_event_age=Duration.minutes(5)
                )
            ],
        )


class FromTheBus(Construct):
    """Brings the shop's events from the bus to the inbound queue: orders, tracking, payment answers.

    Each from those systems alone that it is theirs to say; our own events lie on the same bus.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        bus: events.IEventBus,
        queue: sqs.IQueue,
        failures: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id)
        for whose, sources_of, types in (
            ("Orders", stage.shop_sources, ORDER_EVENTS),
            ("Payments", stage.payment_sources, PAYMENT_EVENTS),
        ):
            events.Rule(
                self,
                whose,
                description=f"Events from the shop's systems: {whose.lower()}",
                event_bus=bus,
                event_pattern=events.EventPattern(source=list(sources_of), detail_type=list(types)),
                targets=[targets.SqsQueue(queue, dead_letter_queue=failures)],
            )


class LetOthersPut(Construct):
    """Lets the systems of other accounts put the shop's events onto the bus: these alone, and in the shop's name."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, bus: events.IEventBus) -> None:
        super().__init__(scope, id)
        statement = iam.PolicyStatement(
            principals=[iam.AccountPrincipal(account) for account in stage.bus_accounts],
            actions=["events:PutEvents"],
            resources=[bus.event_bus_arn],
            conditions={
                "StringEquals": {
                    "events:detail-type": list(INBOUND_EVENTS),
                    "events:source": sorted({*stage.shop_sources, *stage.payment_sources}),
                },
            },
        )
        events.CfnEventBusPolicy(
            self,
            "Policy",
            event_bus_name=bus.event_bus_name,
            statement_id="TheShopsAccounts",
            statement=statement.to_statement_json(),
        )


class KeepOurName(Construct):
    """Nobody but our own publishers puts an event onto the bus in our name, whatever else an account lets them do:
    `RefundRequested` moves money."""

    def __init__(
        self, scope: Construct, id: str, *, bus: events.IEventBus, publishers: Sequence[iam.IRole]
    ) -> None:
        super().__init__(scope, id)
        statement = iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["events:PutEvents"],
            resources=[bus.event_bus_arn],
            conditions={
                "ForAnyValue:StringEquals": {"events:source": OWN_SOURCE},
                "ArnNotEquals": {"aws:PrincipalArn": [role.role_arn for role in publishers]},
            },
        )
        events.CfnEventBusPolicy(
            self,
            "Policy",
            event_bus_name=bus.event_bus_name,
            statement_id="OurNameIsOurs",
            statement=statement.to_statement_json(),
        )


class FromTheBucket(Construct):
    """Brings news of evidence files to the uploads' queue: that one was made and, with `scanning`, what the malware
    scan of it found. Over EventBridge, which needs no function of its own to be set up."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        bucket: s3.IBucket,
        queue: sqs.IQueue,
        failures: sqs.IQueue,
        scanning: bool,
    ) -> None:
        super().__init__(scope, id)
        patterns = {
            "Made": events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [bucket.bucket_name]},
                    "object": {"key": [{"prefix": EVIDENCE_KEYS}]},
                },
            )
        }
        if scanning:
            patterns["Scanned"] = events.EventPattern(
                source=["aws.guardduty"],
                detail_type=["GuardDuty Malware Protection Object Scan Result"],
                detail={
                    "s3ObjectDetails": {
                        "bucketName": [bucket.bucket_name],
                        "objectKey": [{"prefix": EVIDENCE_KEYS}],
                    }
                },
            )
        for name, pattern in patterns.items():
            events.Rule(
                self,
                name,
                description=f"Evidence files: {name.lower()}",
                event_pattern=pattern,
                targets=[targets.SqsQueue(queue, dead_letter_queue=failures)],
            )


class FromSes(Construct):
    """Forwards the events that SES reports about this stage's mails from the default bus to the mail events' queue."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        configuration_set: str,
        detail_types: Sequence[str],
        queue: sqs.IQueue,
        failures: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id)
        events.Rule(
            self,
            "Rule",
            description="Bounces, complaints, refusals and delays of mails",
            event_pattern=events.EventPattern(
                source=["aws.ses"],
                detail_type=list(detail_types),
                # Other stages and systems of the account send mails too.
                detail={"mail": {"tags": {"ses:configuration-set": [configuration_set]}}},
            ),
            targets=[targets.SqsQueue(queue, dead_letter_queue=failures)],
        )
