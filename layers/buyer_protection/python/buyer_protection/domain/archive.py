"""When a closed case leaves the table for the archive, and when it leaves that too (R48)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.order import Order
from buyer_protection.domain.policy import Policy

# How long the rows of a case stay in the table once they are in the archive, in days of the policy: whoever reads them
# meanwhile ends, and a night's pass finds what was written beside them.
BOTH_DAYS = 2


class Retention(NamedTuple):
    """How long a closed case stays: in the table, and in all; in days of the case's policy, from its closing on."""

    archive_after_days: int
    case_retention_days: int


class OrderRetention(NamedTuple):
    """How long an order that was never disputed stays after its completion, in days of the policy."""

    policy: Policy
    days: int

    def leaves_at(self, order: Order) -> datetime | None:
        """When the order leaves, with its contacts; None while nobody knows."""
        completion = order.completion_at(self.policy)
        return None if completion is None else completion + self.policy.days(self.days)


def is_ended(case: Dispute) -> bool:
    """Whether nothing of the case is open any more: a refund that is not paid is still somebody's work."""
    return case.is_closed and case.refund_status in (None, RefundStatus.SUCCEEDED)


def is_to_be_archived(case: Dispute, retention: Retention, now: datetime) -> bool:
    """Whether it has been closed for long enough."""
    if not is_ended(case) or case.closed_at is None:
        return False
    return now >= case.closed_at + case.policy.days(retention.archive_after_days)


def rows_leave_at(case: Dispute, archived_at: datetime) -> datetime:
    """When the rows leave the table that the archive has."""
    return archived_at + case.policy.days(BOTH_DAYS)


def case_leaves_at(case: Dispute, retention: Retention) -> datetime:
    """When the rest of an archived case leaves the table, and it can be read no more."""
    if case.closed_at is None:
        raise AssertionError("an archived case is closed")
    return case.closed_at + case.policy.days(retention.case_retention_days)


def days_left(case: Dispute, retention: Retention, now: datetime) -> int:
    """How many whole days, of the world's own, the archive keeps the case from now on; at least one."""
    left = case_leaves_at(case, retention) - now
    return max(1, -(-left // timedelta(days=1)))
