"""Series of the table of alarms as the CDK's metrics of one stage."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.alarms.rows import Series, Watch
from infra.constructs.action import NAMESPACE, SERVICE
from infra.names import Export, Names


def names_in_dimensions(names: Names) -> Mapping[str, str]:
    """What stands in braces in a series, of this stage."""
    return {
        "prefix": names.stage.prefix,
        "stage": names.stage.name,
        "region": Stack.of(names.scope).region,
        "service": SERVICE,
        "namespace": NAMESPACE,
        "table": names.table,
        "api": names.api,
        "backend_api": names.backend_api,
        "mails": names.mails,
        "machine_arn": names.machine_arn,
        "team_pool": names.imported(Export.TEAM_POOL_ID),
        "team_client": names.imported(Export.TEAM_POOL_CLIENT_ID),
    }


def metric(
    series: Series, of_stage: Mapping[str, str], minutes: int, label: str | None = None
) -> cloudwatch.Metric:
    """One series."""
    dimensions = {name: value.format_map(of_stage) for name, value in series.dimensions.items()}
    return cloudwatch.Metric(
        namespace=series.namespace.format_map(of_stage),
        metric_name=series.name,
        statistic=series.stat,
        dimensions_map=dimensions or None,
        period=Duration.minutes(minutes),
        label=label,
    )


def watched(watch: Watch, of_stage: Mapping[str, str], minutes: int) -> cloudwatch.IMetric:
    """What an alarm looks at: its only series, or the expression over several."""
    series = {id: metric(one, of_stage, minutes) for id, one in watch.series.items()}
    if watch.expression is None:
        (only,) = series.values()
        return only
    return cloudwatch.MathExpression(
        expression=watch.expression,
        using_metrics=series,
        period=Duration.minutes(minutes),
        label=watch.words,
    )
