"""What the shop's payment system is asked for, and the words for what becomes of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from buyer_protection.domain.enums import EventType, RefundStatus
from buyer_protection.domain.money import Money


@dataclass(frozen=True, slots=True)
class Refund:
    """Money to pay back: one per case at most, with a deterministic id.

    `attempt` counts how often it was asked for: the first is 1. `first_retry` is the
    attempt that followed the failure, while it fails. `correlation_id` names the call that it follows from, where it
    does: of the refund itself it says nothing.
    """

    refund_id: str
    dispute_id: str
    order_id: str
    amount: Money
    requested_at: datetime
    status: RefundStatus = RefundStatus.REQUESTED
    attempt: int = 1
    first_retry: int | None = None
    correlation_id: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ReturnedPayment:
    """The newest payment of a refund that came back: its reference, "" where it has none, and the two instants.

    `attempts`: how often the refund had been asked for before it was asked for anew; 0 while it is not. `earlier`: the
    references of the payments that came back before, oldest first; `earlier_attempts`: the same as `attempts` for them.
    """

    reference: str
    paid_at: datetime
    returned_at: datetime
    attempts: int = 0
    earlier: tuple[str, ...] = ()
    earlier_attempts: int = 0

    @property
    def references(self) -> tuple[str, ...]:
        """Those of all payments that came back, oldest first."""
        return (*self.earlier, self.reference)

    @property
    def last_attempt(self) -> int:
        """Up to which attempt an answer is about what came back, as far as it is known; 0 where it is not."""
        return max(self.attempts, self.earlier_attempts)


class RefundProgress(StrEnum):
    """R44: the same in the contract's words. RETRYING: it failed and is asked for again; RETURNED: it came back from
    the bank after it was paid, and is not asked for again by itself."""

    REQUESTED = "REQUESTED"
    HELD = "HELD"
    RETRYING = "RETRYING"
    PAID = "PAID"
    GIVEN_UP = "GIVEN_UP"
    RETURNED = "RETURNED"


# What becomes of a refund after its case has ended: entries that leave the case's version as it is (R44).
ABOUT_REFUND = frozenset(
    {
        EventType.REFUND_SUCCEEDED,
        EventType.REFUND_FAILED,
        EventType.REFUND_HELD,
        EventType.REFUND_RELEASED,
        EventType.REFUND_GIVEN_UP,
        EventType.REFUND_RETURNED,
    }
)
