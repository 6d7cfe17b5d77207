"""Reads the payment system's statement: CSV with a header, UTF-8.

Columns, in any order: `refund_id`, `amount_minor` (whole minor units), `currency` (ISO 4217), `paid_at` (RFC 3339 with
its offset), `reference`. Others are ignored. A line is money that was paid out; attempts that failed are not in it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime

from buyer_protection.application.workers.reconciliation import Payment
from buyer_protection.domain.money import Money

COLUMNS = ("refund_id", "amount_minor", "currency", "paid_at", "reference")


class StatementError(Exception):
    """The statement cannot be read; the message names line and column."""


def read_statement(lines: Iterable[str]) -> list[Payment]:
    """The payments of a statement. StatementError where it is no UTF-8, a column is missing or a value malformed."""
    reader = csv.DictReader(lines, strict=True)
    try:
        return _payments(reader)
    except csv.Error as error:
        raise StatementError(f"line {reader.line_num}: {error}") from None
    except UnicodeError:
        raise StatementError(f"what follows line {reader.line_num} is not UTF-8") from None


def _payments(reader: csv.DictReader[str]) -> list[Payment]:
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise StatementError(f"the header lacks {', '.join(missing)}")
    return [_payment(reader.line_num, row) for row in reader]


def _payment(line: int, row: dict[str, str | None]) -> Payment:
    values = {name: (row[name] or "").strip() for name in COLUMNS}
    for name, value in values.items():
        if not value:
            raise StatementError(f"line {line}: {name} is empty")
    try:
        amount = Money(int(values["amount_minor"]), values["currency"])
    except ValueError:
        raise StatementError(f"line {line}: amount_minor is not a whole number of minor units") from None
    return Payment(values["refund_id"], amount, instant_of(values["paid_at"], line), values["reference"])


def instant_of(text: str, line: int | None = None) -> datetime:
    """An instant with its offset, in UTC. StatementError otherwise."""
    where = "" if line is None else f"line {line}: "
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (OverflowError, ValueError):
        pass
    raise StatementError(f"{where}{text!a} is no instant such as 2026-03-09T12:00:00Z")
