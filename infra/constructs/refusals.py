"""Counts refusals of both APIs by their access logs: what the gateway refuses never reaches a function that counts."""

from __future__ import annotations

from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.alarms.rows import REFUSALS
from infra.constructs.action import NAMESPACE
from infra.names import Names


class Refusals(Construct):
    """Metrics `Refused` (people's API) and `BackendRefused`, by stage and status."""

    def __init__(self, scope: Construct, id: str, *, names: Names) -> None:
        super().__init__(scope, id)
        self._count("Access", "Filter", f"/aws/apigateway/{names.stage.prefix}", "Refused")
        self._count(
            "BackendAccess",
            "BackendFilter",
            f"/aws/apigateway/{names.stage.prefix}-backend",
            "BackendRefused",
        )

    def _count(self, group_id: str, filter_id: str, log_group: str, metric: str) -> None:
        group = logs.LogGroup.from_log_group_name(self, group_id, log_group)
        pattern = " || ".join(f'($.status = "{status}")' for status in REFUSALS)
        logs.MetricFilter(
            self,
            filter_id,
            log_group=group,
            filter_pattern=logs.FilterPattern.literal(f"{{ {pattern} }}"),
            metric_namespace=NAMESPACE,
            metric_name=metric,
            metric_value="1",
            dimensions={"stage": "$.stage", "status": "$.status"},
        )
