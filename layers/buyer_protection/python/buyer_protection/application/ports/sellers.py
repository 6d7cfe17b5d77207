"""What is counted of sellers, and the port to it."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol


class SellerCounter(StrEnum):
    """What is counted of a seller: each order and each case once."""

    ORDERS = "orders"
    DISPUTES = "disputes"
    ESCALATED = "escalated"
    DECIDED = "decided"
    LOST = "lost"


class SellerTotals(NamedTuple):
    """A seller's counters. `lost`: the team decided, and the buyer got money back in the end."""

    orders: int = 0
    disputes: int = 0
    escalated: int = 0
    decided: int = 0
    lost: int = 0


class SellerMetrics(Protocol):
    """Sellers' counters. Orders are counted by `OrderStore.put`."""

    def count(self, seller_id: str, dispute_id: str, counter: SellerCounter, now: datetime) -> None:
        """Count the case, unless it has been counted under this name."""
        ...

    def totals(self, seller_id: str) -> SellerTotals:
        """All counters, by one consistent query; zeros for a seller without orders."""
        ...
