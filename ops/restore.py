"""What an operator does once a table that was restored to an earlier instant is adopted: docs/restore.md.

`restore gap` lists what the table lacks, `restore payments` enters what was paid meanwhile, so that it is not asked for
again, and `restore stop` ends the executions that wait at the table of before.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from buyer_protection.adapters.aws.system import RandomIds, SystemClock
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore
from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.actions.refunds_elsewhere import record_refund
from buyer_protection.application.schemas.events import RefundSucceeded
from buyer_protection.application.schemas.requests import (
    MoneyModel,
    RefundedItem,
    RefundElsewhereRequest,
)
from buyer_protection.application.workers.inbound_events import receive_event
from buyer_protection.application.workers.reconciliation import Payment
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundKind
from buyer_protection.domain.errors import DisputeError, NotFoundError
from buyer_protection.domain.ledger import settlement_by
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC
from buyer_protection.domain.refunds import dispute_id_of, refund_id_for
from ops import trace
from ops.restore_gap import MOST_ROWS, RUNNING, Execution, differences, executions, is_known, traces_of
from ops.statement import StatementError, instant_of, read_statement
from ops.target import Target

_COLUMNS = ("dispute_id", "found", "status", "entries", "entries_seen", "execution", "mails", "paid")
# Named in Step Functions with each execution that was ended.
CASE_MISSING, TABLE_RESTORED = "CaseMissing", "TableRestored"


def gap(arguments: argparse.Namespace) -> int:
    """List cases that the restored table lacks or has as they were before, by executions, logs and payments. Exit code
    1 if there are any."""
    since, until = _period(arguments)
    payments = _payments(arguments)
    found = traces_of(arguments.target, since, until, payments)
    cases, orders = PynamoCaseStore(), PynamoOrderStore()
    documents = list(differences(found, cases, orders, since))
    if arguments.lines:
        lines = "".join(f"{json.dumps(document)}\n" for document in documents)
        Path(arguments.lines).write_text(lines, encoding="utf-8")
    print(table_of(documents))
    print(f"{len(documents) or 'no'} case{'' if len(documents) == 1 else 's'} differ, of {len(found)} seen")
    if len(found) >= MOST_ROWS:
        print("There may be more: ask for shorter periods.")
    return 1 if documents else 0


def table_of(documents: Sequence[Mapping[str, Any]]) -> str:
    """The documents of `restore_gap.differences` as a table for people; empty where there are none."""
    if not documents:
        return ""
    rows = [_COLUMNS, *(tuple(_cell(document, name) for name in _COLUMNS) for document in documents)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _cell(document: Mapping[str, Any], name: str) -> str:
    if name == "found":
        return "+".join(document["found"])
    if name == "paid":
        paid = (f"{it['amount_minor']} {it['currency']}" for it in document["payments"])
        return ", ".join(paid) or "-"
    return "-" if document[name] is None else str(document[name])


def payments(arguments: argparse.Namespace) -> int:
    """Enter what was paid in the gap, so that it is not asked for again: as the payment of the refund that the table
    has, else as money that the order has back. Exit code 1 if some payment is left to a person."""
    since, until = _period(arguments)
    chosen = [it for it in _payments(arguments) if since <= it.paid_at < until]
    clock = SystemClock()
    orders = PynamoOrderStore()
    context = Context(PynamoCaseStore(), orders, clock, RandomIds(clock), ALIEXPRESS_CLASSIC)
    if not trace.begin(arguments, f"restore payments {' '.join(it.refund_id for it in chosen)}"):
        return 0
    left = 0
    for payment in chosen:
        try:
            said = enter(context, payment)
        except DisputeError as refusal:
            said, left = f"left: {refusal.code}: {refusal}", left + 1
        print(f"{payment.refund_id}: {said}")
    print(f"{len(chosen)} payments, {left or 'none'} left")
    return 1 if left else 0


def enter(context: Context, payment: Payment) -> str:
    """Enter one payment, once: whoever does so again changes nothing. Says what it was entered as.

    NotFoundError where the table has no such case (the shop names the order then, by `POST …/refunds`), and whatever
    the two use cases refuse.
    """
    loaded = context.cases.load(dispute_id_of(payment.refund_id))
    if loaded is None:
        raise NotFoundError
    case, now = loaded.case, context.clock.now()
    if is_known(case, context.orders, payment):
        return "known"
    amount = MoneyModel(payment.amount.amount_minor, payment.amount.currency)
    if case.refund_status is not None and refund_id_for(case) == payment.refund_id:
        answer = RefundSucceeded(
            refund_id=payment.refund_id,
            amount_minor=amount.amount_minor,
            currency=amount.currency,
            occurred_at=payment.paid_at,
            reference=payment.reference,
        )
        receive_event(context, answer, now)
        return "the payment of its refund"
    request = RefundElsewhereRequest(
        payment.refund_id, RefundKind.OTHER, amount, payment.paid_at, _by_line(case, payment)
    )
    record_refund(context, Command(Caller("operator", is_system=True)), case.order_id, request)
    return "money that the order has back: the case can grant what is left"


def _by_line(case: Dispute, payment: Payment) -> list[RefundedItem]:
    """The payment by the lines that the dispute is about, as its own refund would be spread; without what goes to none
    of them."""
    parts = settlement_by(case, payment.amount).refund
    return [
        RefundedItem(item.item_id, item.quantity, MoneyModel(minor, payment.amount.currency))
        for item in case.items
        if (minor := parts.get(item.item_id, 0)) > 0
    ]


def stop(arguments: argparse.Namespace) -> int:
    """End the executions that began before the restored table was adopted: they wait at the table of before. Those of
    lost cases end for good; of every other case the sweeper starts the next one at its next date."""
    before = instant_of(arguments.before)
    target: Target = arguments.target
    cases = PynamoCaseStore()
    chosen = [it for it in executions(target, RUNNING) if it.started < before]
    lost = [it for it in chosen if cases.load(it.dispute_id) is None]
    if arguments.lost:
        chosen = lost
    for one in chosen:
        print(f"{one.dispute_id}  g{one.generation}  {_reason(one, lost)}")
    if chosen and trace.begin(
        arguments, f"restore stop, {len(chosen)} executions, {len(lost)} of lost cases"
    ):
        machine = target.client("stepfunctions")
        for one in chosen:
            cause = f"{trace.operator()}: {arguments.why}"
            machine.stop_execution(executionArn=one.arn, error=_reason(one, lost), cause=cause)
    print(f"{len(chosen)} executions, {len(lost)} of lost cases")
    return 0


def _reason(one: Execution, lost: Sequence[Execution]) -> str:
    return CASE_MISSING if one in lost else TABLE_RESTORED


def _period(arguments: argparse.Namespace) -> tuple[datetime, datetime]:
    since = instant_of(arguments.since)
    until = instant_of(arguments.until) if arguments.until else datetime.now(UTC)
    if until <= since:
        raise StatementError("--until is not after --since")
    return since, until


def _payments(arguments: argparse.Namespace) -> Sequence[Payment]:
    if not arguments.payments:
        return ()
    with Path(arguments.payments).open(encoding="utf-8", newline="") as file:
        return read_statement(file)


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`restore gap|payments|stop`."""
    kinds = commands.add_parser(
        "restore", help="after a table was restored (docs/restore.md)"
    ).add_subparsers(required=True, metavar="gap|payments|stop")
    listing = kinds.add_parser("gap", help=gap.__doc__)
    entering = kinds.add_parser("payments", help=payments.__doc__)
    for parser, command in ((listing, gap), (entering, payments)):
        parser.add_argument("--since", required=True, help="the instant that was restored (RFC 3339)")
        parser.add_argument("--until", help="when the restored table was adopted (RFC 3339); else now")
        parser.add_argument(
            "--payments",
            required=command is payments,
            help="the payment system's statement: CSV, see docs/operations.md",
        )
        parser.set_defaults(command=command)
    listing.add_argument("--lines", help="write the cases into this file, as JSON Lines")
    trace.add_options(entering)
    stopping = kinds.add_parser("stop", help=stop.__doc__)
    stopping.add_argument("--before", required=True, help="when the restored table was adopted (RFC 3339)")
    stopping.add_argument("--lost", action="store_true", help="only those of cases that the table lacks")
    trace.add_options(stopping)
    stopping.set_defaults(command=stop)
