"""The names of the events that leave, as `detail-type` on the bus, in the feed and by webhook. Never rename one."""

from enum import StrEnum


class EventName(StrEnum):
    """An event that we publish; `docs/events/` has the schema of each."""

    DISPUTE_OPENED = "DisputeOpened"
    ORDER_HELD = "OrderHeld"
    DISPUTE_REASON_CHANGED = "DisputeReasonChanged"
    MESSAGE_SENT = "MessageSent"
    OFFER_MADE = "OfferMade"
    OFFER_DECLINED = "OfferDeclined"
    OFFER_WITHDRAWN = "OfferWithdrawn"
    OFFER_ACCEPTED = "OfferAccepted"
    EVIDENCE_ADDED = "EvidenceAdded"
    DISPUTE_ESCALATED = "DisputeEscalated"
    EVIDENCE_REQUESTED = "EvidenceRequested"
    REVIEW_STARTED = "ReviewStarted"
    DISPUTE_DECIDED = "DisputeDecided"
    DECISION_OVERDUE = "DecisionOverdue"
    DEADLINE_MISSED = "DeadlineMissed"
    RETURN_ADDRESS_CONFIRMED = "ReturnAddressConfirmed"
    RETURN_SHIPPED = "ReturnShipped"
    RETURN_PROBLEM = "ReturnProblem"
    RETURN_CLOSED = "ReturnClosed"
    DISPUTE_RESOLVED = "DisputeResolved"
    DISPUTE_CANCELLED = "DisputeCancelled"
    ORDER_RELEASED = "OrderReleased"
    ORDER_COMPLETED = "OrderCompleted"
    PARCEL_DELIVERED = "ParcelDelivered"
    REFUND_REQUESTED = "RefundRequested"
    REFUND_PAID = "RefundPaid"
    REFUND_HELD = "RefundHeld"
    REFUND_GIVEN_UP = "RefundGivenUp"


# What a test of a webhook sends; it is about nothing, and comes neither by the bus nor in the feed.
WEBHOOK_TEST = "WebhookTest"
