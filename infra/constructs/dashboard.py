"""The dashboard of a stage: cases, the clock's work, refunds, mails, queues, latency, errors."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.alarms.rows import (
    AGE,
    DEPTH,
    REFUSALS,
    Series,
    actions,
    of_api,
    of_function,
    of_machine,
    of_mails,
    of_queue,
    of_table,
    own,
    refused,
)
from infra.called import INDEXES
from infra.constructs.action import NAMESPACE, SERVICE
from infra.constructs.metrics import metric, names_in_dimensions
from infra.names import Names
from infra.queue_names import READ_BY
from infra.routes import CALLED, SPECS

_WIDTH, _HEIGHT = 8, 6
_WORKERS = tuple(row.id for row in SPECS if row.kind not in CALLED)
_MAIL_OUTCOMES = (
    "SENT",
    "DEFERRED",
    "FAILED",
    "GIVEN_UP",
    "MESSAGE_REFUSED",
    "IN_DIGEST",
    "WAITS_FOR_DIGEST",
)
_REFUND_OUTCOMES = (
    "NEEDS_OPERATOR",
    "UNANSWERED",
    "HELD",
    "HELD_OVER_LEDGER",
    "NOT_OF_CASE",
    "ANSWER_REFUSED",
)
_PROMISES = ("deadline_in_time", "mail_in_time", "refund_in_time")


# Title and lines of each graph, in rows of three.
GRAPHS: tuple[tuple[str, dict[str, Series]], ...] = (
    ("Promises that were missed (share)", {one: own("Missed", "Average", action=one) for one in _PROMISES}),
    (
        "Sweeper",
        {
            "rounds": of_function("sweep_deadlines", "Invocations"),
            "unfinished": actions("sweep", "UNFINISHED"),
            "cases failing": actions("sweep", "CASE_FAILED"),
            "unwatched": actions("sweep", "UNWATCHED"),
            "duration (ms)": of_function("sweep_deadlines", "Duration", "Maximum"),
        },
    ),
    (
        "Executions",
        {
            name: of_machine(name)
            for name in ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionThrottled")
        },
    ),
    ("Refunds", {one: actions("refund", one) for one in _REFUND_OUTCOMES}),
    (
        "Refunds at the last audit",
        {
            one: own("Cases", "Maximum", action="census", outcome=f"refunds.{one}")
            for one in ("asked", "unanswered", "held", "given_up")
        },
    ),
    ("Mails", {one: actions("mail", one) for one in _MAIL_OUTCOMES}),
    (
        "Age of the oldest message (s)",
        {queue.value: of_queue(queue.value, AGE) for queue in READ_BY},
    ),
    (
        "Dead letters",
        {queue.value: of_queue(f"{queue.value}-failed", DEPTH) for queue in READ_BY},
    ),
    ("Stream: age (ms)", {"age": of_function("dispatch_changes", "IteratorAge", "Maximum")}),
    (
        "Calls",
        {
            "people": of_api("{api}", "Count", "Sum"),
            "backend": of_api("{backend_api}", "Count", "Sum"),
            "4xx": of_api("{api}", "4XXError", "Sum"),
            "5xx": of_api("{api}", "5XXError", "Sum"),
            "backend 5xx": of_api("{backend_api}", "5XXError", "Sum"),
        },
    ),
    (
        "Latency of people's calls (ms)",
        {stat: of_api("{api}", "Latency", stat) for stat in ("p50", "p95", "p99")},
    ),
    (
        "Refusals",
        {str(status): refused(status) for status in REFUSALS},
    ),
    ("Errors of the workers", {id: of_function(id, "Errors") for id in _WORKERS}),
    (
        "Throttled by DynamoDB",
        {
            "writes": of_table("WriteThrottleEvents"),
            **{index.value: of_table("WriteThrottleEvents", index) for index in INDEXES},
        },
    ),
    (
        "Bounces and complaints (share)",
        {name: of_mails(name) for name in ("BounceRate", "ComplaintRate")},
    ),
)


class StageDashboard(Construct):
    """`BuyerProtection-<stage>`: what is red first, then the graphs."""

    def __init__(self, scope: Construct, id: str, *, names: Names, alarms: list[cloudwatch.IAlarm]) -> None:
        super().__init__(scope, id)
        of_stage = names_in_dimensions(names)
        board = cloudwatch.Dashboard(
            self, "Board", dashboard_name=names.stage.prefix, default_interval=Duration.hours(12)
        )
        board.add_widgets(
            cloudwatch.AlarmStatusWidget(
                title="Alarms",
                alarms=alarms,
                width=24,
                height=6,
                sort_by=cloudwatch.AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
            )
        )
        graphs: list[cloudwatch.IWidget] = [_cases(names)]
        graphs += [
            cloudwatch.GraphWidget(
                title=title,
                width=_WIDTH,
                height=_HEIGHT,
                left=[metric(series, of_stage, 5, label) for label, series in lines.items()],
            )
            for title, lines in GRAPHS
        ]
        for start in range(0, len(graphs), 3):
            board.add_widgets(*graphs[start : start + 3])


def _cases(names: Names) -> cloudwatch.GraphWidget:
    """Open cases by status and age in days of their policy, as the last audit counted them."""
    search = (
        f'SEARCH(\'{{{NAMESPACE},service,stage,action,outcome}} MetricName="Cases" service="{SERVICE}" '
        f"stage=\"{names.stage.name}\" outcome=open', 'Maximum', 86400)"
    )
    return cloudwatch.GraphWidget(
        title="Open cases by status and age",
        width=_WIDTH,
        height=_HEIGHT,
        stacked=True,
        left=[cloudwatch.MathExpression(expression=search, using_metrics={}, period=Duration.days(1))],
    )
