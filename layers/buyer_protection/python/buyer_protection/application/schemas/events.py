"""The events on the bus, out and in: the `detail` of each, by its `detail-type`.

Out: ids and codes only, no text that people wrote and no personal data; `id` is the same however often the event is
sent. In: members that are not named here are ignored, so that the shop's events may say more; what is named is held
to the same bounds as in a call of the API. The JSON Schemas in `docs/events/` are made of these models.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from buyer_protection.application.schemas.event_envelope import (
    CaseEvent,
    OutboundEnvelope,
    OutboundModel,
    Party,
)
from buyer_protection.application.schemas.instants import At
from buyer_protection.application.schemas.requests import (
    MAX_LINES,
    Currency,
    Id,
    Instant,
    Line,
    Minor,
    MoneyModel,
    OrderRequest,
    RefundedItem,
    RefundElsewhereRequest,
    TrackingRequest,
)
from buyer_protection.application.schemas.step_events import (
    DisputeReasonChanged,
    EvidenceAdded,
    MessageSent,
    OfferDeclined,
    OfferWithdrawn,
    ReturnAddressConfirmed,
    ReturnClosed,
    ReturnProblem,
    ReturnShipped,
    ReviewStarted,
)
from buyer_protection.domain.enums import (
    ClaimReason,
    DecisionReason,
    EvidenceType,
    OfferType,
    OutcomeCode,
    Reason,
    RefundKind,
    SubReason,
    TrackingStatus,
)

Attempt = Annotated[
    int, Meta(ge=1, description="the `attempt` of the `RefundRequested` that it answers, where known")
]


class DisputeOpened(CaseEvent, frozen=True, kw_only=True):
    """A buyer asked for a refund (R1 to R12)."""

    order_id: Id
    reason: Reason
    sub_reason: SubReason | None = None


class OrderHeld(CaseEvent, frozen=True, kw_only=True):
    """The order cannot complete while the dispute is open (R13)."""

    order_id: Id


class OfferMade(CaseEvent, frozen=True, kw_only=True):
    """A proposal of a side, or of the team to both sides (R14); `replaces` is its maker's earlier one.

    made_by: whose it is, by their role; both sides have to accept the team's
    """

    offer_id: Id
    made_by: Literal["BUYER", "SELLER", "CASE_MANAGER"]
    offer_type: OfferType
    refund_minor: Minor
    currency: Currency
    replaces: Id | None = None


class OfferAccepted(CaseEvent, frozen=True, kw_only=True):
    """The parties agree (R14); with `return_required` the case goes on until the goods are back (R36)."""

    offer_id: Id
    offer_type: OfferType
    outcome: OutcomeCode
    refund_minor: Minor
    currency: Currency
    return_required: bool = False


class DisputeEscalated(CaseEvent, frozen=True, kw_only=True):
    """The dispute is a claim (R15 to R20): `escalated_by` is the buyer or the clock."""

    escalated_by: Literal["BUYER", "SELLER", "SYSTEM"]
    evidence_due_at: At
    claim_reason: ClaimReason | None = None


class EvidenceRequested(CaseEvent, frozen=True, kw_only=True):
    """The team asks a party for evidence (R23, R24)."""

    party: Party
    types: Sequence[EvidenceType]
    evidence_due_at: At


class DisputeDecided(CaseEvent, frozen=True, kw_only=True):
    """The team's decision (R24, R25); with `return_required` the case goes on until the goods are back (R36)."""

    outcome: OutcomeCode
    refund_minor: Minor
    currency: Currency
    reasons: Sequence[DecisionReason]
    evidence_ids: Sequence[Id]
    return_required: bool = False


class DisputeResolved(CaseEvent, frozen=True, kw_only=True):
    """The case has ended by an agreement, or with its return (R14, R36)."""

    order_id: Id
    outcome: OutcomeCode
    refund_minor: Minor
    currency: Currency
    cause: str | None = None


class DisputeCancelled(CaseEvent, frozen=True, kw_only=True):
    """The buyer cancelled, or nobody gave evidence (R22, R28)."""

    order_id: Id
    outcome: OutcomeCode


class OrderReleased(CaseEvent, frozen=True, kw_only=True):
    """No dispute holds the order any more (R13): finished, or after a cancellation with its clock back."""

    order_id: Id
    outcome: OutcomeCode


class DeadlineMissed(CaseEvent, frozen=True, kw_only=True):
    """The team's decision is late (R24)."""

    due_at: At | None = None


class DecisionOverdue(CaseEvent, frozen=True, kw_only=True):
    """The team's decision did not come by `due_at`; both parties get a mail (R44)."""

    due_at: At | None = None


class RefundRequested(OutboundModel, frozen=True, kw_only=True):
    """Pay this back, once: `refund_id` is the key against paying twice. `attempt` above 1 follows a failure, or a
    request that nobody answered; each attempt has an `id` of its own."""

    refund_id: Id
    order_id: Id
    amount_minor: Minor
    currency: Currency
    attempt: Annotated[int, Meta(ge=1)]


