"""What an attribute is once a person's data in it is overwritten (R48). Every function is about one side of a case or
an order, gives the value itself where nothing of that side is in it, and does nothing the second time.

Texts go with their salts, so that nobody finds them from the digests that stay; ids, amounts and instants stay.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias, cast

from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.stored_responses import deflate, inflate
from buyer_protection.domain.enums import Role
from buyer_protection.domain.order import Contact, Order
from buyer_protection.domain.proof import DIGESTS, OWN_TEXTS
from buyer_protection.domain.return_goods import ReturnAddress, ReturnParcel
from buyer_protection.domain.sides import ContactRecord, PartyNames

# (value, row, side) -> value
Blank: TypeAlias = Callable[[Any, Row, Role], Any]

# The members of answers that hold what people wrote, what they are called, and where they live; whatever is below one
# of them counts too. A test compares them with the contract.
TEXT_MEMBERS = frozenset(
    {
        "address",
        "address_lines",
        "carrier",
        "claim_text",
        "country",
        "description",
        "display_name",
        "email",
        "fields",
        "how",
        "lines",
        "metadata",
        "name",
        "note",
        "postal_code",
        "question",
        "rationale",
        "return_address",
        "salt",
        "sha256",
        "text",
        "texts",
        "tracking_number",
        "url",
    }
)


def of_buyer(to: Any) -> Blank:
    """Becomes `to` where the buyer's is overwritten."""
    return lambda value, _row, side: to if side is Role.BUYER else value


def of_seller(to: Any) -> Blank:
    """Becomes `to` where the seller's is overwritten."""
    return lambda value, _row, side: to if side is Role.SELLER else value


def of_either(to: Any) -> Blank:
    """Becomes `to`, whoever's is overwritten."""
    return lambda _value, _row, _side: to


def of_author(author: str, to: Any) -> Blank:
    """Becomes `to` where that attribute of the row names the side."""
    return lambda value, row, side: to if row.attribute_values.get(author) is side else value


def contact_record(value: ContactRecord, _row: Row, side: Role) -> ContactRecord:
    """How the buyer says that the seller was contacted; that it was stays."""
    return replace(value, how="") if side is Role.BUYER else value


def names(value: PartyNames, _row: Row, side: Role) -> PartyNames:
    """What that side is called."""
    return replace(value, buyer="") if side is Role.BUYER else replace(value, seller="")


def return_parcel(value: ReturnParcel, _row: Row, side: Role) -> ReturnParcel:
    """The buyer's words about the parcel; when it went, and to which address, stays."""
    return replace(value, carrier="", tracking_number="") if side is Role.BUYER else value


def return_addresses(value: tuple[ReturnAddress, ...], _row: Row, side: Role) -> tuple[ReturnAddress, ...]:
    """The lines of each of the seller's addresses; which there were, and since when, stays."""
    return tuple(replace(it, lines=(), salt="") for it in value) if side is Role.SELLER else value


def order(value: Order, _row: Row, side: Role) -> Order:
    """The contact of that side; with the buyer's the address of delivery."""
    nobody = Contact("", "")
    if side is Role.SELLER:
        return replace(value, seller=nobody)
    return replace(value, buyer=nobody, address_lines=(), postal_code="", country="")


def own_texts(value: dict[str, Any], row: Row, side: Role) -> dict[str, Any] | None:
    """The texts of an entry that the side made."""
    return None if row.attribute_values.get("actor_role") is side else value


def old_data(value: dict[str, Any], row: Row, side: Role) -> dict[str, Any]:
    """The texts that an entry of before holds itself: its hash stays, and `erased` says why it does not fit."""
    known = row.attribute_values
    if known.get("actor_role") is not side:
        return value
    names_of_texts = OWN_TEXTS.get(known["event"], ())
    old = {name: "" for name in names_of_texts if value.get(name) and name not in value.get(DIGESTS, {})}
    return {**value, **old}


def is_erased_entry(value: bool | None, row: Row, side: Role) -> bool | None:
    """Whether the entry's own text was overwritten."""
    data = row.attribute_values["data"]
    return value if old_data(data, row, side) == data else True


def is_erased_item(value: bool | None, row: Row, side: Role) -> bool | None:
    """Whether what was given as evidence was overwritten."""
    return True if row.attribute_values["party"] is side else value


def stored_answer(value: bytes, _row: Row, _side: Role) -> bytes:
    """An answer that is kept for its repetition, without any text: it is a copy, whosever the texts are."""
    said = inflate(value)
    # Nothing but JSON is ever answered, and nothing at all by some calls.
    without = (
        json.dumps(without_texts(json.loads(said)), separators=(",", ":"), ensure_ascii=False) if said else ""
    )
    return value if without.encode() == said else deflate(without.encode())


def brief(value: dict[str, Any], _row: Row, _side: Role) -> dict[str, Any]:
    """What the team was given to decide on, without the texts."""
    return cast("dict[str, Any]", without_texts(value))


def without_texts(value: Any, *, below_one: bool = False) -> Any:
    """A document with "" for every text of people."""
    if isinstance(value, dict):
        return {
            name: without_texts(one, below_one=below_one or name in TEXT_MEMBERS)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [without_texts(one, below_one=below_one) for one in value]
    return "" if below_one and isinstance(value, str) else value


def taken_away(before: Any, after: Any) -> Any:
    """The parts of a value, as plain JSON, that overwriting changes; None where it changes nothing."""
    if before == after:
        return None
    if isinstance(before, dict) and isinstance(after, dict):
        parts = {name: taken_away(one, after.get(name)) for name, one in before.items()}
        return {name: part for name, part in parts.items() if part is not None} or None
    return before or None
