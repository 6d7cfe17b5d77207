"""What the timeline's entries say of parcels, returns, refunds and the order: see `timeline_data`."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from buyer_protection.application.schemas.instants import At
from buyer_protection.domain.enums import OrderCause, OutcomeCode, Reason


class DeliveredData(Struct, frozen=True):
    """A delivery; `is_last` and `pending` since each parcel has a clock of its own.

    reason: the dispute's reason when it was registered
    of: `RETURN` where it is the parcel of the return
    pending: ids of the disputed parcels that are still on their way
    is_last: whether it was the last of the disputed parcels
    """

    delivered_at: At | None
    order_id: str | UnsetType = UNSET
    shipment_id: str | UnsetType = UNSET
    reason: Reason | UnsetType = UNSET
    pending: Sequence[str] | UnsetType = UNSET
    is_last: bool | UnsetType = UNSET
    of: Literal["RETURN"] | UnsetType = UNSET


class ReturnAddressData(Struct, frozen=True):
    """A return address that was confirmed; its lines are in the dispute.

    address_sha256: digest of the lines and the address's salt; absent in old disputes
    """

    return_shipment_due_at: At
    address_id: str | UnsetType = UNSET
    address_sha256: str | UnsetType = UNSET


class ReturnShippedData(Struct, frozen=True):
    """The parcel in which the goods go back."""

    return_receipt_due_at: At
    carrier: str
    tracking_number: str
    shipment_id: str | UnsetType = UNSET
    address_id: str | UnsetType = UNSET
    digests: Mapping[str, str] | UnsetType = UNSET


class ReturnProblemData(Struct, frozen=True):
    """A return that is not in order.

    condition: what is wrong with it; `NOT_ACKNOWLEDGED` where nobody said anything
    decision_due_at: when the decision is due; in old disputes only
    """

    condition: str
    note: str | UnsetType = UNSET
    evidence_ids: Sequence[str] | UnsetType = UNSET
    evidence_due_at: At | UnsetType = UNSET
    decision_due_at: At | UnsetType = UNSET
    digests: Mapping[str, str] | UnsetType = UNSET


class ReturnClosedData(Struct, frozen=True):
    """The end of a return.

    cause: RECEIVED, DELIVERED, NOT_SHIPPED or ADDRESS_NEVER_CONFIRMED
    agreed_minor: what was agreed or decided, where less is left; in minor units
    """

    outcome: OutcomeCode
    refund_minor: int
    currency: str
    cause: str
    order_id: str | UnsetType = UNSET
    agreed_minor: int | UnsetType = UNSET


class RefundData(Struct, frozen=True):
    """A refund; what the payment system said of it, where it did.

    refund_id: id of the refund, `rf-` and the dispute's id, and what follows it where the table was restored
    occurred_at: when it happened, as the payment system says it
    reference: the payment system's reference; null where it gave none
    reason: why it failed, in the payment system's words; null where it did not say
    """

    refund_id: str
    refund_minor: int
    currency: str
    occurred_at: At | UnsetType = UNSET
    reference: str | UnsetType | None = UNSET
    reason: str | UnsetType | None = UNSET


class OrderChangedData(Struct, frozen=True):
    """The order, or what is left of it, changed.

    refund_id: the shop's id of the refund that changed it; absent where none did
    reopen_until: until when a new dispute is possible after a cancellation; null where none is
    """

    max_refundable_minor: int
    previous_minor: int
    currency: str
    lapsed_offers: Sequence[str]
    cause: OrderCause | UnsetType = UNSET
    refund_id: str | UnsetType = UNSET
    reopen_until: At | UnsetType | None = UNSET
