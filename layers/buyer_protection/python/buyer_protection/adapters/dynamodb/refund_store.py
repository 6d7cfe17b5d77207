"""REFUND rows (port `RefundStore`)."""

from dataclasses import replace
from datetime import datetime

from pynamodb.expressions.update import Action

from buyer_protection.adapters.dynamodb import keys, mapping
from buyer_protection.adapters.dynamodb.row import Row
from buyer_protection.adapters.dynamodb.tables import RefundRow
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.refunds import needs_operator


class PynamoRefundStore:
    """Refunds that the shop's payment system is still to be asked for."""

    def overdue(self, dispute_id: str, now: datetime) -> Refund | None:
        """See `RefundStore.overdue`."""
        key = keys.refund(dispute_id)
        row = Row.fetch([key]).get(key)
        if not isinstance(row, RefundRow) or not row.due_key or row.due_at > now:
            return None
        refund = mapping.refund_of(row)
        return replace(refund, attempt=refund.attempt + 1) if refund.status is RefundStatus.FAILED else refund

    def note_asked(self, refund: Refund, now: datetime) -> bool:
        """See `RefundStore.note_asked`."""
        # Whoever moves the row moves it beyond the instant at which it was read, and an answer changes its status.
        unchanged = (RefundRow.due_at <= now) & (RefundRow.status == refund.status)
        moved: list[Action] = [RefundRow.attempt.set(refund.attempt)]
        if needs_operator(refund):
            moved += [RefundRow.due_key.remove(), RefundRow.due_at.remove()]
        else:
            moved.append(RefundRow.due_at.set(now + mapping.REFUND_PATIENCE))
        return RefundRow(*keys.refund(refund.dispute_id)).change_if(unchanged, moved)
