"""Time given back after an outage: the windows of a status end later, and both parties are informed."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from buyer_protection.adapters.aws.system import SystemClock
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.switches import PynamoClockSwitch
from buyer_protection.application.ports.case_lists import UnreadableCase
from buyer_protection.application.ports.errors import UnreadableRowError
from buyer_protection.application.workers.given_time import Gift, Given, Run, give_time_back
from buyer_protection.domain.enums import Status
from buyer_protection.domain.errors import DisputeError
from buyer_protection.domain.given_time import LATER, LEAST_HOURS, MOST_HOURS
from buyer_protection.domain.timeline import instant
from ops import cases, switches, trace
from ops.statement import instant_of
from ops.target import TargetError

_RUN = re.compile(r"[a-z0-9][a-z0-9-]{2,39}")


def extend(arguments: argparse.Namespace) -> int:
    """Move the end of the open window of cases by hours, once in each run: all cases of --status, or those named.

    Both parties get a mail with the new date. While the clock is held, dates that passed since then are moved too. Exit
    code 1 if a case was left.
    """
    if not (arguments.status or arguments.dispute_id):
        raise TargetError("name disputes, or the statuses of all that get time by --status")
    if arguments.opened_before and arguments.dispute_id:
        raise TargetError("--opened-before chooses among all cases of a --status")
    statuses = sorted(arguments.status or LATER)
    about = " ".join([*(arguments.status or ()), *arguments.dispute_id])
    before = f" opened before {arguments.opened_before}" if arguments.opened_before else ""
    what = f"clock extend --run {arguments.run} --hours {arguments.hours} {about}{before}"
    named = arguments.dispute_id or _ids(arguments, frozenset(statuses))
    trace_id = trace.begin(arguments, what)
    hold = PynamoClockSwitch().hold()
    run = Run(arguments.run, arguments.hours, statuses, trace_id, hold.since if hold else None)
    counts = dict.fromkeys(Gift, 0)
    unreadable = 0
    for dispute_id in named:
        given = _give(dispute_id, run, is_trial=trace_id is None)
        if given is None:
            unreadable += 1
        else:
            counts[given.gift] += 1
            print(f"{dispute_id}: {_said(given, is_trial=trace_id is None)}")
    print(
        f"{counts[Gift.MOVED]} {'to move' if trace_id is None else 'moved'}, {counts[Gift.MOVED_BEFORE]} moved before,"
        f" {counts[Gift.LEFT]} left, {unreadable} unreadable"
    )
    return 1 if unreadable or counts[Gift.LEFT] else 0


def _ids(arguments: argparse.Namespace, statuses: frozenset[Status]) -> Iterator[str]:
    """Every case that the list says to be in one of the statuses; those that it cannot read, for their own look."""
    before = instant_of(arguments.opened_before) if arguments.opened_before else None
    for page in cases.pages():
        for listed in page:
            is_meant = isinstance(listed, UnreadableCase) or (
                listed.status in statuses and (before is None or listed.opened_at < before)
            )
            if is_meant:
                yield listed.dispute_id


def _give(dispute_id: str, run: Run, *, is_trial: bool) -> Given | None:
    """None where the case cannot be read, which is printed."""
    try:
        return give_time_back(PynamoCaseStore(), SystemClock(), dispute_id, run, is_trial=is_trial)
    except UnreadableRowError as error:
        print(f"{dispute_id}: left: unreadable: {error}")
        return None
    except DisputeError as error:
        return Given(Gift.LEFT, why=error.detail)


def _said(given: Given, *, is_trial: bool) -> str:
    if given.gift is Gift.LEFT:
        return f"left: {given.why}"
    if given.due is None or given.previous is None:
        return "this run has moved it before"
    return f"{'would move' if is_trial else 'moved'} from {instant(given.previous)} to {instant(given.due)}"


def _hours(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not LEAST_HOURS <= int(text) <= MOST_HOURS:
        raise argparse.ArgumentTypeError(f"a whole number from {LEAST_HOURS} to {MOST_HOURS}")
    return int(text)


def _run(text: str) -> str:
    if not _RUN.fullmatch(text):
        raise argparse.ArgumentTypeError("3 to 40 lower-case letters, digits and hyphens")
    return text


def _status(text: str) -> Status:
    if text not in LATER:
        raise argparse.ArgumentTypeError(f"one of {', '.join(sorted(LATER))}")
    return Status(text)


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`clock extend`, `clock hold`, `clock release` and `clock held`."""
    kinds = commands.add_parser("clock", help="hold the clock; give people time back").add_subparsers(
        required=True, metavar="extend|hold|release|held"
    )
    switches.add_kinds(kinds, switches.CLOCK)
    extending = kinds.add_parser("extend", help=extend.__doc__)
    extending.add_argument("dispute_id", nargs="*", help="else every case that is in one of the statuses")
    extending.add_argument(
        "--status", action="append", type=_status, metavar="STATUS", help="may be repeated"
    )
    extending.add_argument("--hours", type=_hours, required=True, help="24ths of a day of the case's policy")
    extending.add_argument(
        "--run",
        type=_run,
        required=True,
        help="a name for it: no case gets time twice in a run; shown to both",
    )
    extending.add_argument("--opened-before", help="only cases opened before this instant (RFC 3339)")
    trace.add_options(extending)
    extending.set_defaults(command=extend)
