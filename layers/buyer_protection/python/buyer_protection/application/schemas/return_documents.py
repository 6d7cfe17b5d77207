"""What a case shows of a return: where the goods go back to, and the parcel in which they do (R36, R42)."""

from collections.abc import Sequence

from msgspec import Struct

from buyer_protection.application.schemas.instants import At, at
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role
from buyer_protection.domain.returns import addresses_of, return_shipment_id
from buyer_protection.domain.timeline import instant


class ReturnAddressDocument(Struct, frozen=True):
    """R42: an address that the seller confirmed. The timeline holds the digest of its lines and `salt`."""

    address_id: str
    lines: Sequence[str]
    confirmed_at: At
    salt: str


class ReturnParcelDocument(Struct, frozen=True):
    """R36: the parcel in which the goods go back, and the address it went to (empty in cases of before it was kept).

    Its carrier's events come under `shipment_id`.
    """

    shipment_id: str
    carrier: str
    tracking_number: str
    shipped_at: At
    delivered_at: At | None
    address_id: str


def return_addresses_document(case: Dispute, reader: Role) -> list[ReturnAddressDocument]:
    """Each address that was confirmed, oldest first; none for the shop's backend, which sees no contact data."""
    if reader is Role.SYSTEM:
        return []
    return [
        ReturnAddressDocument(one.address_id, one.lines, instant(one.confirmed_at), one.salt)
        for one in addresses_of(case)
    ]


def return_parcel_document(case: Dispute) -> ReturnParcelDocument | None:
    """The parcel, once it is on its way."""
    parcel = case.return_parcel
    if parcel is None:
        return None
    return ReturnParcelDocument(
        return_shipment_id(case),
        parcel.carrier,
        parcel.tracking_number,
        instant(parcel.shipped_at),
        at(case.return_delivered_at),
        parcel.address_id,
    )
