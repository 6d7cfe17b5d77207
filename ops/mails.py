"""Mails: hold them back, let them go, send one again."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pynamodb.expressions.update import Action

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.outbox import DROPPED, PENDING
from buyer_protection.adapters.dynamodb.tables import MailRow
from buyer_protection.application.mails.delivery import GIVEN_UP, LEASE_SECONDS
from buyer_protection.application.ports.errors import UnreadableRowError
from buyer_protection.application.ports.mail_transport import Refusal
from buyer_protection.domain.enums import Role
from buyer_protection.domain.timeline import whole_ms
from ops import trace
from ops.target import Target, TargetError

# Dropped over what can be repaired. What was dropped as outdated would be dropped again.
_REPAIRABLE = frozenset({GIVEN_UP, Refusal.MESSAGE_REFUSED.value})


def hold(arguments: argparse.Namespace) -> int:
    """Let SES take no mails of the stage: they wait, and are tried again for three days."""
    return _switch(arguments, is_on=False)


def release(arguments: argparse.Namespace) -> int:
    """Let them go: each leaves at its next attempt, a quarter of an hour later at most."""
    return _switch(arguments, is_on=True)


def held(arguments: argparse.Namespace) -> int:
    """Say whether mails are held back. Exit code 1 while they are."""
    is_held = not _goes_out(arguments.target)
    print("Mails are held back." if is_held else "Mails go out.")
    return 1 if is_held else 0


def _switch(arguments: argparse.Namespace, *, is_on: bool) -> int:
    target: Target = arguments.target
    word = "release" if is_on else "hold"
    if _goes_out(target) is is_on:
        print("Mails go out already." if is_on else "Mails are held back already.")
        return 1
    if trace.begin(arguments, f"mails {word}"):
        name = target.name_of("mail")
        target.client("sesv2").put_configuration_set_sending_options(
            ConfigurationSetName=name, SendingEnabled=is_on
        )
        print("Released." if is_on else "Held back: SES refuses them until `mails release`.")
    return 0


def _goes_out(target: Target) -> bool:
    found = target.client("sesv2").get_configuration_set(ConfigurationSetName=target.name_of("mail"))
    return bool(found.get("SendingOptions", {}).get("SendingEnabled", True))


def resend(arguments: argparse.Namespace) -> int:
    """Send mails of cases again: those that wait, were given up or refused; with --seq that one, sent or not."""
    target: Target = arguments.target
    now = whole_ms(datetime.now(UTC))
    left = 0
    for dispute_id in arguments.dispute_id:
        left_out: list[UnreadableRowError] = []
        rows = list(_chosen(dispute_id, arguments, left_out))
        for error in left_out:
            print(f"{dispute_id}: left: unreadable: {error}")
        left += bool(left_out)
        names = ", ".join(f"{row.seq} to {row.recipient}" for row in rows) or "none"
        left += not rows
        if not rows:
            print(f"{dispute_id}: no such mail")
            continue
        url = target.queue("notifications")
        if trace.begin(arguments, f"mails resend {dispute_id}: {names}"):
            done = [_again(row, dispute_id, now) for row in rows]
            target.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"case_id": dispute_id}))
            left += not all(done)
            print(f"{dispute_id}: {sum(done)} of {len(rows)} mails are sent again, if still useful: {names}")
    return 1 if left else 0


def _chosen(
    dispute_id: str, arguments: argparse.Namespace, left_out: list[UnreadableRowError]
) -> Iterator[MailRow]:
    if arguments.seq is not None and len(arguments.dispute_id) > 1:
        raise TargetError("--seq is of one case")
    mails = MailRow.sk.startswith(keys.MAIL_PREFIX)
    for row in MailRow.collection(keys.case_pk(dispute_id), mails, left_out=left_out):
        if arguments.to and row.recipient.value != arguments.to:
            continue
        if arguments.seq is not None:
            if row.seq == arguments.seq:
                yield row
        elif row.status == PENDING or (row.status == DROPPED and row.dropped in _REPAIRABLE):
            yield row


def _again(row: MailRow, dispute_id: str, now: datetime) -> bool:
    """As if it were new, unless somebody has seen to it meanwhile or sends it just now."""
    lease = row.attribute_values.get("leased_until")
    if lease is not None and now < lease <= now + timedelta(seconds=LEASE_SECONDS):
        return False
    actions: list[Action] = [
        MailRow.status.set(PENDING),
        MailRow.attempts.set(0),
        MailRow.due_key.set(keys.due_key(dispute_id)),
        MailRow.due_at.set(now),
        *(
            attribute.remove()
            for attribute in (MailRow.leased_until, MailRow.settled_at, MailRow.message_id, MailRow.dropped)
        ),
    ]
    return row.change_if((MailRow.status == row.status) & (MailRow.attempts == row.attempts), actions)


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`mails hold|release|held|resend`."""
    mails = commands.add_parser("mails", help="hold mails back, let them go, send one again")
    kinds = mails.add_subparsers(required=True, metavar="hold|release|held|resend")
    for name, command in (("hold", hold), ("release", release)):
        parser = kinds.add_parser(name, help=command.__doc__)
        trace.add_options(parser)
        parser.set_defaults(command=command)
    kinds.add_parser("held", help=held.__doc__).set_defaults(command=held)
    again = kinds.add_parser("resend", help=resend.__doc__)
    again.add_argument("dispute_id", nargs="+")
    again.add_argument("--seq", type=int, help="the entry that the mail is about")
    again.add_argument("--to", choices=[Role.BUYER.value, Role.SELLER.value])
    trace.add_options(again)
    again.set_defaults(command=resend)
