"""What a carrier's events add up to: duplicates and late arrivals change nothing (R29, R31)."""

from collections.abc import Mapping
from datetime import datetime

from buyer_protection.domain.order import Order, OrderLedger, ParcelTracking
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


def finishes_order(order: Order, ledger: OrderLedger, tracking: Mapping[str, ParcelTracking]) -> str | None:
    """R31: an order whose parcels have all ended, one uncollected, is finished, unless a dispute is open.

    `tracking` is what all events add up to, this one included: a parcel that was delivered after all, or another one
    that is still on its way, finishes nothing (R29). The cause, or None.
    """
    if ledger.active_dispute_id is not None or ledger.finished_at is not None:
        return None
    parcels = [tracking.get(shipment.shipment_id) for shipment in order.shipments]
    ended = all(parcel is not None and (_uncollected(parcel) or parcel.delivered_at) for parcel in parcels)
    return (
        "COLLECTION_EXPIRED" if ended and any(parcel and _uncollected(parcel) for parcel in parcels) else None
    )


def _uncollected(parcel: ParcelTracking) -> bool:
    return parcel.status is TrackingStatus.COLLECTION_EXPIRED and parcel.delivered_at is None
