"""The events about what the parties do within a dispute: messages, evidence, offers, the reason, the return.

Ids and codes only: the texts, tracking numbers and addresses are read by the API, by those who may.
"""

from collections.abc import Sequence
from typing import Literal

from buyer_protection.application.schemas.event_envelope import CaseEvent, Party
from buyer_protection.application.schemas.instants import At
from buyer_protection.application.schemas.requests import Currency, Id, Minor
from buyer_protection.domain.enums import EvidenceType, OutcomeCode, Reason, SubReason


class DisputeReasonChanged(CaseEvent, frozen=True, kw_only=True):
    """The buyer changed the reason, or corrected the finer one within it (R27).

    reason, sub_reason: as they are from now on
    previous_reason: as it was; the same for a correction
    """

    reason: Reason
    previous_reason: Reason
    sub_reason: SubReason | None = None


class MessageSent(CaseEvent, frozen=True, kw_only=True):
    """Somebody wrote in the thread (R5); the text is read by the API.

    by: who wrote, by their role
    """

    message_id: Id
    by: Literal["BUYER", "SELLER", "CASE_MANAGER"]


class EvidenceAdded(CaseEvent, frozen=True, kw_only=True):
    """An item of evidence counts from now on (R26): a text at once, files once the last of them is verified.

    party: whose it is
    item_id: the line of the order that it is about, where it is about one
    in_claim: whether it was given after the escalation
    """

    evidence_id: Id
    party: Party
    evidence_type: EvidenceType
    in_claim: bool
    item_id: Id | None = None


class OfferDeclined(CaseEvent, frozen=True, kw_only=True):
    """A party declined the other side's offer (R14).

    by: who declined
    """

    offer_id: Id
    by: Party


class OfferWithdrawn(CaseEvent, frozen=True, kw_only=True):
    """A party took its own offer back (R14).

    by: who withdrew it
    """

    offer_id: Id
    by: Party


class ReviewStarted(CaseEvent, frozen=True, kw_only=True):
    """The evidence is in, and the team reviews the claim (R22, R24).

    decision_due_at: by when the decision is promised
    """

    decision_due_at: At


class ReturnAddressConfirmed(CaseEvent, frozen=True, kw_only=True):
    """The seller said where the goods go back to (R36).

    address_id: the version of the address
    return_shipment_due_at: by when the buyer sends the goods
    """

    address_id: Id
    return_shipment_due_at: At


class ReturnShipped(CaseEvent, frozen=True, kw_only=True):
    """The buyer registered the parcel that goes back (R36).

    shipment_id: the id under which its tracking events are reported
    address_id: the version of the address that it goes to
    return_receipt_due_at: by when the seller says what became of it
    """

    shipment_id: Id
    return_receipt_due_at: At
    address_id: Id | None = None


class ReturnProblem(CaseEvent, frozen=True, kw_only=True):
    """The return did not go as agreed, and both sides may give evidence (R42).

    condition: what the seller says of it; NOT_ACKNOWLEDGED where nobody said anything
    evidence_due_at: by when both sides give evidence; absent in entries of older versions
    evidence_ids: the items that the seller cites
    """

    condition: Literal["NOT_RECEIVED", "DAMAGED", "EMPTY_OR_DIFFERENT", "MISSING_ITEMS", "NOT_ACKNOWLEDGED"]
    evidence_due_at: At | None = None
    evidence_ids: Sequence[Id] = ()


class ReturnClosed(CaseEvent, frozen=True, kw_only=True):
    """The case ended with its return, or for want of it (R36).

    cause: RECEIVED, DELIVERED, ADDRESS_NEVER_CONFIRMED or NOT_SHIPPED; more may come
    """

    order_id: Id
    outcome: OutcomeCode
    refund_minor: Minor
    currency: Currency
    cause: str
