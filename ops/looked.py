"""Who looked at a case, by the log: every read of it, and everybody who tried and was refused. `case looked`.

Refused are those who may not do what they tried (401, 403, 404), and members of the team for whom the case did not
allow it (409): a ruling without the assignment, without a second member, or too late.

On AWS the saved query "who looked" is asked; on the stack of one's own machine the functions' logs are read. Callers
are pseudonyms, and nothing of what they read is there.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from buyer_protection.domain.timeline import instant
from ops import log_lines
from ops.statement import instant_of
from ops.target import Target, TargetError

QUERY = "who looked"
# What stands for the case in the saved query.
_CASE = '"dp-"'
_READS = re.compile(r"(get|list|export)_")
_REFUSED = frozenset({401, 403, 404})
_NOT_NOW = 409
_DEFAULT = timedelta(days=30)
_ASKED_AT_MOST = 1_000


class Look(NamedTuple):
    """One read of a case, or a refused attempt; `standing` and `caller` are empty where nobody was verified."""

    at: str
    standing: str
    caller: str
    action: str
    outcome: str
    request_id: str
    correlation_id: str


def show_looks(arguments: argparse.Namespace) -> int:
    """List who looked at a case and who was refused, oldest first: instant, standing, caller, call, outcome, ids."""
    if not re.fullmatch(r"dp-[0-9a-z]+", arguments.dispute_id):
        raise TargetError("a case's id is dp-… in small letters and digits")
    since = instant_of(arguments.since) if arguments.since else datetime.now(UTC) - _DEFAULT
    target: Target = arguments.target
    find = from_logs if target.endpoint_url else from_saved_query
    found = [
        look
        for look in sorted(find(target, arguments.dispute_id, since))
        if not arguments.standing or look.standing == arguments.standing
    ]
    for look in found:
        print("  ".join(text or "-" for text in look))
    callers = {look.caller for look in found if look.caller}
    print(f"{len(found)} looks by {len(callers)} callers since {instant(since)}")
    if len(found) >= _ASKED_AT_MOST:
        print("There may be more: ask for a shorter time with --since.")
    return 0


def from_saved_query(target: Target, dispute_id: str, since: datetime) -> Iterator[Look]:
    """By the stage's saved query, each part of it. TargetError where there is none, or it does not end."""
    logs = target.client("logs")
    name = f"{target.name_of('').removesuffix('-')}/{QUERY}"
    parts = logs.describe_query_definitions(queryDefinitionNamePrefix=name)["queryDefinitions"]
    if not parts:
        raise TargetError(f"there is no saved query {name}: is the stack Operations deployed?")
    for part in parts:
        query = part["queryString"].replace(_CASE, json.dumps(dispute_id))
        for row in log_lines.asked(logs, part["logGroupNames"], query, since, datetime.now(UTC)):
            yield _look(row, "@timestamp")


def from_logs(target: Target, dispute_id: str, since: datetime) -> Iterator[Look]:
    """By the log lines themselves, of every function."""
    logs = target.client("logs")
    prefix = f"/aws/lambda/{target.name_of('')}"
    for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
        for group in page["logGroups"]:
            yield from _looks_in(logs, group["logGroupName"], dispute_id, since)


def _looks_in(logs: Any, group: str, dispute_id: str, since: datetime) -> Iterator[Look]:
    for line in log_lines.lines_of(logs, group, since):
        if _is_about(line, dispute_id) and _is_shown(line):
            yield _look(line, "timestamp")


def _is_about(line: Mapping[str, Any], dispute_id: str) -> bool:
    return line.get("message") == "answered" and dispute_id in (
        line.get("dispute_id"),
        line.get("asked_dispute_id"),
    )


def _is_shown(line: Mapping[str, Any]) -> bool:
    """As the saved query has it."""
    status = line.get("status")
    if _READS.match(str(line.get("action"))) or status in _REFUSED:
        return True
    return status == _NOT_NOW and line.get("standing") == "TEAM"


def _look(line: Mapping[str, Any], at: str) -> Look:
    return Look(*(str(line.get(name) or "") for name in (at, *Look._fields[1:])))


def add_command(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`case looked`, beside `case show`."""
    parser = kinds.add_parser("looked", help=show_looks.__doc__)
    parser.add_argument("dispute_id")
    parser.add_argument("--since", help="from this instant on (RFC 3339); else of the last 30 days")
    parser.add_argument(
        "--standing",
        choices=("TEAM", "OPERATOR", "PERSON", "BACKEND"),
        help="whose token or signature it was",
    )
    parser.set_defaults(command=show_looks)
