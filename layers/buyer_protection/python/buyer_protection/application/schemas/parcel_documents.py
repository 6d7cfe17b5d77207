"""The parcels of a dispute, as both sides read them (R30)."""

from collections.abc import Sequence

from msgspec import Struct

from buyer_protection.application.schemas.instants import At, at
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import TrackingStatus


class CaseParcelDocument(Struct, frozen=True):
    """A parcel with disputed items, and what its carrier last said of it (R30)."""

    shipment_id: str
    carrier: str
    status: TrackingStatus | None
    delivered_at: At | None
    item_ids: Sequence[str]


def parcels_of(case: Dispute) -> list[CaseParcelDocument]:
    """Each parcel with disputed items."""
    return [
        CaseParcelDocument(name, it.carrier, it.status, at(it.delivered_at), it.item_ids)
        for name, it in case.parcels.items()
    ]
