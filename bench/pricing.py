"""What AWS charges: DynamoDB's units, and a dated table of prices. Pure.

Items are in the wire's own format, `{"name": {"S": "text"}}`. An item is as large as its names and values in UTF-8. A
transactional write costs two units for each started KB of the larger of the item before and after, any other write
half of that. An index that a write moves an entry in costs one unit for each started KB of the entry, twice where the
entry changes its place (a deletion and a put). A read costs one unit for each started 4 KB, half of that where it need
not be consistent.
"""

from __future__ import annotations

import math
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
KB = 1024
READ_BYTES = 4 * KB
# An entry of an index, where a query counts entries, which are read and not sent.
ENTRY_BYTES = 160
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
        case "SS":
            return sum(len(text.encode()) for text in content)
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


def write_units(before: Item | None, after: Item | None) -> int:
    """Units of one item outside a transaction, indexes left out; a refused write costs as much."""
    return transaction_units(before, after) // 2


def read_units(operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """Units of a read by what it answered: of each item apart for keys, of all together for a query or scan."""
    match operation:
        case "GetItem":
            return _started(item_size(answer.get("Item", {}))) * _share(parameters)
        case "BatchGetItem":
            return sum(
                _batch_units(table, asked, answer) for table, asked in parameters["RequestItems"].items()
            )
        case "Query" | "Scan" if parameters.get("Select") == "COUNT":
            return _started(answer["Count"] * ENTRY_BYTES) * _share(parameters)
        case "Query" | "Scan":
            return _started(sum(map(item_size, answer.get("Items", ())))) * _share(parameters)
    return 0


def _batch_units(table: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    found = answer.get("Responses", {}).get(table, ())
    absent = len(asked["Keys"]) - len(found)
    return (sum(_started(item_size(item)) for item in found) + absent) * _share(asked)


def _started(size: int) -> int:
    return max(1, math.ceil(size / READ_BYTES))


def _share(parameters: Mapping[str, Any]) -> float:
    return 1 if parameters.get("ConsistentRead") else 0.5


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


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for one unit in us-east-1, list price of the first tier, without free tiers and discounts.

    `as_of` dates the copy of AWS's page, or the report about it, that was read last: check it against `source` before a
    decision rests on it.
    """

    dollars: float
    unit: str
    source: str
    as_of: str


_MILLION = 1e6
_AWS = "https://aws.amazon.com"
PRICES: Mapping[str, Price] = {
    "api": Price(3.50 / _MILLION, "call of a REST API", f"{_AWS}/api-gateway/pricing", "2026-05"),
    "cdn_request": Price(1.00 / _MILLION, "HTTPS request of a page", f"{_AWS}/cloudfront/pricing", "2025-06"),
    "waf": Price(0.60 / _MILLION, "request", f"{_AWS}/waf/pricing", "2025-06"),
    "lambda_request": Price(0.20 / _MILLION, "invocation", f"{_AWS}/lambda/pricing", "2026-05"),
    "lambda_gb_second": Price(0.0000133334, "GB-second on arm64", f"{_AWS}/lambda/pricing", "2026-05"),
    "write_unit": Price(0.625 / _MILLION, "write request unit", f"{_AWS}/dynamodb/pricing/on-demand", "2025-07"),
    "read_unit": Price(0.125 / _MILLION, "read request unit", f"{_AWS}/dynamodb/pricing/on-demand", "2025-07"),
    "stored_gb_month": Price(0.25 + 0.20, "GB-month with recovery", f"{_AWS}/dynamodb/pricing/on-demand", "2025-06"),
    "transition": Price(25 / _MILLION, "state transition", f"{_AWS}/step-functions/pricing", "2025-06"),
    "sqs_request": Price(0.40 / _MILLION, "request", f"{_AWS}/sqs/pricing", "2025-06"),
    "event": Price(1.00 / _MILLION, "custom event", f"{_AWS}/eventbridge/pricing", "2025-06"),
    "schedule": Price(1.00 / _MILLION, "invocation of a schedule", f"{_AWS}/eventbridge/pricing", "2025-06"),
    "log_gb": Price(0.50, "GB of logs", f"{_AWS}/cloudwatch/pricing", "2025-06"),
    "trace": Price(5.00 / _MILLION, "trace", f"{_AWS}/xray/pricing", "2025-06"),
    "mail": Price(0.10 / 1_000, "mail", f"{_AWS}/ses/pricing", "2025-06"),
    "scan_gb": Price(0.09, "GB scanned", f"{_AWS}/guardduty/pricing", "2025-06"),
    "scanned_object": Price(0.215 / 1_000, "object scanned", f"{_AWS}/guardduty/pricing", "2025-06"),
    "sign_in": Price(0.015, "active user a month, Essentials", f"{_AWS}/cognito/pricing", "2025-06"),
    "durable_operation": Price(8.00 / _MILLION, "durable operation", f"{_AWS}/lambda/pricing", "2026-09-20"),
    "server_hour": Price(0.0816, "hour of an m7g.large", f"{_AWS}/ec2/pricing/on-demand", "2025-06"),
    "database_hour": Price(0.318, "hour of a db.m6g.large in two zones", f"{_AWS}/rds/postgresql/pricing", "2025-06"),
}  # fmt: skip
