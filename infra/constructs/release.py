"""How a new version takes over from the one that people call: step by step where a case is changed, with a way back."""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.alarms.table import OF_EACH_CALL, ROWS, description
from infra.constructs.action import Action, counted
from infra.grants import writes
from infra.routes import FunctionSpec, Kind
from infra.stages import Stage

_POLICY = "service-role/AWSCodeDeployRoleForLambdaLimited"
_MINUTE = Duration.minutes(1)


def changes_cases(row: FunctionSpec) -> bool:
    """Whether people change a case with the function: one that goes wrong does so in the table."""
    return row.kind is Kind.API and row.is_for_people and row.method != "GET" and writes(row.id)


class GradualRelease(Construct):
    """A tenth of the calls goes to a new version for five minutes; one failure of it brings the old one back.

    Reads, preflights and workers change all at once: what they do wrong is gone with the next deployment.
    """

    def __init__(self, scope: Construct, id: str, *, stage: Stage, actions: Iterable[Action]) -> None:
        super().__init__(scope, id)
        self._stage = stage
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(_POLICY)],
        )
        acknowledge(
            role,
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{_POLICY}]",
            "It is what CodeDeploy needs to move an alias and to look at alarms, and AWS keeps it so.",
        )
        application = codedeploy.LambdaApplication(self, "Application")
        for action in actions:
            if action.live is not None and changes_cases(action.row):
                codedeploy.LambdaDeploymentGroup(
                    action,
                    "Release",
                    application=application,
                    alias=action.live,
                    alarms=[self._failing(action, action.live)],
                    deployment_config=codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
                    role=role.without_policy_updates(),
                )

    def _failing(self, action: Action, live: lambda_.Alias) -> cloudwatch.Alarm:
        """Calls that ended without an answer, and answers 500: the functions count these themselves."""
        failures = cloudwatch.MathExpression(
            expression="FILL(crashed, 0) + FILL(failed, 0)",
            using_metrics={
                "crashed": live.metric_errors(period=_MINUTE),
                "failed": counted(self._stage, action.row.id, "INTERNAL", _MINUTE),
            },
            period=_MINUTE,
        )
        row = ROWS[OF_EACH_CALL]
        return cloudwatch.Alarm(
            action,
            "Failing",
            alarm_name=f"{self._stage.prefix}-{action.row.id}-failing",
            alarm_description=description(row, self._stage.runbook_url),
            metric=failures,
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
