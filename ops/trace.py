"""What every changing command does first: say what it would do, or write down who does it and why."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from uuid import uuid4

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.control_rows import CommandRow
from buyer_protection.application.ports.errors import UnreadableRowError
from buyer_protection.domain.timeline import instant, whole_ms
from ops.statement import instant_of
from ops.target import TargetError

_LONGEST = 300
# What a command was about may be many ids; a row holds more than a hundred times as much.
_LONGEST_COMMAND = 3_000


def add_options(parser: argparse.ArgumentParser) -> None:
    """`--why` and `--dry-run`, of every command that changes something."""
    parser.add_argument(
        "--why", required=True, type=_reason, help="for the other operators; no personal data of others"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


def _reason(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("say why")
    return text.strip()[:_LONGEST]


def operator() -> str:
    """Who gives the command, as `OPERATOR` says; empty where it is not set."""
    return os.environ.get("OPERATOR", "").strip()[:100]


def begin(arguments: argparse.Namespace, what: str) -> str | None:
    """The id of the trace, which is left before anything is changed; None for a dry run, which says `what`.

    TargetError where nobody gives the command.
    """
    if arguments.dry_run:
        print(f"would: {what}")
        return None
    by = operator()
    if not by:
        raise TargetError("set OPERATOR to your name or role: the trace says who and why")
    now, trace_id = whole_ms(datetime.now(UTC)), f"op-{uuid4().hex[:8]}"
    CommandRow(
        keys.COMMANDS,
        f"{instant(now)}#{trace_id}",
        at=now,
        command=what[:_LONGEST_COMMAND],
        by=by,
        why=arguments.why,
    ).put_if_new()
    return trace_id


def list_traces(arguments: argparse.Namespace) -> int:
    """List what operators did by command, oldest first. Exit code 1 if a row cannot be read."""
    since = instant_of(arguments.since) if arguments.since else None
    left_out: list[UnreadableRowError] = []
    rows = CommandRow.collection(keys.COMMANDS, is_of_many=True, left_out=left_out)
    found = [row for row in rows if since is None or row.at >= since]
    for row in found:
        _, _, trace_id = row.sk.partition("#")
        by = row.by or "unknown"
        print(f"{instant(row.at)}  {trace_id}  {by}  {row.command}  {row.why or ''}".rstrip())
    for error in left_out:
        print(f"unreadable: {error}")
    print(f"{len(found)} commands")
    return 1 if left_out else 0


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`trace list`."""
    kinds = commands.add_parser("trace", help="what operators did by command").add_subparsers(
        required=True, metavar="list"
    )
    listing = kinds.add_parser("list", help=list_traces.__doc__)
    listing.add_argument("--since", help="from this instant on (RFC 3339)")
    listing.set_defaults(command=list_traces)
