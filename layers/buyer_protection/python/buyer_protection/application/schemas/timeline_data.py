"""What the timeline's entries say, type by type: the shapes of `data` in the contract.

No function reads this: the domain writes the entries, and a test holds them to these shapes. A field that some entries
of a type lack, those of before included, may be absent.
"""

from collections.abc import Mapping, Sequence

from msgspec import UNSET, Struct, UnsetType, field

from buyer_protection.application.schemas.instants import At
from buyer_protection.application.schemas.timeline_goods_data import (
    DeliveredData,
    OrderChangedData,
    RefundData,
    ReturnAddressData,
    ReturnClosedData,
    ReturnProblemData,
    ReturnShippedData,
)
from buyer_protection.domain.enums import (
    ClaimReason,
    DecisionReason,
    EventType,
    EvidenceType,
    FileRefusal,
    OfferType,
    OrderCause,
    OutcomeCode,
    Reason,
    Role,
    SubReason,
)
from buyer_protection.domain.timeline import MESSAGE_RECIPIENTS


class NothingData(Struct, frozen=True):
    """Nothing more than that it happened."""


class OpenedData(Struct, frozen=True):
    """A dispute as it was opened.

    requested_refund_minor: what the buyer asks for, in minor units
    seller_contacted: whether the seller was contacted first; null where that was not said
    policy: the policy's profile and version, such as `aliexpress-classic/1`
    """

    order_id: str
    reason: Reason
    sub_reason: SubReason | None
    requested_refund_minor: int
    currency: str
    seller_contacted: bool | None
    policy: str
    digests: Mapping[str, str] | UnsetType = UNSET


class OfferData(Struct, frozen=True):
    """An offer.

    offer_type: what the offer gives the buyer
    replaces: id of its maker's offer that ended with it; absent where none did
    """

    offer_id: str
    offer_type: OfferType
    refund_minor: int
    currency: str
    replaces: str | UnsetType = UNSET
    digests: Mapping[str, str] | UnsetType = UNSET


class OfferEndedData(Struct, frozen=True):
    """An offer that no longer stands."""

    offer_id: str


class AgreedData(Struct, frozen=True):
    """An agreement.

    order_id: the shop's id of the order; absent where a return comes first
    offer_id: id of the offer that was accepted
    offer_type: what the offer gives the buyer
    made_by: the team's role, where it was the team's proposal; absent otherwise
    """

    outcome: OutcomeCode
    refund_minor: int
    currency: str
    offer_id: str
    offer_type: OfferType | UnsetType = UNSET
    made_by: Role | UnsetType = UNSET
    order_id: str | UnsetType = UNSET
    return_required: bool | UnsetType = UNSET


class EscalatedData(Struct, frozen=True):
    """A claim as it was opened.

    claim_text: the buyer's statement; null where there is none
    asked_minor: what the buyer asked for last, in minor units; absent in old disputes
    """

    escalated_by: Role
    claim_reason: ClaimReason | None
    claim_text: str | None
    evidence_due_at: At
    lapsed_offers: Sequence[str]
    asked_minor: int | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    digests: Mapping[str, str] | UnsetType = UNSET


class AnnouncedData(Struct, frozen=True):
    """An item of evidence whose files are to come.

    evidence_type: what kind of evidence it is
    item_id: the line that it is about; null where it is about all
    in_claim: whether it was given in the claim
    files: number of files
    """

    evidence_id: str
    party: Role | UnsetType = UNSET
    evidence_type: EvidenceType | UnsetType = UNSET
    item_id: str | UnsetType | None = UNSET
    in_claim: bool | UnsetType = UNSET
    files: int | UnsetType = UNSET
    evidence_due_at: At | UnsetType = UNSET
    digests: Mapping[str, str] | UnsetType = UNSET


class FileVerifiedData(Struct, frozen=True):
    """A file that was verified."""

    evidence_id: str
    party: Role
    file_id: str
    digests: Mapping[str, str] | UnsetType = UNSET


class EvidenceAddedData(Struct, frozen=True):
    """An item of evidence that counts.

    evidence_type: what kind of evidence it is
    item_id: the line that it is about; null where it is about all
    in_claim: whether it was given in the claim
    """

    evidence_id: str
    evidence_type: EvidenceType
    item_id: str | None
    in_claim: bool
    party: Role | UnsetType = UNSET
    evidence_due_at: At | UnsetType = UNSET
    digests: Mapping[str, str] | UnsetType = UNSET


class RefusedFileData(Struct, frozen=True):
    """A file that was refused.

    reason: why it was refused
    """

    file_id: str
    reason: FileRefusal


class EvidenceRefusedData(Struct, frozen=True):
    """An item of evidence with a file that was refused.

    files: the files that were refused
    """

    evidence_id: str
    party: Role
    files: Sequence[RefusedFileData]


class EvidenceWithdrawnData(Struct, frozen=True):
    """An item of evidence that was taken back."""

    evidence_id: str


class MessageData(Struct, frozen=True):
    """A message.

    recipients: who gets a mail about it
    """

    message_id: str
    recipients: Sequence[Role] = field(name=MESSAGE_RECIPIENTS)
    digests: Mapping[str, str] | UnsetType = UNSET


class MessagesReadData(Struct, frozen=True):
    """How far a party has read.

    up_to: id of the last message that was read; absent in old disputes
    """

    party: Role
    up_to: str | UnsetType = UNSET


class EvidenceCompletedData(Struct, frozen=True):
    """A party has nothing more to add.

    review_started: whether the review began with it
    """

    party: Role
    review_started: bool
    decision_due_at: At | UnsetType = UNSET
    evidence_due_at: At | UnsetType = UNSET


