"""A person's data: what is asked to be erased, and what is held (R48). Ids only: nothing of the data is shown."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from buyer_protection.adapters.aws.person_files import S3PersonFiles
from buyer_protection.adapters.aws.system import RandomIds, SystemClock
from buyer_protection.adapters.dynamodb.case_rows import mark_of
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.adapters.dynamodb.person_store import PynamoPersonStore
from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.people import blocker, cases_of, request_erasure, stop_erasure
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.domain.erasure import Erasure
from buyer_protection.domain.errors import ConflictError, NotFoundError
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC
from buyer_protection.domain.timeline import instant, whole_ms
from ops import order_ends, trace
from ops.archive import case_of, follow
from ops.target import TargetError


def erase(arguments: argparse.Namespace) -> int:
    """Ask to erase what is kept of a person: it begins in seven policy days, and can be stopped until then."""
    return _change(arguments, f"person erase {arguments.person_id}")


def stop(arguments: argparse.Namespace) -> int:
    """Stop an erasure that has not begun."""
    return _change(arguments, f"person stop {arguments.person_id}")


def show(arguments: argparse.Namespace) -> int:
    """Say where the erasure of a person stands, and what keeps their data from being erased now."""
    people, person_id = PynamoPersonStore(), arguments.person_id
    erasure = people.erasure(person_id)
    print(_line(erasure) if erasure else "no erasure was asked for")
    found = blocker(PynamoCaseStore(), people, person_id)
    print(f"kept from it by: {found or 'nothing'}")
    return 0


def hold(arguments: argparse.Namespace) -> int:
    """Set a legal hold on a person or a case: nothing of it is erased or leaves until it is lifted."""
    return _hold(arguments, lifts=False)


def lift(arguments: argparse.Namespace) -> int:
    """Lift a legal hold."""
    return _hold(arguments, lifts=True)


def replay(arguments: argparse.Namespace) -> int:
    """After a restore: ask again for each erasure that had begun, as the notes beside the files say."""
    people, now = PynamoPersonStore(), whole_ms(datetime.now(UTC))
    noted = S3PersonFiles(arguments.bucket).noted_erasures()
    if not trace.begin(arguments, f"person replay: {len(noted)} noted"):
        return 0
    failed = 0
    for person_id, at in noted:
        before = people.erasure(person_id)
        if before is not None and before.ended_at is not None and before.ended_at >= at:
            print(f"{person_id}: erased")
            continue
        try:
            people.keep_erasure(Erasure(person_id, now, now), before, now)
            print(f"{person_id}: erased by the sweeper's next round")
        except ConflictingWriteError:
            print(f"{person_id}: changed meanwhile; give the command again")
            failed += 1
    return 1 if failed else 0


def _change(arguments: argparse.Namespace, what: str) -> int:
    if not arguments.day_seconds > 0:
        raise TargetError("a day has more than no seconds")
    policy = replace(ALIEXPRESS_CLASSIC, day_seconds=arguments.day_seconds)
    if not trace.begin(arguments, what):
        return 0
    clock, people = SystemClock(), PynamoPersonStore()
    context = Context(PynamoCaseStore(), PynamoOrderStore(), clock, RandomIds(clock), policy)
    try:
        if arguments.stops:
            print(_line(stop_erasure(context, people, arguments.person_id)))
        else:
            print(_line(request_erasure(context, people, arguments.person_id, policy)))
    except (ConflictError, NotFoundError) as refusal:
        print(f"refused: {refusal.code}: {refusal}")
        return 1
    return 0


def _hold(arguments: argparse.Namespace, *, lifts: bool) -> int:
    people, now = PynamoPersonStore(), whole_ms(datetime.now(UTC))
    about = arguments.person or arguments.dispute
    if arguments.dispute and not lifts:
        # Whoever mistypes an id must not believe that the case is kept. A lift may outlive its case.
        case_of(arguments.dispute)
    if not trace.begin(arguments, f"person {'lift' if lifts else 'hold'} {about}"):
        return 0
    do = people.lift if lifts else people.hold
    is_done = do(arguments.person, arguments.dispute, now)
    done, there_already = ("the hold is lifted", "no hold is set") if lifts else ("held", "held already")
    print(f"{about}: {done if is_done else there_already}")
    # What was broken off, or met a write under way, is made good by the same command.
    if arguments.person:
        person_id = arguments.person
        print(order_ends.give_back(arguments.target, person_id) if lifts else order_ends.take(person_id))
    archived = [one for one in _cases_about(arguments) if mark_of(one) is not None]
    for one in archived:
        print(f"{one}: {follow(arguments.target, one)}")
    return 0 if is_done else 1


def _cases_about(arguments: argparse.Namespace) -> Iterable[str]:
    if arguments.dispute:
        return [arguments.dispute]
    return (case.dispute_id for case in cases_of(PynamoCaseStore(), arguments.person))


def _line(erasure: Erasure) -> str:
    ended = f"  ended {instant(erasure.ended_at)}" if erasure.ended_at else ""
    return (
        f"{erasure.person_id}: {erasure.status}  asked for {instant(erasure.requested_at)}"
        f"  begins {instant(erasure.effective_at)}{ended}"
    )


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`person erase|stop|show|hold|lift|replay`."""
    kinds = commands.add_parser("person", help="a person's data (docs/privacy.md)").add_subparsers(
        required=True, metavar="erase|stop|show|hold|lift|replay"
    )
    for name, command in (("erase", erase), ("stop", stop)):
        one = kinds.add_parser(name, help=command.__doc__)
        one.add_argument("person_id")
        one.add_argument(
            "--day-seconds", type=float, default=86_400, help="of the stage, where it is not a day's"
        )
        trace.add_options(one)
        one.set_defaults(command=command, stops=name == "stop")
    showing = kinds.add_parser("show", help=show.__doc__)
    showing.add_argument("person_id")
    showing.set_defaults(command=show)
    for name, command in (("hold", hold), ("lift", lift)):
        one = kinds.add_parser(name, help=command.__doc__)
        about = one.add_mutually_exclusive_group(required=True)
        about.add_argument("--person", help="the person's id")
        about.add_argument("--dispute", help="the case's id")
        trace.add_options(one)
        one.set_defaults(command=command)
    again = kinds.add_parser("replay", help=replay.__doc__)
    again.add_argument("--bucket", required=True, help="output EvidenceBucketName of the stack Data")
    trace.add_options(again)
    again.set_defaults(command=replay)
