"""The functions' logs through CloudWatch Logs, as one would read them on AWS. `python -m local.logs`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError

from local import aws, emulator
from local.workspace import DEFAULT_PORT, LocalStackError, Workspace

FOLLOW_SECONDS = 1.0


@dataclass(frozen=True)
class Line:
    """One log event: `at` in epoch milliseconds, the group it is in, its id there, the text."""

    at: int
    group: str
    event_id: str
    message: str

    def __str__(self) -> str:
        time_of_day = datetime.fromtimestamp(self.at / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
        return f"{time_of_day} {self.group.rsplit('/', 1)[-1]}: {self.message.rstrip()}"


def read(workspace: Workspace, function: str = "", since: int = 0) -> list[Line]:
    """The log lines of functions named like `function` from `since` (epoch milliseconds) on, oldest first."""
    logs = aws.client(workspace, "logs")
    lines = [line for group in _groups(logs) if function in group for line in _lines_of(logs, group, since)]
    return sorted(lines, key=lambda line: (line.at, line.group))


def follow(workspace: Workspace, function: str, since: int) -> Iterator[Line]:
    """The log lines as they come; ends when the stack does."""
    seen: set[str] = set()
    while emulator.running_pid(workspace) is not None:
        for line in read(workspace, function, since):
            if line.event_id not in seen:
                seen.add(line.event_id)
                since = max(since, line.at)
                yield line
        time.sleep(FOLLOW_SECONDS)


def _groups(logs: Any) -> list[str]:
    pages = logs.get_paginator("describe_log_groups").paginate()
    return [group["logGroupName"] for page in pages for group in page["logGroups"]]


def _lines_of(logs: Any, group: str, since: int) -> Iterator[Line]:
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since):
        for number, event in enumerate(page["events"]):
            identity = event.get("eventId") or f"{group}/{event['timestamp']}/{number}"
            yield Line(event["timestamp"], group, identity, event["message"])


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m local.logs", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument(
        "--function", default="", help="part of a function's name; all functions if not given"
    )
    parser.add_argument("--follow", action="store_true", help="go on until interrupted")
    arguments = parser.parse_args(argv)
    workspace = Workspace(arguments.port)
    try:
        if emulator.running_pid(workspace) is None:
            raise LocalStackError(
                f"No stack runs on port {workspace.port}. The last one's own log: {workspace.emulator_log}"
            )
        lines = (
            follow(workspace, arguments.function, 0)
            if arguments.follow
            else iter(read(workspace, arguments.function))
        )
        for line in lines:
            print(line, flush=True)
    except KeyboardInterrupt:
        return 0
    except (LocalStackError, BotoCoreError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
