"""Puts what was stored before lists were kept where the lists find it (docs/decisions/0053). Safe to repeat."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from pynamodb.expressions.update import Action

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.indexes import ByBuyer
from buyer_protection.adapters.dynamodb.order_lists import listed_row
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import FactsRow, LedgerRow, OrderRow, StateRow
from buyer_protection.application.ports.errors import UNREADABLE
from buyer_protection.domain.dispute import Dispute
from ops import trace

_PAGE = 100


def index_lists(arguments: argparse.Namespace) -> int:
    """Put cases and orders of before where the lists find them; once, after the deployment that brought the lists."""
    if not trace.begin(arguments, "index-lists: all cases and orders"):
        return 0
    cases = [_index_case(dispute_id) for dispute_id in _case_ids()]
    orders = [_index_order(order_id) for order_id in order_ids()]
    left = cases.count(None) + orders.count(None)
    for name, found in (("cases", cases), ("orders", orders)):
        unreadable = found.count(None)
        print(
            f"{len(found)} {name}: {sum(map(bool, found))} put in their lists, {unreadable} left: unreadable"
        )
    return 1 if left else 0


def _case_ids() -> Iterator[str]:
    start = None
    while True:
        pks, start = Row.scanned_index(ByBuyer.Meta.index_name, limit=_PAGE, start=start)
        yield from (keys.id_of(pk) for pk in pks)
        if start is None:
            return


def order_ids(after: keys.Key | None = None) -> Iterator[str]:
    """Reads the whole table once, or what follows a row, and no order: one that cannot be read must not end it."""
    orders: dict[str, Any] = {
        "filter_condition": Row.sk == keys.ORDER,
        "attributes_to_get": ["pk"],
        "consistent_read": True,
    }
    start: Any = None if after is None else {"pk": {"S": after[0]}, "sk": {"S": after[1]}}
    while True:
        answer = Row.connection().scan(Row.Meta.table_name, **orders, exclusive_start_key=start)
        yield from (keys.id_of(item["pk"]["S"]) for item in answer["Items"])
        start = answer.get("LastEvaluatedKey")
        if not start:
            return


def _index_order(order_id: str) -> bool | None:
    """Whether it had to be written; None where the order cannot be read."""
    key = keys.order(order_id)
    try:
        row = Row.fetch([key]).get(key)
        if not isinstance(row, OrderRow):
            return None
        listed = listed_row(mapping.order_of(row))
    except UNREADABLE:
        return None
    return listed.put_if(Row.pk.does_not_exist())


def _index_case(dispute_id: str) -> bool | None:
    """Whether something of it had to be written; None where it cannot be read."""
    facts_key, state_key = keys.facts(dispute_id), keys.state(dispute_id)
    try:
        rows = Row.fetch([facts_key, state_key])
        facts, state = rows.get(facts_key), rows.get(state_key)
        if not isinstance(facts, FactsRow) or not isinstance(state, StateRow):
            return None
        case = mapping.dispute_of(facts, state)
        of_facts, of_state = mapping.listed_by_opening(case), mapping.queued_as(case)
    except UNREADABLE:
        return None
    is_there = FactsRow.pk.exists()
    # Whoever changes the case or gives it to somebody meanwhile writes these attributes too.
    holder = StateRow.assigned_to
    as_read = (StateRow.version == case.version) & (
        holder.does_not_exist() if case.assigned_to is None else holder == case.assigned_to
    )
    written = [_written(facts, of_facts, is_there), _written(state, of_state, as_read)]
    try:
        return any([*written, _named_by_its_order(case)])
    except UNREADABLE:
        return None


def _named_by_its_order(case: Dispute) -> bool:
    """The order's ledger names every dispute about it, so that a list by order finds the cancelled ones too."""
    key = keys.ledger(case.order_id)
    row = Row.fetch([key]).get(key)
    named = row.attribute_values.get("disputes") if isinstance(row, LedgerRow) else None
    if row is None or case.dispute_id in (named or ()):
        return False
    return row.change_if(Row.pk.exists(), [LedgerRow.disputes.add((case.dispute_id,))])


def _written(row: Row, values: dict[str, Any], condition: Any) -> bool:
    if all(row.attribute_values.get(name) == value for name, value in values.items()):
        return False
    attributes = type(row).get_attributes()
    actions: list[Action] = [
        attributes[name].remove() if value is None else attributes[name].set(value)
        for name, value in values.items()
    ]
    return row.change_if(condition, actions)


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`index-lists`."""
    parser = commands.add_parser("index-lists", help=index_lists.__doc__)
    trace.add_options(parser)
    parser.set_defaults(command=index_lists)
