"""The value of an alarm's metric on the local stack, as the row of the table of alarms reads it.

What our functions count is read from their log lines, as CloudWatch does it, and their calls and errors from what the
runtime logs of each; the queues' depths are asked of SQS. What the emulator knows nothing of is counted where it is
done (`Counted`).
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from infra.alarms.rows import AGE, DEPTH, IN_FLIGHT, AlarmRow, Series
from infra.constructs.action import NAMESPACE, SERVICE
from infra.stages import LOCAL
from local import aws
from ops.log_lines import lines_of
from tests.e2e.waiting import utc_now
from tests.e2e.world import FUNCTION_PREFIX, Json, World

# A schedule that comes once a minute may leave out a whole minute by its clock's own jitter.
SILENCE = timedelta(seconds=90)
_LOGS = f"/aws/lambda/{FUNCTION_PREFIX}"
_QUEUES = {DEPTH: "ApproximateNumberOfMessages", IN_FLIGHT: "ApproximateNumberOfMessagesNotVisible"}
_OPERATORS: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}


@dataclass
class Counted:
    """What the emulator does not count: answers of people's API, calls that the table throttled, by kind, and when a
    queue was first seen to hold something."""

    answers: list[tuple[datetime, int]] = field(default_factory=list)
    throttled: Callable[[], int] = lambda: 0
    waiting_since: dict[str, datetime] = field(default_factory=dict)


@dataclass
class Metrics:
    """Reads the rows of the table of alarms on one stack."""

    world: World
    counted: Counted = field(default_factory=Counted)

    def __post_init__(self) -> None:
        self._logs, self._sqs = (aws.client(self.world.workspace, name) for name in ("logs", "sqs"))

    def value(self, row: AlarmRow, since: datetime) -> float:
        """Over the time from `since` on, at most a period; of an alarm that is red below, over the last minutes."""
        now = utc_now()
        period = SILENCE if row.below else timedelta(minutes=row.minutes)
        start = max(since, now - period)
        if row.below and now - since < period:
            return row.threshold
        values = {id: self._series(series, start, now) for id, series in row.watch.series.items()}
        if row.watch.expression is None:
            return next(iter(values.values())) or 0
        return float(computed(row.watch.expression, values))

    def _series(self, series: Series, start: datetime, now: datetime) -> float | None:
        names = {name: text.format_map(_names(self.world)) for name, text in series.dimensions.items()}
        if series.namespace == "{namespace}":
            return self._own(series, names, start)
        readers: Mapping[str, Callable[[Series, Mapping[str, str], datetime, datetime], float | None]] = {
            "AWS/Lambda": self._of_lambda,
            "AWS/SQS": self._of_queue,
            "AWS/ApiGateway": self._of_answers,
            "AWS/DynamoDB": lambda *_: float(self.counted.throttled()),
        }
        return readers[series.namespace](series, names, start, now)

    def _own(self, series: Series, names: Mapping[str, str], start: datetime) -> float | None:
        found = [
            float(value)
            for line in self._measured(start)
            # Each is a list of values in that format.
            for value in line.get(series.name, ())
            if all(line.get(name) == text for name, text in names.items())
        ]
        if not found:
            return None
        whole = {"Sum": sum(found), "Maximum": max(found), "Average": sum(found) / len(found)}
        return whole[series.stat]

    def _measured(self, start: datetime) -> Iterator[Json]:
        """The lines of the embedded metric format of all functions."""
        for page in self._logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=_LOGS):
            for group in page["logGroups"]:
                yield from (
                    line for line in lines_of(self._logs, group["logGroupName"], start) if "_aws" in line
                )

    def _of_lambda(
        self, series: Series, names: Mapping[str, str], start: datetime, _now: datetime
    ) -> float | None:
        """By the function's log: the emulator counts direct calls alone. What did not say that it worked has failed."""
        group = f"/aws/lambda/{names['FunctionName']}"
        action = names["FunctionName"].removeprefix(FUNCTION_PREFIX)
        began = worked = 0
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=int(start.timestamp() * 1_000)
        )
        for line in (
            line for page in pages for event in page["events"] for line in event["message"].splitlines()
        ):
            began += line.startswith("REPORT RequestId")
            worked += '"_aws"' in line and f'"action":"{action}","outcome":"ACCEPTED"' in line
        if not began:
            return None
        return float(began if series.name == "Invocations" else began - worked)

    def _of_queue(
        self, series: Series, names: Mapping[str, str], _start: datetime, now: datetime
    ) -> float | None:
        name = names["QueueName"]
        url = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
        asked = _QUEUES[DEPTH if series.name == AGE else series.name]
        answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[asked])
        depth = float(answer["Attributes"][asked])
        if series.name != AGE:
            return depth
        if not depth:
            self.counted.waiting_since.pop(name, None)
            return 0.0
        return (now - self.counted.waiting_since.setdefault(name, now)).total_seconds()

    def _of_answers(
        self, series: Series, _names: Mapping[str, str], start: datetime, _now: datetime
    ) -> float | None:
        statuses = [status for at, status in self.counted.answers if at >= start]
        failed = sum(status >= 500 for status in statuses)
        if series.stat == "Average":
            return failed / len(statuses) if statuses else None
        return float(failed)


def _names(world: World) -> Mapping[str, str]:
    return {
        "prefix": LOCAL.prefix,
        "stage": LOCAL.name,
        "region": world.stack.region,
        "service": SERVICE,
        "namespace": NAMESPACE,
        "table": world.stack.table_name,
        "api": "people",
        "backend_api": "backend",
        "machine_arn": world.stack.state_machine_arn,
    }


def computed(expression: str, values: Mapping[str, float | None]) -> float:
    """CloudWatch's metric math, as far as the table of alarms uses it. A metric without data is nothing."""
    text = expression.replace(" AND ", " and ").replace(" OR ", " or ")
    return float(_evaluated(ast.parse(text, mode="eval").body, values) or 0)


def _evaluated(node: ast.expr, values: Mapping[str, float | None]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=id):
            return values[id] or 0.0
        case ast.Call(func=ast.Name(id="FILL"), args=[ast.Name(id=id), otherwise]):
            found = values[id]
            return _evaluated(otherwise, values) if found is None else found
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise]):
            return _evaluated(then if _evaluated(condition, values) else otherwise, values)
        case ast.BoolOp(op=op, values=parts):
            return (all if isinstance(op, ast.And) else any)(_evaluated(part, values) for part in parts)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _OPERATORS[type(op)](_evaluated(left, values), _evaluated(right, values))
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_evaluated(left, values), _evaluated(right, values))
        case _:
            raise AssertionError(f"metric math that is not known here: {ast.dump(node)}")
