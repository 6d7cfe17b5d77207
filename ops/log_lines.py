"""What functions wrote into their logs: by CloudWatch Logs Insights on AWS, else line by line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from ops.target import TargetError

_POLL_SECONDS = 1.0
_POLLS = 120


def asked(
    logs: Any, groups: Sequence[str], query: str, since: datetime, until: datetime
) -> Iterator[dict[str, str]]:
    """The rows of an Insights query over the log groups, by field. TargetError where it does not end."""
    began = logs.start_query(
        logGroupNames=list(groups),
        startTime=int(since.timestamp()),
        endTime=int(until.timestamp()),
        queryString=query,
    )
    for row in _results(logs, began["queryId"]):
        yield {field["field"]: field["value"] for field in row}


def _results(logs: Any, query_id: str) -> list[list[dict[str, str]]]:
    status = "Running"
    for _ in range(_POLLS):
        answer = logs.get_query_results(queryId=query_id)
        status = answer["status"]
        if status == "Complete":
            return list(answer["results"])
        if status not in ("Scheduled", "Running"):
            break
        time.sleep(_POLL_SECONDS)
    raise TargetError(f"CloudWatch Logs did not end the query: {status}")


def lines_of(logs: Any, group: str, since: datetime) -> Iterator[dict[str, Any]]:
    """Every line of a log group from then on that is a JSON object."""
    start = int(since.timestamp() * 1_000)
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=start):
        for text in (text for event in page["events"] for text in event["message"].splitlines()):
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict):
                yield line
