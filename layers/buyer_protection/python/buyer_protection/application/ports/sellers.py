"""What is counted of sellers, and the port to it."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from msgspec import Struct


class SellerCounter(StrEnum):
    """What is counted of a seller; see `SellerTotals`."""

    ORDERS = "orders"
    DISPUTES = "disputes"
    ESCALATED = "escalated"
    DECIDED = "decided"
    LOST = "lost"
    DISPUTED_ORDERS = "disputed_orders"
    CANCELLED = "cancelled"
    LOST_SHARE = "lost_share"
    ELSEWHERE = "elsewhere"
    ELSEWHERE_ESCALATED = "elsewhere_escalated"
    ELSEWHERE_DECIDED = "elsewhere_decided"


class SellerTotals(NamedTuple):
    """A seller's counters. `lost`: the team decided, and the buyer got money back in the end.

    `disputed_orders` has each order once, and none of which every dispute was cancelled or ended because all of it was
    given back elsewhere. `lost_share` is in ten-thousandths: a partial refund by the share of what the case was for.
    `elsewhere`: disputes that ended as REFUNDED_ELSEWHERE, of those the escalated and the decided ones.
    """

    orders: int = 0
    disputes: int = 0
    escalated: int = 0
    decided: int = 0
    lost: int = 0
    disputed_orders: int = 0
    cancelled: int = 0
    lost_share: int = 0
    elsewhere: int = 0
    elsewhere_escalated: int = 0
    elsewhere_decided: int = 0

    def plus(self, other: "SellerTotals") -> "SellerTotals":
        """Both together."""
        return SellerTotals(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Counted(Struct, frozen=True):
    """One fact about a case: under which name it counts once, what it adds, and the day that it counts for."""

    name: SellerCounter
    adds: Mapping[SellerCounter, int]
    day: date


class SellerMetrics(Protocol):
    """Sellers' counters. Orders are counted by `OrderStore.put`, for the day on which they were placed."""

    def count(self, seller_id: str, dispute_id: str, counted: Counted, now: datetime) -> None:
        """Count the fact about the case, unless it has been counted under this name."""
        ...

    def totals(self, seller_id: str) -> SellerTotals:
        """All counters, by one consistent query; zeros for a seller without orders."""
        ...

    def daily(self, seller_id: str, since: date) -> Mapping[date, SellerTotals]:
        """The counters of each day from that one on, by one query; days of nothing are left out."""
        ...
