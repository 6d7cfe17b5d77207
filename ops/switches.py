"""The operators' switches: hold something, release it, say whether it is held. Each is one row of the table."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from buyer_protection.adapters.dynamodb.switches import (
    PynamoClockSwitch,
    PynamoOpeningSwitch,
    PynamoRefundSwitch,
    PynamoSwitch,
)
from buyer_protection.application.ports.switches import Hold
from buyer_protection.domain.timeline import instant, whole_ms
from ops import trace


class Words(NamedTuple):
    """What is held, as the command is called; how it is said, and what holding and releasing it means."""

    name: str
    switch: Callable[[], PynamoSwitch]
    subject: str
    verb: str
    goes_on: str
    held: str
    released: str


REFUNDS = Words(
    "refunds",
    PynamoRefundSwitch,
    "Refunds",
    "are held back",
    "Refunds go out.",
    "none is asked for until `refunds release`. Nothing is lost meanwhile.",
    "the sweeper asks for those that waited as each becomes due.",
)
CLOCK = Words(
    "clock",
    PynamoClockSwitch,
    "The clock",
    "is held",
    "The clock runs.",
    "no window ends and no reminder leaves until `clock release`. Give time back (`clock extend`) before that.",
    "the sweeper ends what is due within two minutes.",
)
OPENINGS = Words(
    "openings",
    PynamoOpeningSwitch,
    "Openings",
    "are held",
    "Disputes are opened.",
    "nobody can open a dispute until `openings release`; open ones go on.",
    "disputes are opened again.",
)


def held_now(words: Words) -> Callable[[argparse.Namespace], int]:
    """The command that says whether it is held."""

    def held(_arguments: argparse.Namespace) -> int:
        found = words.switch().hold()
        if found is None:
            print(words.goes_on)
            return 0
        by = f" by {found.by}" if found.by else ""
        note = f": {found.note}" if found.note else ""
        print(f"{words.subject} {words.verb} since {instant(found.since)}{by}{note}")
        return 1

    return held


def hold_by(words: Words) -> Callable[[argparse.Namespace], int]:
    """The command that holds it."""

    def hold(arguments: argparse.Namespace) -> int:
        switch = words.switch()
        if switch.hold() is not None:
            print(f"{words.subject} {words.verb} already.")
            return 1
        if trace.begin(arguments, f"{words.name} hold"):
            if not switch.turn_off(Hold(whole_ms(datetime.now(UTC)), trace.operator(), arguments.why)):
                print(f"Somebody else was first: `{words.name} held` says who.")
                return 1
            print(f"{words.subject} {words.verb}: {words.held}")
        return 0

    return hold


def release_by(words: Words) -> Callable[[argparse.Namespace], int]:
    """The command that lets it go on."""

    def release(arguments: argparse.Namespace) -> int:
        switch = words.switch()
        found = switch.hold()
        if found is None:
            print(words.goes_on)
            return 1
        since = f"held since {instant(found.since)} by {found.by or 'unknown'}: {found.note}"
        if trace.begin(arguments, f"{words.name} release, {since}"):
            if not switch.turn_on(found):
                print(f"Somebody else has just released it, or held it anew: see `{words.name} held`.")
                return 1
            print(f"Released: {words.released}")
        return 0

    return release


def add_kinds(kinds: argparse._SubParsersAction[argparse.ArgumentParser], words: Words) -> None:
    """`hold`, `release` and `held`."""
    for name, command, text in (
        ("hold", hold_by(words), f"{words.subject} {words.verb} from now on: {words.held}"),
        ("release", release_by(words), f"It goes on: {words.released}"),
    ):
        parser = kinds.add_parser(name, help=text)
        trace.add_options(parser)
        parser.set_defaults(command=command)
    asking = kinds.add_parser("held", help="Since when, by whom and why; exit code 1 while it is held.")
    asking.set_defaults(command=held_now(words))


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`openings hold`, `openings release` and `openings held`. The others have commands of their own beside these."""
    openings = commands.add_parser("openings", help="let nobody open a dispute for a while")
    add_kinds(openings.add_subparsers(required=True, metavar="hold|release|held"), OPENINGS)
