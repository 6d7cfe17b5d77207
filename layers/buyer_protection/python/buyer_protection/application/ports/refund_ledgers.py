"""The three-way match: our refunds, the orders' ledgers, and the payment system's own statement, which must agree.

Pure: whoever calls brings all three. The statement is of a period `[since, until)`, by the instant of each payment; so
are our refunds, by the instant at which the payment system said it paid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.money import Money


@dataclass(frozen=True, slots=True)
class KeptRefund:
    """A REFUND row; `paid_at` is None until it was paid (and in rows of before this was kept)."""

    refund_id: str
    order_id: str
    amount: Money
    status: RefundStatus
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """Our side: every REFUND row, what each order's ledger says was refunded, in minor units (absent is zero), and the
    ids of our refunds that orders keep as money given back besides, since the table does not know them (decision
    0083)."""

    refunds: Sequence[KeptRefund]
    ledgers: Mapping[str, int]
    besides: frozenset[str] = frozenset()
