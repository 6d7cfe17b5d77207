"""Whether a legal hold stands (R48): what it is on stays, whatever end it would have had."""

from collections.abc import Iterable
from typing import Any

from buyer_protection.adapters.dynamodb import keys
from buyer_protection.adapters.dynamodb.person_tables import LegalHoldRow
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.application.ports.errors import UNREADABLE


def is_any_held(pks: Iterable[str]) -> bool:
    """Whether one stands on one of these people or cases, by their partition keys: one consistent batch."""
    return any(stands(item) for item in Row.fetch_items(keys.legal_hold(pk) for pk in pks).values())


def stands(item: dict[str, Any]) -> bool:
    """Whether the hold that is stored so still stands."""
    try:
        row = Row.from_raw_data(item)
    except UNREADABLE:
        # It was reported. What stays too long can be let go; what has left does not come back.
        return True
    return isinstance(row, LegalHoldRow) and row.until is None
