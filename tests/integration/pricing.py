"""What a transaction costs by DynamoDB's pricing rule: two write units for each begun kilobyte of each item.

An item's size is that of its attribute names and values; of an update, the larger of the sizes before and after counts.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

Item = Mapping[str, Mapping[str, Any]]


def size_of(item: Item) -> int:
    """Bytes of an item, names and values."""
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    if kind == "S":
        return len(value.encode())
    if kind == "SS":
        return sum(len(text.encode()) for text in value)
    if kind == "N":
        digits = value.lstrip("-").replace(".", "").strip("0")
        return math.ceil(len(digits) / 2) + 1
    return len(value) if kind == "B" else 1


def units_of(table: Any, table_name: str, write: Callable[[], None]) -> dict[str, tuple[int, int]]:
    """Size and units of each row that the transaction of `write` touches, by sort key."""
    seen: list[dict[str, Any]] = []
    event = "provide-client-params.dynamodb.TransactWriteItems"

    def look(params: dict[str, Any], **_: Any) -> None:
        for action in params["TransactItems"]:
            ((kind, body),) = action.items()
            source = body["Item"] if kind == "Put" else body["Key"]
            seen.append({"pk": source["pk"], "sk": source["sk"]})

    def sizes() -> list[int]:
        items = (
            table.get_item(TableName=table_name, Key=key, ConsistentRead=True).get("Item") for key in seen
        )
        return [size_of(item) if item else 0 for item in items]

    before: list[int] = []
    table.meta.events.register(event, look)
    table.meta.events.register_last(event, lambda **_: before.extend(sizes()))
    write()
    table.meta.events.unregister(event, look)
    largest = [max(pair) for pair in zip(before, sizes(), strict=True)]
    return {
        key["sk"]["S"]: (size, 2 * max(1, math.ceil(size / 1024)))
        for key, size in zip(seen, largest, strict=True)
    }
