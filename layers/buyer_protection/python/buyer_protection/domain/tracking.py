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


def finishes_order(ledger: OrderLedger, parcel: ParcelTracking) -> str | None:
    """R31: a parcel that nobody collected finishes the order, unless a dispute is open. The cause, or None.

    `parcel` is what all its events add up to: one that was delivered after all finishes nothing (R29).
    """
    uncollected = parcel.status is TrackingStatus.COLLECTION_EXPIRED and parcel.delivered_at is None
    held = ledger.active_dispute_id is not None or ledger.finished_at is not None
    return "COLLECTION_EXPIRED" if uncollected and not held else None
