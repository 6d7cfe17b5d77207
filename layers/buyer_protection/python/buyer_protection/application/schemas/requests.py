"""The request bodies of the contract: shape, bounds and meaning. Unknown fields are refused (400)."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

from buyer_protection.domain.enums import (
    ClaimReason,
    DecisionOutcome,
    DecisionReason,
    DeliveryMethod,
    EvidenceType,
    MediaType,
    OfferType,
    Reason,
    RefundKind,
    ReturnCondition,
    SubReason,
    TrackingStatus,
)
from buyer_protection.domain.evidence import MAX_FILE_BYTES, MAX_FILES

# Lines of an order, and whatever names them.
MAX_LINES = 1000

# No control characters other than line breaks and tabs: they have no place in what people write to each other.
_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
# At least one character that is not white space.
_SAYS_SOMETHING = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

# No spaces of any script and nothing that could begin another header or recipient.
_MAIL_PART = r'[^\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u3000\ufeff@<>,;:"]+'


def whole(pattern: str, **bounds: Any) -> Meta:
    """The text matches from its first to its last character: Python's `$` would let a line break follow.

    Where a schema is written for others, `\\Z` is their `$`.
    """
    return Meta(pattern=rf"^{pattern}\Z", **bounds)


Id: TypeAlias = Annotated[str, whole(r"[A-Za-z0-9_.:-]+", min_length=1, max_length=64)]
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=2000, pattern=_SAYS_SOMETHING)]
Note: TypeAlias = Annotated[str, Meta(max_length=1000, pattern=_PRINTABLE)]
TeamNote: TypeAlias = Annotated[str, Meta(min_length=1, max_length=4000, pattern=_SAYS_SOMETHING)]
Line: TypeAlias = Annotated[str, whole(r"[^\x00-\x1f\x7f]+", min_length=1, max_length=200)]
Language: TypeAlias = Annotated[str, whole(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", description="BCP 47")]
Currency: TypeAlias = Annotated[str, whole(r"[A-Z]{3}", description="ISO 4217")]
Minor: TypeAlias = Annotated[int, Meta(ge=0, le=10**12, description="integer minor units")]
Quantity: TypeAlias = Annotated[int, Meta(ge=1, le=100_000)]
Instant: TypeAlias = Annotated[datetime, Meta(tz=True, description="RFC 3339")]


class RequestModel(Struct, frozen=True, forbid_unknown_fields=True):
    """The base of all request bodies."""


class MoneyModel(RequestModel, frozen=True):
    """An amount in integer minor units of one currency."""

    amount_minor: Minor
    currency: Currency


class ItemChoice(RequestModel, frozen=True):
    """R1: so many units of one line of the order."""

    item_id: Id
    quantity: Quantity


class SellerContact(RequestModel, frozen=True):
    """R5, R6: whether, and how, the buyer contacted the seller first."""

    contacted: bool
    how: Note = ""


class OpenDisputeRequest(RequestModel, frozen=True):
    """R1 to R12. No `items` means the whole order; `seller_contacted` may be a plain true or false."""

    order_id: Id
    reason: Reason
    description: Text
    requested_refund: MoneyModel
    sub_reason: SubReason | None = None
    items: Annotated[list[ItemChoice], Meta(min_length=1, max_length=MAX_LINES)] | None = None
    seller_contacted: bool | SellerContact | None = None


class OfferRequest(RequestModel, frozen=True):
    """R14: a proposal. `refund` is needed unless the type is NO_REFUND."""

    type: OfferType
    refund: MoneyModel | None = None
    note: Note = ""


class EmptyRequest(RequestModel, frozen=True):
    """A call that says it all by its path: no body, or an empty object."""


class EscalateRequest(RequestModel, frozen=True):
    """R16 to R20."""

    claim_reason: ClaimReason
    confirm_no_agreement: bool = False
    text: Annotated[str, Meta(max_length=2000, pattern=_PRINTABLE)] = ""


class ChangeReasonRequest(RequestModel, frozen=True):
    """R27."""

    reason: Reason
    sub_reason: SubReason | None = None
    description: Text | None = None


class CancelRequest(RequestModel, frozen=True):
    """R28."""

    acknowledge_consequences: bool = False


class ConfirmReceiptRequest(RequestModel, frozen=True):
    """R3: the order completes at once, and can be disputed no more."""

    acknowledge_consequences: bool = False


class FileModel(RequestModel, frozen=True):
    """R26: a file that is about to be uploaded, exactly as it is: `size` in bytes, `sha256` in lower-case hex."""

    name: Annotated[str, whole(r"[^\x00-\x1f\x7f]+", min_length=1, max_length=255)]
    media_type: MediaType
    size: Annotated[int, Meta(ge=1, le=MAX_FILE_BYTES, description="bytes")]
    sha256: Annotated[str, whole(r"[0-9a-f]{64}")]


class EvidenceRequest(RequestModel, frozen=True):
    """R22, R26: an item of evidence, in words, with files, or both. Text alone only for some types."""

    type: EvidenceType
    text: Text | None = None
    item_id: Id | None = None
    files: Annotated[list[FileModel], Meta(max_length=MAX_FILES)] = []


class MessageRequest(RequestModel, frozen=True):
    """R5: a message to the other side and the team."""

    text: Text


class ReadRequest(RequestModel, frozen=True):
    """R5: the last message that was read (`ms-2`)."""

    up_to: Id


class EvidenceWindowRequest(RequestModel, frozen=True):
    """R22: another date for the evidence of a claim."""

    due_at: Instant


class DecisionRequest(RequestModel, frozen=True):
    """R24: the final decision."""

    outcome: DecisionOutcome
    reasons: Annotated[list[DecisionReason], Meta(min_length=1, max_length=10)]
    rationale: Text
    refund: MoneyModel | None = None
    return_required: bool = False
    evidence_ids: Annotated[list[Id], Meta(max_length=50)] = []


class NoteRequest(RequestModel, frozen=True):
    """R45: a note that the team alone reads."""

    text: TeamNote


class TemplateRequest(RequestModel, frozen=True):
    """R24: a text for rationales by language (BCP 47), under a name that the team knows it by."""

    name: Line
    texts: Annotated[dict[Language, Text], Meta(min_length=1, max_length=20)]


class AssignRequest(RequestModel, frozen=True):
    """R24: who has the claim from now on (a case manager's `sub`)."""

    assignee: Id


class EvidenceQuestionRequest(RequestModel, frozen=True):
    """R24: what the team still asks for, of whom, and by when."""

    party: Literal["BUYER", "SELLER"]
    types: Annotated[list[EvidenceType], Meta(min_length=1, max_length=14)]
    due_at: Instant
    question: Text


class ReturnAddressRequest(RequestModel, frozen=True):
    """R36: where the goods go back to."""

    address: "AddressModel"


class ReturnShipmentRequest(RequestModel, frozen=True):
    """R36: the parcel in which the goods go back. `shipped_at` is now where it is left out, `address_id` the address
    that was confirmed last (R42)."""

    carrier: Line
    tracking_number: Line
    shipped_at: Instant | None = None
    address_id: Id | None = None


class AcknowledgeReturnRequest(RequestModel, frozen=True):
    """R36: what became of the return; anything but ITEM_RECEIVED names the seller's own evidence."""

    condition: ReturnCondition
    note: Note = ""
    evidence_ids: Annotated[list[Id], Meta(max_length=50)] = []


class ContactModel(RequestModel, frozen=True, kw_only=True):
    """How the shop says a party is written to. Who has no `email` gets notices on the case instead of mails."""

    name: Line
    email: Annotated[str, whole(f"{_MAIL_PART}@{_MAIL_PART}", min_length=3, max_length=254)] | None = None
    locale: Annotated[
        str, whole(r"[A-Za-z]{1,8}([_-][A-Za-z0-9]{1,8})*", max_length=100, description="BCP 47")
    ] = "en"
    time_zone: Annotated[str, whole(r"[A-Za-z0-9_+/-]+", max_length=64)] = "UTC"


class OrderItemModel(RequestModel, frozen=True):
    """One line of the order; `amount_minor` is what was paid for all its units together."""

    item_id: Id
    title: Line
    quantity: Quantity
    amount_minor: Minor


class ShipmentModel(RequestModel, frozen=True):
    """One parcel (R32: `delivery_method`). No `item_ids` means that it carries the whole order."""

    shipment_id: Id
    carrier: Line
    tracking_number: Line
    shipped_at: Instant
    delivery_method: DeliveryMethod = DeliveryMethod.DRIVER_RELEASE
    item_ids: Annotated[list[Id], Meta(max_length=MAX_LINES)] = []


class AddressModel(RequestModel, frozen=True):
    """Where the order goes (R34)."""

    lines: Annotated[list[Line], Meta(min_length=1, max_length=8)]
    postal_code: Annotated[str, Meta(max_length=20, pattern=_PRINTABLE)] = ""
    country: Annotated[str, whole(r"[A-Z]{2}", description="ISO 3166-1 alpha-2")] = "ZZ"


class OrderRequest(RequestModel, frozen=True):
    """The shop's whole projection of an order. Amounts are gross: what was paid, whatever was given back since (R39).

    `shipping_amount_minor` can be given back with the whole order only. `as_of` is the instant of which the shop says
    so: an older one than what is kept is refused (409 `ORDER_IS_NEWER`). `completion_at` wins over the guaranteed
    delivery time after the last shipment, which leaves the whole time for a dispute also where that is reported late
    (R3, R41).
    """

    buyer_id: Id
    seller_id: Id
    buyer: ContactModel
    seller: ContactModel
    currency: Currency
    items: Annotated[list[OrderItemModel], Meta(min_length=1, max_length=MAX_LINES)]
    placed_at: Instant
    guaranteed_delivery_days: Annotated[int, Meta(ge=0, le=365)]
    shipments: Annotated[list[ShipmentModel], Meta(max_length=100)] = []
    completion_at: Instant | None = None
    delivery_address: AddressModel | None = None
    shipping_amount_minor: Minor = 0
    as_of: Instant | None = None


class RefundedItem(RequestModel, frozen=True):
    """R39: what was given back for so many units of one line."""

    item_id: Id
    quantity: Quantity
    amount: MoneyModel


class RefundElsewhereRequest(RequestModel, frozen=True):
    """R39: money given back outside of disputes, once per `refund_id`.

    Without `items` it lowers the order's total only.

    `reverses` names an earlier one that this one takes back, whole. What names a refund of ours (`rf-…`, or
    `dispute_id`) is ours and counts once.
    """

    refund_id: Id
    kind: RefundKind
    amount: MoneyModel
    occurred_at: Instant
    items: Annotated[list[RefundedItem], Meta(max_length=MAX_LINES)] = []
    reverses: Id | None = None
    dispute_id: Id | None = None


class TrackingRequest(RequestModel, frozen=True):
    """R29: one event of a carrier."""

    event_id: Id
    shipment_id: Id
    status: TrackingStatus
    occurred_at: Instant


MetadataKey: TypeAlias = Annotated[str, whole(r"[A-Za-z0-9_.-]+", min_length=1, max_length=40)]
MetadataText: TypeAlias = Annotated[str, Meta(max_length=500, pattern=_PRINTABLE)]


class MetadataRequest(RequestModel, frozen=True):
    """The whole of the shop's own keys of a dispute.

    metadata: up to 20 keys; those that are not named are removed.
    """

    metadata: Annotated[dict[MetadataKey, MetadataText], Meta(max_length=20)]


class PreviewRequest(RequestModel, frozen=True):
    """The dates of an order, for the calendar the policy gives it."""

    shipped_at: Instant
    guaranteed_delivery_days: Annotated[int, Meta(ge=0, le=365)]
    opened_at: Instant | None = None
    delivered_at: Instant | None = None
