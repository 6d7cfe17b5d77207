"""All refunds and ledgers of the table, for operators: a scan, paged, that leaves every other row aside."""

from collections.abc import Iterator
from typing import Any

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import ElsewhereRow, LedgerRow, RefundRow
from buyer_protection.application.ports.errors import UnreadableRowError
from buyer_protection.application.ports.refund_ledgers import Books, KeptRefund
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.refunds import REFUND_PREFIX


def read_books() -> Books:
    """Every REFUND row and every ledger that counts a refund. Reads the whole table once."""
    refunds: list[KeptRefund] = []
    ledgers: dict[str, int] = {}
    besides: set[str] = set()
    ours = Row.sk.is_in(keys.REFUND, keys.LEDGER) | Row.sk.startswith(keys.elsewhere("", REFUND_PREFIX)[1])
    for row in Row.scan(ours, consistent_read=True):
        if isinstance(row, RefundRow):
            refunds.append(KeptRefund(row.refund_id, row.order_id, row.amount, row.status, row.paid_at))
        elif isinstance(row, LedgerRow) and row.refunded_minor:
            ledgers[keys.id_of(row.pk)] = row.refunded_minor
        elif isinstance(row, ElsewhereRow) and not row.refund.is_ours:
            besides.add(row.refund.refund_id)
    return Books(refunds, ledgers, frozenset(besides))


def read_refunds(left_out: list[UnreadableRowError]) -> Iterator[Refund]:
    """Every REFUND row; the errors of those that cannot be read go to `left_out`. Reads the whole table once."""
    asked: dict[str, Any] = {"filter_condition": Row.sk == keys.REFUND, "consistent_read": True}
    start = None
    while True:
        answer = Row.connection().scan(Row.Meta.table_name, **asked, exclusive_start_key=start)
        for item in answer["Items"]:
            try:
                found = mapping.refund_of(RefundRow.from_raw_data(item))
            except UnreadableRowError as error:
                left_out.append(error)
            else:
                yield found
        start = answer.get("LastEvaluatedKey")
        if not start:
            return
