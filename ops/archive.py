"""`archive show|run|hold|release`: where a closed case is, and what keeps it (R48, docs/operations.md)."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from botocore.config import Config

from buyer_protection.adapters.dynamodb.case_rows import mark_of
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.person_store import PynamoPersonStore
from buyer_protection.application.workers.order_ends import is_held
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.timeline import instant, whole_ms
from ops import trace
from ops.audits import call
from ops.target import Target, TargetError

_CALL_SECONDS = 310


def show(arguments: argparse.Namespace) -> int:
    """Say where a case is: in the table, or in the archive since when; and whether a legal hold keeps it."""
    case, mark = case_of(arguments.dispute), mark_of(arguments.dispute)
    closed = f"closed {instant(case.closed_at)}" if case.closed_at else "open"
    where = f"in the archive since {instant(mark.archived_at)}, {mark.sha256}" if mark else "in the table"
    people = PynamoPersonStore()
    print(f"{case.dispute_id}: {closed}  {where}{'  held' if is_held(people, case) else ''}")
    return 0


def run(arguments: argparse.Namespace) -> int:
    """Archive a closed case now, if its time has come, and bring an archived one up to date."""
    case_of(arguments.dispute)
    if not trace.begin(arguments, f"archive run {arguments.dispute}"):
        return 0
    print(f"{arguments.dispute}: {follow(arguments.target, arguments.dispute)}")
    return 0


def hold(arguments: argparse.Namespace) -> int:
    """Set a legal hold on a case: it leaves neither the table nor the archive, and nothing of it is erased."""
    # Whoever mistypes an id must not believe that the case is kept. A release may outlive its case.
    case_of(arguments.dispute)
    return _hold(arguments, lifts=False)


def release(arguments: argparse.Namespace) -> int:
    """Lift it: the case leaves as if there had been none."""
    return _hold(arguments, lifts=True)


def _hold(arguments: argparse.Namespace, *, lifts: bool) -> int:
    about, word = arguments.dispute, "release" if lifts else "hold"
    if not trace.begin(arguments, f"archive {word} {about}"):
        return 0
    people, now = PynamoPersonStore(), whole_ms(datetime.now(UTC))
    changed = (people.lift if lifts else people.hold)(None, about, now)
    if not changed:
        print(f"{about}: {'no hold is set' if lifts else 'held already'}")
    # Again where it is held already: the call before may have died here.
    print(f"{about}: {'released' if lifts else 'held'}; {follow(arguments.target, arguments.dispute)}")
    return 0 if changed else 1


def case_of(dispute_id: str) -> Dispute:
    """The case, from the table or the archive."""
    loaded = PynamoCaseStore().load(dispute_id)
    if loaded is None:
        raise TargetError(f"{dispute_id}: no such case, or its time is over")
    return loaded.case


def follow(target: Target, dispute_id: str) -> str:
    """Archive a case, or bring an archived one up to date with a hold, by the audit's own function; what became of
    it."""
    client = target.client("lambda", Config(read_timeout=_CALL_SECONDS, retries={"max_attempts": 0}))
    answer = call(client, target.name_of("audit_cases"), {"dispute_id": dispute_id})
    return str(answer.get("archived"))


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`archive show|run|hold|release`."""
    kinds = commands.add_parser("archive", help="closed cases in the archive (docs/operations.md)")
    words = kinds.add_subparsers(required=True, metavar="show|run|hold|release")
    for name, command in (("show", show), ("run", run), ("hold", hold), ("release", release)):
        one = words.add_parser(name, help=command.__doc__)
        one.add_argument("dispute", help="the case's id")
        if command is not show:
            trace.add_options(one)
        one.set_defaults(command=command)
