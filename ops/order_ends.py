"""Gives orders the end that they would have today (R48): those of before there was one, and those that a hold kept.

Safe to repeat, and to go on with where it was broken off: an order that has an end is left alone. A legal hold on a
person takes the ends of their orders that were never disputed; the archive takes those of the others.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.archive_store import let_order_go
from buyer_protection.adapters.dynamodb.case_rows import mark_of
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.order_lists import places
from buyer_protection.adapters.dynamodb.order_store import keep_undisputed, leaves_at_of, let_undisputed_go
from buyer_protection.adapters.dynamodb.person_store import PynamoPersonStore
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import LedgerRow, OrderRow
from buyer_protection.application.ports.errors import UNREADABLE
from buyer_protection.application.workers.order_ends import disputed_order_leaves_at
from buyer_protection.domain.archive import OrderRetention, Retention
from buyer_protection.domain.enums import Role
from buyer_protection.domain.policy import ALIEXPRESS_CLASSIC, policy_for_stage
from ops import trace
from ops.list_index import order_ids
from ops.target import Target, TargetError

_PAGE, _PART = 1_000, 50
_UNREADABLE, _STAYS = "unreadable", "stay"


class Kept(NamedTuple):
    """How long the stage keeps what: as its own functions have it."""

    orders: OrderRetention
    cases: Retention


def give_ends(arguments: argparse.Namespace) -> int:
    """Give orders of before the end that they would have today; once, after the upgrade. Reads the whole table once."""
    begins = f"order-ends{f' after {arguments.after}' if arguments.after else ''}"
    trace.begin(arguments, begins)
    kept, counts = kept_by(arguments.target), Counter[str]()
    for number, order_id in enumerate(_from(arguments.after), 1):
        counts[_give(order_id, kept, is_dry=arguments.dry_run)] += 1
        if number % _PAGE == 0:
            print(f"{number} orders so far: --after {order_id} goes on from here", flush=True)
    print(_said(counts))
    return 1 if counts[_UNREADABLE] else 0


def take(person_id: str) -> str:
    """Have the orders of a person who is held stay; how many had an end, for the operator."""
    kept = sum(keep_undisputed(order_id) for order_id in _orders_of(person_id))
    return f"orders that were never disputed: {kept} stay"


def give_back(target: Target, person_id: str) -> str:
    """Give the orders of a person who is not held any more their ends; what became of how many, for the operator."""
    kept = kept_by(target)
    return _said(Counter(_give(order_id, kept, is_dry=False) for order_id in _orders_of(person_id)))


def _orders_of(person_id: str) -> Iterator[str]:
    for role in (Role.BUYER, Role.SELLER):
        found = places(role, person_id, _PART, None)
        while found:
            yield from (order_id for _, order_id in found)
            placed_at, order_id = found[-1]
            found = places(role, person_id, _PART, {"placed_at": placed_at, "order_id": order_id})


def _said(counts: Counter[str]) -> str:
    found = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    return f"{counts.total()} orders: {found or 'nothing to do'}"


def _from(after: str | None) -> Iterator[str]:
    return order_ids(keys.order(after) if after else None)


def _give(order_id: str, kept: Kept, *, is_dry: bool) -> str:
    """What becomes of the order, in a word for the operator."""
    key, ledger_key = keys.order(order_id), keys.ledger(order_id)
    try:
        rows = Row.fetch([key, ledger_key])
        row, ledger = rows.get(key), rows.get(ledger_key)
        if not isinstance(row, OrderRow):
            return "left meanwhile"
        order = mapping.order_of(row)
        opened = isinstance(ledger, LedgerRow) and ledger.disputes_opened
        is_held = PynamoPersonStore().is_any_held({order.buyer_id, order.seller_id})
        if leaves_at_of(row) is not None:
            return _taken(order_id, is_dry=is_dry) if is_held and not opened else "have an end"
        at = _with_its_cases(order_id, kept) if opened else kept.orders.leaves_at(order)
    except UNREADABLE:
        return _UNREADABLE
    if at is None or is_held:
        return _STAYS
    if is_dry:
        return "would get an end"
    if opened:
        let_order_go(order_id, at)
    elif not let_undisputed_go(order, at):
        return "changed meanwhile"
    return "got an end"


def _taken(order_id: str, *, is_dry: bool) -> str:
    """The end that an order has although one of its parties is held, by a hold of before there were such."""
    if is_dry:
        return "would lose their end to a hold"
    return "lost their end to a hold" if keep_undisputed(order_id) else "changed meanwhile"


def _with_its_cases(order_id: str, kept: Kept) -> datetime | None:
    """None unless all its cases are archived: the archive gives the order its end with the last of them."""
    cases = PynamoCaseStore()
    if any(mark_of(case.dispute_id) is None for case in cases.cases_of_order(order_id)):
        return None
    return disputed_order_leaves_at(cases, PynamoPersonStore(), kept.cases, order_id)


def kept_by(target: Target) -> Kept:
    """As the stage's own functions have it."""
    name = target.name_of("audit_cases")
    configured = target.client("lambda").get_function_configuration(FunctionName=name)
    variables = configured["Environment"]["Variables"]
    policy = policy_for_stage(ALIEXPRESS_CLASSIC.profile, float(variables["DAY_SECONDS"]))
    if policy is None:
        raise TargetError(f"{name} has no policy")
    days = (int(variables[it]) for it in ("ARCHIVE_AFTER_DAYS", "CASE_RETENTION_DAYS"))
    return Kept(OrderRetention(policy, int(variables["ORDER_RETENTION_DAYS"])), Retention(*days))


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`order-ends`."""
    parser = commands.add_parser("order-ends", help=give_ends.__doc__)
    parser.add_argument("--after", help="go on after this order, as the command before said")
    trace.add_options(parser)
    parser.set_defaults(command=give_ends)
