"""What a carrier's events add up to: duplicates and late arrivals change nothing (R29, R31)."""

from datetime import datetime

from buyer_protection.domain.order import OrderLedger, ParcelTracking
from buyer_protection.domain.vocabulary import TrackingStatus


def merged(known: ParcelTracking | None, status: TrackingStatus, occurred_at: datetime) -> ParcelTracking:
    """The newest status by `occurred_at`, and the first delivery; whatever order the events arrive in (R29)."""
    delivered = [known.delivered_at] if known and known.delivered_at else []
    if is_delivery(status):
        delivered.append(occurred_at)
    delivered_at = min(delivered, default=None)
    if known is not None and known.occurred_at >= occurred_at:
        return ParcelTracking(known.status, known.occurred_at, delivered_at)
    return ParcelTracking(status, occurred_at, delivered_at)


def is_delivery(status: TrackingStatus) -> bool:
    """Whether the carrier says that the parcel has arrived."""
    return status is TrackingStatus.DELIVERED


def finishes_order(ledger: OrderLedger, status: TrackingStatus) -> str | None:
    """R31: a parcel that nobody collected finishes the order, unless a dispute is open. The cause, or None."""
    expired = status is TrackingStatus.COLLECTION_EXPIRED
    return (
        "COLLECTION_EXPIRED"
        if expired and ledger.active_dispute_id is None and not ledger.finished_at
        else None
    )
