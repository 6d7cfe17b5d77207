"""DynamoDB's pricing rule for writes, from items in the wire's own format (`{"name": {"S": "text"}}`). Pure.

An item is as large as its names and values in UTF-8. A transactional write costs two units for each started KB of the
larger of the item before and after; an index that a write moves an entry in costs one unit for each started KB of
the entry, twice where the entry changes its place (a deletion and a put).
"""

from __future__ import annotations

import math
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
KB = 1024
TABLE_KEYS = ("pk", "sk")


@dataclass(frozen=True, slots=True)
class Index:
    """A KEYS_ONLY index: it holds an entry for each item that has both of its key attributes."""

    name: str
    keys: tuple[str, ...]


def item_size(item: Item) -> int:
    """Bytes of an item."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Mapping[str, Any]) -> int:
    """Bytes of one attribute value. ValueError for a type that the table does not use."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return _number_size(content)
        case "B":
            return len(content) if isinstance(content, bytes) else len(b64decode(content))
        case "BOOL" | "NULL":
            return 1
        case "L":
            return 3 + sum(1 + value_size(one) for one in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + value_size(one) for name, one in content.items())
    raise ValueError(f"values of type {kind} are not priced")


def _number_size(text: str) -> int:
    """About one byte for two significant digits and one more, a sign another."""
    digits = text.lstrip("-").replace(".", "").strip("0") or "0"
    return math.ceil(len(digits) / 2) + 1 + text.startswith("-")


def transaction_units(before: Item | None, after: Item | None) -> int:
    """Units of one item of a TransactWriteItems on the table itself, indexes left out."""
    size = max(item_size(item) if item else 0 for item in (before, after))
    return 2 * max(1, math.ceil(size / KB))


def index_units(before: Item | None, after: Item | None, indexes: Sequence[Index]) -> int:
    """Units of what the write moves in the indexes. An entry of unchanged keys costs nothing: it holds only those."""
    return sum(_index_units(_entry(before, index), _entry(after, index)) for index in indexes)


def _index_units(before: Item | None, after: Item | None) -> int:
    if before == after:
        return 0
    return sum(max(1, math.ceil(item_size(entry) / KB)) for entry in (before, after) if entry is not None)


def _entry(item: Item | None, index: Index) -> Item | None:
    if item is None or not all(name in item for name in index.keys):
        return None
    return {name: item[name] for name in (*TABLE_KEYS, *index.keys)}