class RefundPaid(CaseEvent, frozen=True, kw_only=True):
    """The payment system has paid the refund (R44)."""

    refund_id: Id
    refund_minor: Minor
    currency: Currency
    occurred_at: At


class RefundHeld(CaseEvent, frozen=True, kw_only=True):
    """The refund is not asked for: it no longer fits into what the order has left (R39, R44)."""

    refund_id: Id
    refund_minor: Minor
    currency: Currency


class RefundGivenUp(CaseEvent, frozen=True, kw_only=True):
    """The refund has failed for days and is not asked for any more by itself (R44)."""

    refund_id: Id
    refund_minor: Minor
    currency: Currency


class ParcelDelivered(CaseEvent, frozen=True, kw_only=True):
    """A disputed parcel was registered as delivered during the dispute (R30); `pending` are still on their way."""

    order_id: Id
    shipment_id: Id
    delivered_at: At
    pending: Sequence[Id]
    is_last: bool


class OrderCompleted(OutboundEnvelope, frozen=True, kw_only=True):
    """The order has ended (R3, R25, R31): its buyer has confirmed the receipt, nobody collected it, or a dispute ended
    with an agreement or a decision about it (`dispute_id`)."""

    order_id: Id
    cause: Literal["RECEIPT_CONFIRMED", "COLLECTION_EXPIRED", "DISPUTE"]
    dispute_id: Id | None = None


class InboundModel(Struct, frozen=True, kw_only=True):
    """What every event of the shop may carry; without `at` the bus's own time of the event counts."""

    schema_version: Literal[1] = 1
    at: Instant | None = None


class OrderUpserted(InboundModel, frozen=True, kw_only=True):
    """The same as `PUT /v1/orders/{order_id}`; an event older than the stored order changes nothing."""

    order_id: Id
    order: OrderRequest


class TrackingUpdated(InboundModel, frozen=True, kw_only=True):
    """The same as `POST /v1/orders/{order_id}/tracking-events` (R29); once per `event_id`."""

    order_id: Id
    event_id: Id
    shipment_id: Id
    status: TrackingStatus
    occurred_at: Instant

    def request(self) -> TrackingRequest:
        """The body of the call that says the same."""
        return TrackingRequest(self.event_id, self.shipment_id, self.status, self.occurred_at)


class OrderRefunded(InboundModel, frozen=True, kw_only=True):
    """The same as `POST /v1/orders/{order_id}/refunds` (R39); once per `refund_id`."""

    order_id: Id
    refund_id: Id
    kind: RefundKind
    amount: MoneyModel
    occurred_at: Instant
    items: Annotated[list[RefundedItem], Meta(max_length=MAX_LINES)] = []
    reverses: Id | None = None
    dispute_id: Id | None = None

    def request(self) -> RefundElsewhereRequest:
        """The body of the call that says the same."""
        return RefundElsewhereRequest(
            self.refund_id,
            self.kind,
            self.amount,
            self.occurred_at,
            self.items,
            self.reverses,
            self.dispute_id,
        )


class RefundSucceeded(InboundModel, frozen=True, kw_only=True):
    """The money of `RefundRequested` was paid back; `reference` is the payment system's own.

    After a payment that the bank sent back, an answer to what was requested before is none to what was requested anew:
    known by `attempt`, else by `reference`, else by `occurred_at`.
    """

    refund_id: Id
    amount_minor: Minor
    currency: Currency
    occurred_at: Instant
    reference: Line | None = None
    attempt: Attempt | None = None


class RefundFailed(InboundModel, frozen=True, kw_only=True):
    """The money could not be paid back; it is asked for again, for three days. After `RefundSucceeded`: the bank sent
    it back, and it is not asked for again by itself. `reason` is a code, not a person's text."""

    refund_id: Id
    amount_minor: Minor
    currency: Currency
    occurred_at: Instant
    reason: Line | None = None
    attempt: Attempt | None = None


Inbound = OrderUpserted | TrackingUpdated | OrderRefunded | RefundSucceeded | RefundFailed

OUTBOUND: Mapping[str, type[OutboundEnvelope]] = {
    model.__name__: model
    for model in (
        DisputeOpened,
        OfferMade,
        OfferAccepted,
        DisputeEscalated,
        EvidenceRequested,
        DisputeDecided,
        DisputeResolved,
        DisputeCancelled,
        RefundRequested,
        OrderHeld,
        OrderReleased,
        DeadlineMissed,
        DecisionOverdue,
        RefundPaid,
        RefundHeld,
        RefundGivenUp,
        ParcelDelivered,
        OrderCompleted,
        DisputeReasonChanged,
        MessageSent,
        EvidenceAdded,
        OfferDeclined,
        OfferWithdrawn,
        ReviewStarted,
        ReturnAddressConfirmed,
        ReturnShipped,
        ReturnProblem,
        ReturnClosed,
    )
}
INBOUND: Mapping[str, type[Inbound]] = {
    "OrderUpserted": OrderUpserted,
    "TrackingUpdated": TrackingUpdated,
    "OrderRefunded": OrderRefunded,
    "RefundSucceeded": RefundSucceeded,
    "RefundFailed": RefundFailed,
}
