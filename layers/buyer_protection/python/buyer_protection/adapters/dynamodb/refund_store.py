"""REFUND rows (port `RefundStore`)."""

from dataclasses import replace
from datetime import datetime

from pynamodb.expressions.update import Action

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import RefundRow
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.refunds import pause_after

# The first attempt is made by the stream's reader, which notes nothing.
SECOND = 2


class PynamoRefundStore:
    """Refunds that the shop's payment system is still to be asked for."""

    def overdue(self, dispute_id: str, now: datetime) -> Refund | None:
        """See `RefundStore.overdue`."""
        key = keys.refund(dispute_id)
        row = Row.fetch([key]).get(key)
        if not isinstance(row, RefundRow) or not row.due_key or row.due_at > now:
            return None
        refund = mapping.refund_of(row)
        return replace(refund, attempt=refund.attempt + 1)

    def attempts(self, dispute_id: str) -> int:
        """See `RefundStore.attempts`."""
        key = keys.refund(dispute_id)
        row = Row.fetch([key]).get(key)
        return mapping.refund_of(row).attempt if isinstance(row, RefundRow) else 0

    def note_asked(self, refund: Refund, now: datetime) -> bool:
        """See `RefundStore.note_asked`."""
        # Whoever asks raises the attempt, whoever moves the row moves it beyond the instant at which it was read, and
        # an answer changes its status.
        before = RefundRow.attempt == refund.attempt - 1
        if refund.attempt <= SECOND:
            before |= RefundRow.attempt.does_not_exist()
        unchanged = (RefundRow.due_at <= now) & (RefundRow.status == refund.status) & before
        moved: list[Action] = [
            RefundRow.attempt.set(refund.attempt),
            RefundRow.due_at.set(now + pause_after(refund)),
        ]
        if refund.status is RefundStatus.FAILED and refund.first_retry is None:
            moved.append(RefundRow.first_retry.set(refund.attempt))
        return RefundRow(*keys.refund(refund.dispute_id)).change_if(unchanged, moved)
