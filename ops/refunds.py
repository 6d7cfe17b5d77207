"""Refunds that an operator must look at: list them, and ask for those again that nobody asks for any more."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime

from buyer_protection.adapters.aws.system import SystemClock
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.refund_ledgers import read_refunds
from buyer_protection.adapters.dynamodb.refund_store import PynamoRefundStore
from buyer_protection.application.ports.errors import UnreadableRowError
from buyer_protection.application.workers.refunds import ask_for_again
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.refunds import is_unanswered
from buyer_protection.domain.timeline import instant
from ops import switches, trace
from ops.statement import instant_of
from ops.target import TargetError

_STOPPED = frozenset({RefundStatus.GIVEN_UP, RefundStatus.RETURNED})


def list_refunds(arguments: argparse.Namespace) -> int:
    """List refunds that were given up or came back, or that nobody has answered for a day. Reads the whole table."""
    left_out: list[UnreadableRowError] = []
    found = sorted(_chosen(arguments, left_out), key=lambda refund: refund.requested_at)
    for refund in found:
        amount = f"{refund.amount.amount_minor} {refund.amount.currency}"
        print(
            f"{refund.dispute_id}  {refund.status}  {instant(refund.requested_at)}  attempt {refund.attempt}  {amount}"
        )
    for error in left_out:
        print(f"unreadable: {error}")
    print(f"{len(found)} refunds")
    return 1 if found or left_out else 0


def ask_again(arguments: argparse.Namespace) -> int:
    """Ask again for refunds that were given up or came back: those named, or with --all all of the period."""
    if bool(arguments.dispute_id) is arguments.all:
        raise TargetError("name disputes, or all that were given up or came back by --all")
    if arguments.since and not arguments.all:
        raise TargetError("--since chooses among --all")
    left_out: list[UnreadableRowError] = []
    chosen = _chosen(arguments, left_out) if arguments.all else ()
    named = arguments.dispute_id or [refund.dispute_id for refund in chosen]
    for error in left_out:
        print(f"unreadable: {error}")
    if named and not trace.begin(arguments, f"refunds ask-again {' '.join(named)}"):
        return 0
    cases, refunds, clock = PynamoCaseStore(), PynamoRefundStore(), SystemClock()
    left = len(left_out)
    for dispute_id in named:
        try:
            is_asked = ask_for_again(cases, refunds, clock, dispute_id)
        except UnreadableRowError as error:
            left += 1
            print(f"{dispute_id}: left: {error}")
            continue
        left += not is_asked
        said = "the sweeper asks for it again" if is_asked else "was neither given up nor sent back"
        print(f"{dispute_id}: {said}")
    return 1 if left else 0


def _chosen(arguments: argparse.Namespace, left_out: list[UnreadableRowError]) -> Iterator[Refund]:
    since = instant_of(arguments.since) if arguments.since else None
    now, every = datetime.now(UTC), not (arguments.given_up or arguments.unanswered)
    for refund in read_refunds(left_out):
        is_given_up = refund.status in _STOPPED and (every or arguments.given_up)
        is_silent = is_unanswered(refund, now) and (every or arguments.unanswered)
        if (is_given_up or is_silent) and (since is None or refund.requested_at >= since):
            yield refund


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`refunds list`, `refunds ask-again`, `refunds hold` and `refunds release`."""
    refunds = commands.add_parser("refunds", help="list refunds to look at, and ask for them again")
    kinds = refunds.add_subparsers(required=True, metavar="list|ask-again|hold|release|held")
    listing = kinds.add_parser("list", help=list_refunds.__doc__)
    again = kinds.add_parser("ask-again", help=ask_again.__doc__)
    again.add_argument("dispute_id", nargs="*", help="or --all")
    again.add_argument("--all", action="store_true", help="all that were given up or came back")
    for parser in (listing, again):
        parser.add_argument("--since", help="requested from this instant on (RFC 3339)")
    listing.add_argument("--given-up", action="store_true", help="given up, or sent back by the bank")
    listing.add_argument("--unanswered", action="store_true", help="without an answer for a day")
    listing.set_defaults(command=list_refunds)
    trace.add_options(again)
    again.set_defaults(command=ask_again, given_up=True, unanswered=False)
    switches.add_kinds(kinds, switches.REFUNDS)
