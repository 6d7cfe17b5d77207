"""The cases of merged accounts: what belonged to one id of a person belongs to another from now on (R38)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.case_store import PynamoCaseStore
from buyer_protection.adapters.dynamodb.commit import revision_is
from buyer_protection.adapters.dynamodb.order_lists import listed_row
from buyer_protection.adapters.dynamodb.order_store import PynamoOrderStore, keep_end
from buyer_protection.adapters.dynamodb.person_store import PynamoPersonStore
from buyer_protection.adapters.dynamodb.tables import FactsRow
from buyer_protection.adapters.dynamodb.transaction import RefusedError, Transaction
from buyer_protection.application.ports.case_lists import Listed
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role
from buyer_protection.domain.timeline import whole_ms
from buyer_protection.runtime.incoming import is_id
from ops import trace
from ops.target import TargetError

_PAGE = 25


def move_cases(arguments: argparse.Namespace) -> int:
    """Move the cases of an account, with their orders, to the account that it was merged into."""
    role, old, new = Role(arguments.role.upper()), arguments.old, arguments.new
    if old == new:
        raise TargetError("--from and --to are the same account")
    people = PynamoPersonStore()
    if people.is_any_held({old}) and not people.is_any_held({new}):
        raise TargetError(
            f"a legal hold is set on {old}: set one on {new} too, so that it keeps what is moved"
        )
    listed = list(_cases_of(role, old))
    found = [case for case in listed if isinstance(case, Dispute)]
    left = len(listed) - len(found)
    names = " ".join(case.dispute_id for case in found)
    if not trace.begin(arguments, f"move-cases: {len(found)} of a {role.lower()}: {names}"):
        return 0
    for case in found:
        is_moved = new not in (case.buyer_id, case.seller_id) and _move(case, role, old, new)
        left += not is_moved
        print(
            f"{case.dispute_id}: {'moved' if is_moved else 'left: it has changed, or that account is its other side'}"
        )
    return 1 if left else 0


def _cases_of(role: Role, party_id: str) -> Iterator[Listed]:
    cases, start = PynamoCaseStore(), None
    while True:
        page = cases.page_of_party(role, party_id, limit=_PAGE, start=start)
        for listed in page.items:
            if not isinstance(listed, Dispute):
                print(f"{listed.dispute_id}: left: this version cannot read it")
            yield listed
        start = page.next_key
        if start is None:
            return


def _move(case: Dispute, role: Role, old: str, new: str) -> bool:
    """Case and order in one transaction; False where somebody else has changed one of them meanwhile.

    What was done before stays in the timeline under the id that did it: its entries are never rewritten.
    """
    side = "buyer" if role is Role.BUYER else "seller"
    key_of = keys.buyer_key if role is Role.BUYER else keys.seller_key
    transaction = Transaction()
    values = {f"{side}_id": new, f"{side}_key": key_of(new)}
    transaction.update(FactsRow, keys.facts(case.dispute_id), values, getattr(FactsRow, f"{side}_id") == old)
    loaded = PynamoOrderStore().load(case.order_id)
    if loaded is not None and getattr(loaded.order, f"{side}_id") == old:
        order = replace(loaded.order, revision=loaded.order.revision + 1)
        order = replace(order, buyer_id=new) if role is Role.BUYER else replace(order, seller_id=new)
        row = mapping.order_row(order, whole_ms(datetime.now(UTC)))
        transaction.put_over(row, revision_is(loaded.order.revision) & keep_end(row, loaded))
        transaction.put(listed_row(order))
    try:
        transaction.commit()
    except (RefusedError, ConflictingWriteError):
        return False
    return True


def _account(text: str) -> str:
    if not is_id(text):
        raise argparse.ArgumentTypeError("not an account's id")
    return text


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`move-cases`."""
    moving = commands.add_parser("move-cases", help=move_cases.__doc__)
    moving.add_argument("--role", choices=["buyer", "seller"], required=True)
    moving.add_argument("--from", dest="old", required=True, type=_account, help="the account's id until now")
    moving.add_argument(
        "--to", dest="new", required=True, type=_account, help="the id of the account that it was merged into"
    )
    trace.add_options(moving)
    moving.set_defaults(command=move_cases)
