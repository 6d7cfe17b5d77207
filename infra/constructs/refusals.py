"""Counts refusals of people's API by its access log: what the gateway refuses reaches no function that counts."""

from __future__ import annotations

from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.alarms.rows import REFUSALS
from infra.constructs.action import NAMESPACE
from infra.names import Names


class Refusals(Construct):
    """Metric `Refused`, by stage and status."""

    def __init__(self, scope: Construct, id: str, *, names: Names) -> None:
        super().__init__(scope, id)
        group = logs.LogGroup.from_log_group_name(self, "Access", f"/aws/apigateway/{names.stage.prefix}")
        pattern = " || ".join(f'($.status = "{status}")' for status in REFUSALS)
        logs.MetricFilter(
            self,
            "Filter",
            log_group=group,
            filter_pattern=logs.FilterPattern.literal(f"{{ {pattern} }}"),
            metric_namespace=NAMESPACE,
            metric_name="Refused",
            metric_value="1",
            dimensions={"stage": "$.stage", "status": "$.status"},
        )
