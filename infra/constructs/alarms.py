"""The alarms of `infra/alarms/`, whom they notify, and those over others."""

from __future__ import annotations

from aws_cdk import Aws
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.alarms.rows import AlarmRow, CompositeRow, Urgency
from infra.alarms.table import ALARMS, COMPOSITES, description
from infra.constructs.metrics import names_in_dimensions, watched
from infra.names import Names
from infra.stages import Stage


class Notified(Construct):
    """The two topics, and the stage's own subscribers. An on-call service can subscribe by itself, too."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage) -> None:
        super().__init__(scope, id)
        self.topics = {
            Urgency.PAGE: self._topic("Pages", f"{stage.prefix}-pages", stage.pages_to),
            Urgency.TICKET: self._topic("Tickets", f"{stage.prefix}-tickets", stage.tickets_to),
        }

    def _topic(self, id: str, name: str, subscribers: tuple[str, ...]) -> sns.Topic:
        topic = sns.Topic(self, id, topic_name=name, enforce_ssl=True)
        # A topic with a policy has nobody's default rights.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
        for subscriber in subscribers:
            is_address = subscriber.startswith("https://")
            topic.add_subscription(
                subscriptions.UrlSubscription(subscriber)
                if is_address
                else subscriptions.EmailSubscription(subscriber)
            )
        return topic


class Alarms(Construct):
    """Every row of the table; names, descriptions and whom they notify are the rows' own."""

    def __init__(self, scope: Construct, id: str, *, names: Names) -> None:
        super().__init__(scope, id)
        self._stage, self._names = names.stage, names
        self._of_stage = names_in_dimensions(names)
        self._topics = Notified(self, "Notified", stage=names.stage).topics
        self.made: dict[str, cloudwatch.IAlarm] = {}
        for row in ALARMS:
            self.made[row.name] = self._notifying(row, self._alarm(row))
        for composite in COMPOSITES:
            self.made[composite.name] = self._notifying(composite, self._composite(composite))

    def _notifying(self, row: AlarmRow | CompositeRow, alarm: cloudwatch.AlarmBase) -> cloudwatch.AlarmBase:
        topic = self._topics.get(row.urgency)
        if topic is not None:
            alarm.add_alarm_action(actions.SnsAction(topic))
        if topic is not None and row.urgency is Urgency.PAGE:
            # Whoever was woken may sleep again.
            alarm.add_ok_action(actions.SnsAction(topic))
        return alarm

    def _alarm(self, row: AlarmRow) -> cloudwatch.Alarm:
        operators, treatments = cloudwatch.ComparisonOperator, cloudwatch.TreatMissingData
        return cloudwatch.Alarm(
            self,
            row.name,
            alarm_name=self._names.of(row.name),
            alarm_description=description(row, self._stage.runbook_url),
            metric=watched(row.watch, self._of_stage, row.minutes),
            threshold=row.threshold,
            evaluation_periods=row.times,
            comparison_operator=operators.LESS_THAN_THRESHOLD
            if row.below
            else operators.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=treatments.BREACHING if row.silence_is_bad else treatments.NOT_BREACHING,
        )

    def _composite(self, row: CompositeRow) -> cloudwatch.CompositeAlarm:
        return cloudwatch.CompositeAlarm(
            self,
            row.name,
            composite_alarm_name=self._names.of(row.name),
            alarm_description=description(row, self._stage.runbook_url),
            alarm_rule=cloudwatch.AlarmRule.all_of(
                *(cloudwatch.AlarmRule.any_of(*(self.made[name] for name in group)) for group in row.groups)
            ),
        )
