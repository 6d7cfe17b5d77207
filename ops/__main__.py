"""`python -m ops`: see docs/operations.md; preflight, bootstrap, deploy, destroy: docs/deploy.md.

On the stack of one's own machine by `--port`; on AWS by `--stage` (or `--table`) and `--region`, with the caller's own
credentials.
Exit code 0: done, or all agrees; 1: something differs, or was so already; 2: it could not be done.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from buyer_protection.adapters.dynamodb.refund_ledgers import read_books
from buyer_protection.adapters.dynamodb.refund_switch import PynamoRefundSwitch
from buyer_protection.application.ports.refund_switch import Hold
from buyer_protection.application.workers.audit import RECENT
from buyer_protection.application.workers.reconciliation import Difference, match
from buyer_protection.domain.timeline import instant, whole_ms
from ops import (
    audits,
    cases,
    deployment,
    list_index,
    mails,
    merged_accounts,
    people,
    queues,
    refunds,
    trace,
)
from ops.redispatch import records_of, records_of_order
from ops.stage_settings import SettingsError
from ops.statement import StatementError, instant_of, read_statement
from ops.target import LOCAL_PORT, Target, TargetError, on_aws, on_this_machine

DONE, DIFFERS, IMPOSSIBLE = 0, 1, 2
UNREACHABLE = (BotoCoreError, ClientError, OSError, PynamoDBException)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser_of_commands().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        if arguments.needs_table:
            arguments.target = _target(arguments)
            arguments.target.connect()
        return command(arguments)
    except (*UNREACHABLE, SettingsError, StatementError, TargetError) as error:
        print(f"error: {error}", file=sys.stderr)
        return IMPOSSIBLE


def hold(arguments: argparse.Namespace) -> int:
    """Stop `RefundRequested` from going out."""
    switch = PynamoRefundSwitch()
    if switch.turn_off(Hold(whole_ms(datetime.now(UTC)), trace.operator(), arguments.note)):
        print("Refunds are held back: none is asked for until `release`. Nothing is lost meanwhile.")
        return DONE
    held(arguments)
    return DIFFERS


def release(_arguments: argparse.Namespace) -> int:
    """Let them go out again."""
    switch = PynamoRefundSwitch()
    found = switch.hold()
    if found is None or not switch.turn_on(found):
        print("Refunds are not held back.")
        return DIFFERS
    print(
        "Released: the sweeper asks for those that waited as each becomes due, an hour after its case ended."
    )
    return DONE


def held(_arguments: argparse.Namespace) -> int:
    """Say whether they are held back, since when, by whom, why."""
    return refunds.print_hold(PynamoRefundSwitch().hold())


def match_refunds(arguments: argparse.Namespace) -> int:
    """Hold our refunds, the orders' ledgers and the statement against each other."""
    since = instant_of(arguments.since) if arguments.since else None
    until = instant_of(arguments.until) if arguments.until else None
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


def redispatch(arguments: argparse.Namespace) -> int:
    """Have what follows from a case's timeline done again: mails that were never written, events, counts. With --orders
    the ids are orders', of which only the end is dispatched."""
    since = instant_of(arguments.since) if arguments.since else datetime.now(UTC) - RECENT
    target = _target(arguments)
    if not trace.begin(arguments, f"redispatch {' '.join(arguments.dispute_id)} since {instant(since)}"):
        return DONE
    sqs, url = target.client("sqs"), target.retry_queue()
    nothing = 0
    find = records_of_order if arguments.orders else records_of
    for one in arguments.dispute_id:
        records = find(one, since)
        for record in records:
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps(record))
        nothing += not records
        print(f"{one}: {len(records)} records since {instant(since)} are dealt with again")
    return DIFFERS if nothing else DONE


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
    if not arguments.table and not arguments.of_stage:
        return on_this_machine(arguments.port)
    queue = getattr(arguments, "retry_queue", None) or ""
    return on_aws(arguments.table or "", arguments.region, queue, arguments.of_stage or "")


def parser_of_commands() -> argparse.ArgumentParser:
    """Every command and what it takes."""
    parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    parser.add_argument("--table", help="the table's name on AWS (output TableName of the stack Data)")
    parser.add_argument(
        "--stage", dest="of_stage", help="the stage's name on AWS; --table where it was restored"
    )
    parser.add_argument("--region", default=os.environ.get("AWS_REGION", "us-east-1"))
    parser.add_argument("--port", type=int, default=LOCAL_PORT, help="the stack of one's own machine")
    parser.set_defaults(needs_table=True)
    commands = parser.add_subparsers(required=True, metavar="<command>")
    holding = commands.add_parser("hold", help=hold.__doc__)
    holding.add_argument("--note", default="", help="why, for the other operators; no personal data")
    holding.set_defaults(command=hold)
    commands.add_parser("release", help=release.__doc__).set_defaults(command=release)
    commands.add_parser("held", help=held.__doc__).set_defaults(command=held)
    matching = commands.add_parser("match", help=match_refunds.__doc__)
    matching.add_argument("--statement", required=True, help="CSV: see docs/operations.md")
    matching.add_argument("--since", help="from this instant on (RFC 3339)")
    matching.add_argument("--until", help="up to this instant, itself not included (RFC 3339)")
    matching.set_defaults(command=match_refunds)
    refunds.add_commands(commands)
    merged_accounts.add_command(commands)
    list_index.add_command(commands)
    for module in (queues, cases, mails, people):
        module.add_commands(commands)
    audits.add_command(commands)
    trace.add_command(commands)
    again = commands.add_parser("redispatch", help=redispatch.__doc__)
    again.add_argument("dispute_id", nargs="+", help="as in the audit's finding MAIL_MISSING")
    again.add_argument(
        "--orders", action="store_true", help="the ids are orders': for one that ended without a case"
    )
    again.add_argument("--since", help="entries from this instant on (RFC 3339); else those of three days")
    again.add_argument(
        "--queue", dest="retry_queue", help="the queue's URL on AWS (output LateChangesQueueUrl)"
    )
    trace.add_options(again, required=False)
    again.set_defaults(command=redispatch)
    deployment.add_commands(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
