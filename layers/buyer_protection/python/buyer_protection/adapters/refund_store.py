"""REFUND rows (port `RefundStore`)."""

from datetime import datetime, timedelta

from buyer_protection.adapters import keys, mapping
from buyer_protection.adapters.row import Row
from buyer_protection.adapters.tables import RefundRow
from buyer_protection.domain.dispute import Refund

_ASK_AGAIN_AFTER = timedelta(hours=1)


class PynamoRefundStore:
    """Refunds that the shop's payment system has not answered yet."""

    def overdue(self, case_id: str, now: datetime) -> Refund | None:
        """See `RefundStore.overdue`."""
        key = keys.refund(case_id)
        row = Row.fetch([key]).get(key)
        if not isinstance(row, RefundRow) or not row.due_key or row.due_at > now:
            return None
        moved = RefundRow(*key).change_if(
            RefundRow.due_at == row.due_at, [RefundRow.due_at.set(now + _ASK_AGAIN_AFTER)]
        )
        return mapping.refund_of(row) if moved else None
