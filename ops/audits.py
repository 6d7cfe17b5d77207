"""`audit run`: a pass of the audit at once."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from botocore.config import Config

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.control_rows import AuditRow
from buyer_protection.adapters.dynamodb.row import Row
from ops import trace
from ops.target import Target, TargetError

# A pass over very many cases takes several calls of five minutes.
_MOST_CALLS = 60
_CALL_SECONDS = 310


def run(arguments: argparse.Namespace) -> int:
    """Have all rows of every case compared now, and say what it came to. Exit code 1 where rows disagree."""
    target: Target = arguments.target
    row = Row.fetch([keys.AUDIT]).get(keys.AUDIT)
    is_under_way = isinstance(row, AuditRow) and row.ended_at is None
    if not trace.begin(arguments, "audit run: " + ("go on with the pass" if is_under_way else "a new pass")):
        return 0
    if isinstance(row, AuditRow) and not is_under_way:
        # The audit leaves a pass alone that is not a night old.
        row.remove_if(AuditRow.began_at == row.began_at)
    client = target.client("lambda", Config(read_timeout=_CALL_SECONDS, retries={"max_attempts": 0}))
    for _ in range(_MOST_CALLS):
        answer = call(client, target.name_of("audit_cases"), {})
        if not answer:
            raise TargetError("another audit is at work; look again in a few minutes")
        if answer.get("ended"):
            print(f"{answer['cases']} cases, {answer['disagreements']} disagreements")
            return 1 if answer["disagreements"] else 0
        print(f"{answer['cases']} cases so far")
    raise TargetError("the pass has not ended; give the command again: it goes on where it stopped")


def call(client: Any, function: str, event: Mapping[str, str]) -> dict[str, Any]:
    """What the function answers. TargetError where it failed."""
    answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
    said = json.loads(answer["Payload"].read() or b"{}")
    if answer.get("FunctionError"):
        raise TargetError(f"{function} failed; its log says where")
    return dict(said or {})


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`audit run`."""
    audit = commands.add_parser("audit", help="compare all rows of every case now")
    parser = audit.add_subparsers(required=True, metavar="run").add_parser("run", help=run.__doc__)
    trace.add_options(parser)
    parser.set_defaults(command=run)
