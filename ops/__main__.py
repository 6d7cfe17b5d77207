"""`python -m ops`: see docs/operations.md; preflight, bootstrap, deploy, destroy: docs/deploy.md.

On the stack of one's own machine by `--port`; on AWS by `--stage` (or `--table`) and `--region`, with the caller's own
credentials.
Exit code 0: done, or all agrees; 1: something differs, was so already, or cannot be read; 2: it could not be done.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from buyer_protection.adapters.dynamodb.refund_ledgers import read_books
from buyer_protection.application.ports.errors import UnreadableRowError
from buyer_protection.application.workers.reconciliation import Difference, match
from ops import (
    archive,
    audits,
    cases,
    clock,
    deployment,
    list_index,
    mails,
    merged_accounts,
    order_ends,
    people,
    pictures,
    queues,
    redispatch,
    refunds,
    restore,
    switches,
    trace,
)
from ops.report import command as report
from ops.stage_settings import SettingsError
from ops.statement import StatementError, instant_of, read_statement
from ops.target import LOCAL_PORT, Target, TargetError, on_aws, on_this_machine

DONE, DIFFERS, IMPOSSIBLE = 0, 1, 2
# What is given on the command line may be out of every range, and no UTF-8.
MALFORMED = (OverflowError, UnicodeError)
UNREACHABLE = (BotoCoreError, ClientError, OSError, PynamoDBException)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser_of_commands().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        if arguments.needs_table:
            arguments.target = _target(arguments)
            arguments.target.connect()
        return command(arguments)
    except UnreadableRowError as error:
        print(
            _printable(f'error: unreadable: {error} (docs/operations.md, "Unreadable rows")'), file=sys.stderr
        )
        return DIFFERS
    except (*UNREACHABLE, *MALFORMED, SettingsError, StatementError, TargetError) as error:
        print(_printable(f"error: {error}"), file=sys.stderr)
        return IMPOSSIBLE


def _printable(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


def match_refunds(arguments: argparse.Namespace) -> int:
    """Hold our refunds, the orders' ledgers and the statement against each other."""
    since = instant_of(arguments.since) if arguments.since else None
    until = instant_of(arguments.until) if arguments.until else None
    if since is not None and until is not None and until <= since:
        raise StatementError("--until is not after --since")
    with Path(arguments.statement).open(encoding="utf-8", newline="") as file:
        statement = read_statement(file)
    books = read_books()
    differences = match(books, statement, since, until)
    print(table_of(differences))
    print(
        f"{len(books.refunds)} refunds, {len(books.ledgers)} ledgers, {len(statement)} payments: "
        f"{len(differences) or 'no'} difference{'' if len(differences) == 1 else 's'}"
    )
    return DIFFERS if differences else DONE


def table_of(differences: Sequence[Difference]) -> str:
    """The differences as a table for people; empty where there are none."""
    if not differences:
        return ""
    rows = [("difference", "refund or order", "ours", "theirs")]
    rows += [(one.kind.value, one.about, one.ours, one.theirs) for one in differences]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in (lines[0], "  ".join("-" * w for w in widths), *lines[1:]))


def _target(arguments: argparse.Namespace) -> Target:
    queue = getattr(arguments, "retry_queue", None) or ""
    if not arguments.table and not arguments.of_stage:
        if queue:
            raise TargetError("--queue is of a stage on AWS")
        return on_this_machine(LOCAL_PORT if arguments.port is None else arguments.port)
    if arguments.port is not None:
        raise TargetError("--port is of one's own machine, --stage and --table are of AWS")
    return on_aws(arguments.table or "", arguments.region, queue, arguments.of_stage or "")


def parser_of_commands() -> argparse.ArgumentParser:
    """Every command and what it takes."""
    parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    parser.add_argument("--table", help="the table's name on AWS (output TableName of the stack Data)")
    parser.add_argument(
        "--stage", dest="of_stage", help="the stage's name on AWS; --table where it was restored"
    )
    parser.add_argument("--region", default=os.environ.get("AWS_REGION", "us-east-1"))
    parser.add_argument("--port", type=int, help=f"the stack of one's own machine ({LOCAL_PORT})")
    parser.set_defaults(needs_table=True)
    commands = parser.add_subparsers(required=True, metavar="<command>")
    matching = commands.add_parser("match", help=match_refunds.__doc__)
    matching.add_argument("--statement", required=True, help="CSV: see docs/operations.md")
    matching.add_argument("--since", help="from this instant on (RFC 3339)")
    matching.add_argument("--until", help="up to this instant, itself not included (RFC 3339)")
    matching.set_defaults(command=match_refunds)
    refunds.add_commands(commands)
    merged_accounts.add_command(commands)
    list_index.add_command(commands)
    order_ends.add_command(commands)
    pictures.add_command(commands)
    clock.add_command(commands)
    for module in (queues, cases, mails, people, archive, restore, switches):
        module.add_commands(commands)
    audits.add_command(commands)
    trace.add_command(commands)
    redispatch.add_command(commands)
    report.add_command(commands)
    deployment.add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
