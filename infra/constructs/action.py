"""One function with its own role, log group and the two layers: what every row of `infra.routes` becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.bundling import Target as BuildTarget
from infra.constructs.storage import removal
from infra.grants import Target, grants_of, targets_of
from infra.names import LIVE
from infra.paths import FUNCTIONS
from infra.routes import CALLED, FunctionSpec, Kind
from infra.stages import Stage

HANDLER = "handler.handler"
# Under which service and namespace Powertools logs and counts.
SERVICE, NAMESPACE = "buyer-protection", "BuyerProtection"
# botocore looks here first; the layer brings the few service models that are used, without their prose.
SERVICE_DATA = "/opt/python/aws_service_data"

# How long a call of a schedule waits at most for a function that is throttled, in seconds: until the next call.
_SCHEDULED = {Kind.SCHEDULE: 60, Kind.NIGHTLY: 300}

_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    30: logs.RetentionDays.ONE_MONTH,
    365: logs.RetentionDays.ONE_YEAR,
}


def retention(stage: Stage) -> logs.RetentionDays:
    """The stage's `log_days` in CDK's words; KeyError for a number that is not in the list."""
    return _RETENTION[stage.log_days]


def log_group_of(scope: Construct, stage: Stage, name: str) -> logs.LogGroup:
    """The log group of the construct `scope`. Its lines are kept as long as the stage keeps logs, and it outlives the
    code where the stage is protected."""
    return logs.LogGroup(
        scope, "Logs", log_group_name=name, retention=retention(stage), removal_policy=removal(stage)
    )


def counted(stage: Stage, action: str, outcome: str, period: Duration) -> cloudwatch.Metric:
    """What `runtime/observability.py` counts in this stage."""
    dimensions = {"service": SERVICE, "stage": stage.name, "action": action, "outcome": outcome}
    return cloudwatch.Metric(
        namespace=NAMESPACE, metric_name="Actions", dimensions_map=dimensions, period=period, statistic="Sum"
    )


@dataclass(frozen=True, slots=True)
class Runtime:
    """What all functions share: where they run, their layers, and the ARNs that targets stand for."""

    stage: Stage
    build: BuildTarget
    layers: Sequence[lambda_.ILayerVersion]
    environment: Mapping[str, str]
    arns: Mapping[Target, Sequence[str]]


class Action(Construct):
    """The function of one row; `environment` adds to the shared one."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        row: FunctionSpec,
        runtime: Runtime,
        environment: Mapping[str, str],
        reserved_concurrency: int | None = None,
    ) -> None:
        super().__init__(scope, id)
        stage, self.row = runtime.stage, row
        name = f"{stage.prefix}-{row.id}"
        log_group = log_group_of(self, stage, f"/aws/lambda/{name}")
        self.role = self._role_for(row, runtime, log_group.log_group_arn)
        self._acknowledge_runtime(stage)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=name,
            runtime=runtime.build.runtime,
            architecture=runtime.build.architecture,
            handler=HANDLER,
            code=lambda_.Code.from_asset(str(FUNCTIONS / row.id), exclude=["__pycache__", "*.pyc"]),
            layers=list(runtime.layers),
            role=self.role.without_policy_updates(),
            timeout=Duration.seconds(row.timeout),
            memory_size=row.memory,
            tracing=lambda_.Tracing.ACTIVE if stage.tracing else None,
            environment={**runtime.environment, **environment},
            log_group=log_group,
            reserved_concurrent_executions=reserved_concurrency,
            recursive_loop=lambda_.RecursiveLoop.ALLOW if row.feeds_itself else None,
            # What a rollback goes back to.
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
        )
        self.function.node.add_dependency(self.role)
        # What people call is a version, so that there is a way back; workers run the newest code, as the machine does.
        self.live = (
            lambda_.Alias(self, "Live", alias_name=LIVE, version=self.function.current_version)
            if row.kind in CALLED
            else None
        )
        if row.kind in _SCHEDULED:
            # Lambda would repeat a failed call twice and keep one for six hours; the next call finds the same work.
            self.function.configure_async_invoke(
                retry_attempts=0, max_event_age=Duration.seconds(_SCHEDULED[row.kind])
            )

    def _role_for(self, row: FunctionSpec, runtime: Runtime, log_group_arn: str) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={row.id: iam.PolicyDocument(statements=_statements(row, log_group_arn, runtime))},
        )
        if why := _why_any(row, runtime.stage):
            acknowledge(role, "AwsSolutions-IAM5[Resource::*]", why)
        return role

    def _acknowledge_runtime(self, stage: Stage) -> None:
        acknowledge(
            self,
            "AwsSolutions-L1",
            "The emulator runs functions with its own interpreter, whichever that is."
            if stage.local
            else "Functions run on the newest Python that the tests run on, not on the newest that Lambda has.",
        )


def _statements(row: FunctionSpec, log_group_arn: str, runtime: Runtime) -> list[iam.PolicyStatement]:
    statements = [
        iam.PolicyStatement(
            actions=list(grant.actions),
            resources=[arn for target in grant.targets for arn in runtime.arns[target]],
            conditions=grant.conditions or None,
        )
        for grant in grants_of(row.id)
    ]
    statements.append(
        iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group_arn])
    )
    if runtime.stage.tracing:
        traces = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        statements.append(iam.PolicyStatement(actions=traces, resources=["*"]))
    return statements


def _why_any(row: FunctionSpec, stage: Stage) -> str:
    targets = targets_of(row.id)
    reasons = (
        (stage.tracing, "X-Ray's actions have no resource types."),
        (Target.TASK_TOKENS in targets, "states:SendTaskSuccess takes a token, which has no ARN."),
        (
            stage.local and Target.MAIL_IDENTITY in targets,
            "The emulator asks about ses:SendEmail without a resource.",
        ),
    )
    return " ".join(why for holds, why in reasons if holds)
