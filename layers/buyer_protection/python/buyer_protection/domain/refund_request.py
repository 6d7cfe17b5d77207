"""What the shop's payment system is asked for."""

from dataclasses import dataclass
from datetime import datetime

from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.money import Money


@dataclass(frozen=True, slots=True)
class Refund:
    """Money to pay back: one per case at most, with a deterministic id.

    `attempt` counts how often it was asked for: the first is 1. `first_retry` is the
    attempt that followed the failure, while it fails.
    """

    refund_id: str
    dispute_id: str
    order_id: str
    amount: Money
    requested_at: datetime
    status: RefundStatus = RefundStatus.REQUESTED
    attempt: int = 1
    first_retry: int | None = None