class WindowMovedData(Struct, frozen=True):
    """Another end of the evidence window.

    previous_due_at: the end before; null where there was none
    """

    evidence_due_at: At
    previous_due_at: At | None


class ReviewData(Struct, frozen=True):
    """The team's review."""

    decision_due_at: At


class DecidedData(Struct, frozen=True):
    """The team's decision; its rationale is in the dispute's outcome.

    order_id: the shop's id of the order; absent where a return comes first
    """

    outcome: OutcomeCode
    refund_minor: int
    currency: str
    reasons: Sequence[DecisionReason]
    evidence_ids: Sequence[str]
    order_id: str | UnsetType = UNSET
    return_required: bool | UnsetType = UNSET
    digests: Mapping[str, str] | UnsetType = UNSET


class ReasonData(Struct, frozen=True):
    """Another reason, or another sub-reason.

    previous_reason: the reason before
    previous_sub_reason: the sub-reason before; only where nothing but that changed
    received_at: when the goods came, by the carrier or the buyer
    """

    reason: Reason
    sub_reason: SubReason | None
    previous_reason: Reason
    previous_sub_reason: SubReason | UnsetType | None = UNSET
    received_at: At | UnsetType = UNSET
    evidence_due_at: At | UnsetType = UNSET
    digests: Mapping[str, str] | UnsetType = UNSET


class CancelledData(Struct, frozen=True):
    """An end without an agreement or a decision; the last four where everything was given back elsewhere (R51).

    order_id: the shop's id of the order; absent in old disputes
    """

    outcome: OutcomeCode
    refund_minor: int
    currency: str
    order_id: str | UnsetType = UNSET
    cause: OrderCause | UnsetType = UNSET
    refund_id: str | UnsetType = UNSET
    max_refundable_minor: int | UnsetType = UNSET
    previous_minor: int | UnsetType = UNSET


class QuestionData(Struct, frozen=True):
    """What the team asks of a party.

    party: who is asked
    types: types of evidence that are asked for
    question: what the team asks
    """

    party: Role
    types: Sequence[EvidenceType]
    question: str
    evidence_due_at: At
    digests: Mapping[str, str] | UnsetType = UNSET


class DueData(Struct, frozen=True):
    """A due date.

    window: name of the window that ends then
    parties: who has to act
    due_at: the due date; null where there is none
    """

    due_at: At | None
    window: str | UnsetType = UNSET
    parties: Sequence[Role] | UnsetType = UNSET


class ClockMovedData(Struct, frozen=True):
    """Time passed for the case at once, on a stage for tests.

    advanced_ms: how much, in milliseconds
    """

    advanced_ms: int


class TimeGivenData(Struct, frozen=True):
    """A due date moved, as nobody is to lose time over an outage.

    window: name of the window that ends then
    due_at: the due date from now on
    previous_due_at: the due date before
    run: the operators' name for it; no date moves twice in one
    hours: by how much the date moved, in 24ths of a day of the policy
    """

    window: str
    due_at: At
    previous_due_at: At
    run: str
    hours: int


DATA: dict[EventType, type[Struct]] = {
    EventType.DISPUTE_OPENED: OpenedData,
    EventType.OFFER_MADE: OfferData,
    EventType.PROPOSAL_MADE: OfferData,
    EventType.OFFER_DECLINED: OfferEndedData,
    EventType.OFFER_WITHDRAWN: OfferEndedData,
    EventType.OFFER_ACCEPTED: AgreedData,
    EventType.ESCALATED: EscalatedData,
    EventType.MEDIATION_OPENED: NothingData,
    EventType.EVIDENCE_SUBMITTED: AnnouncedData,
    EventType.EVIDENCE_FILE_VERIFIED: FileVerifiedData,
    EventType.EVIDENCE_ADDED: EvidenceAddedData,
    EventType.EVIDENCE_REFUSED: EvidenceRefusedData,
    EventType.EVIDENCE_WITHDRAWN: EvidenceWithdrawnData,
    EventType.MESSAGE_SENT: MessageData,
    EventType.MESSAGES_READ: MessagesReadData,
    EventType.EVIDENCE_COMPLETED: EvidenceCompletedData,
    EventType.EVIDENCE_WINDOW_SET: WindowMovedData,
    EventType.REVIEW_STARTED: ReviewData,
    EventType.DECIDED: DecidedData,
    EventType.REASON_CHANGED: ReasonData,
    EventType.CANCELLED: CancelledData,
    EventType.DELIVERED: DeliveredData,
    EventType.ASSIGNED: NothingData,
    EventType.EVIDENCE_REQUESTED: QuestionData,
    EventType.RETURN_ADDRESS_CONFIRMED: ReturnAddressData,
    EventType.RETURN_SHIPPED: ReturnShippedData,
    EventType.RETURN_DELIVERED: DeliveredData,
    EventType.RETURN_PROBLEM: ReturnProblemData,
    EventType.RETURN_CLOSED: ReturnClosedData,
    EventType.ESCALATION_AVAILABLE: DueData,
    EventType.REMINDED: DueData,
    EventType.DEADLINE_MISSED: DueData,
    EventType.REFUND_SUCCEEDED: RefundData,
    EventType.REFUND_FAILED: RefundData,
    EventType.ORDER_CHANGED: OrderChangedData,
    EventType.REFUND_HELD: RefundData,
    EventType.REFUND_RELEASED: RefundData,
    EventType.REFUND_GIVEN_UP: RefundData,
    EventType.REFUND_RETURNED: RefundData,
    EventType.DELIVERY_CORRECTED: DeliveredData,
    EventType.UPLOADS_AWAITED: WindowMovedData,
    EventType.CLOCK_MOVED: ClockMovedData,
    EventType.TIME_GIVEN: TimeGivenData,
}
