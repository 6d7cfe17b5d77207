"""Who is written to about what: each timeline entry becomes mails and events, under ids that never change.

Derived from the entry alone, so that the stream's reader can do it twice and still write each row once.
"""

from collections.abc import Sequence

from buyer_protection.application.ports.events import OrderEnded, OutboundEvent
from buyer_protection.application.schemas.events import OUTBOUND
from buyer_protection.domain.enums import EventType
from buyer_protection.domain.era import Era
from buyer_protection.domain.order_changes import NOT_BY_DISPUTE
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.timeline import TimelineEntry


def ends_case(entry: TimelineEntry) -> bool:
    """Whether the entry put the case into a terminal status."""
    if entry.type in {EventType.CANCELLED, EventType.RETURN_CLOSED}:
        return True
    return entry.type in {EventType.OFFER_ACCEPTED, EventType.DECIDED} and not entry.data.get(
        "return_required"
    )


_EVENTS = {
    EventType.DISPUTE_OPENED: ("DisputeOpened", "OrderHeld"),
    EventType.OFFER_MADE: ("OfferMade",),
    EventType.PROPOSAL_MADE: ("OfferMade",),
    EventType.ESCALATED: ("DisputeEscalated",),
    EventType.EVIDENCE_REQUESTED: ("EvidenceRequested",),
    EventType.DEADLINE_MISSED: ("DeadlineMissed", "DecisionOverdue"),
    EventType.REFUND_SUCCEEDED: ("RefundPaid",),
    EventType.REFUND_HELD: ("RefundHeld",),
    EventType.REFUND_GIVEN_UP: ("RefundGivenUp",),
    EventType.REASON_CHANGED: ("DisputeReasonChanged",),
    EventType.MESSAGE_SENT: ("MessageSent",),
    EventType.EVIDENCE_ADDED: ("EvidenceAdded",),
    EventType.OFFER_DECLINED: ("OfferDeclined",),
    EventType.OFFER_WITHDRAWN: ("OfferWithdrawn",),
    EventType.REVIEW_STARTED: ("ReviewStarted",),
    EventType.RETURN_ADDRESS_CONFIRMED: ("ReturnAddressConfirmed",),
    EventType.RETURN_SHIPPED: ("ReturnShipped",),
    EventType.RETURN_PROBLEM: ("ReturnProblem",),
    EventType.RETURN_CLOSED: ("ReturnClosed",),
}


def events_for(entry: TimelineEntry, era: Era | None = None) -> Sequence[OutboundEvent]:
    """The events for the shop's systems: ids and codes only, under deterministic ids, those of the stage's era."""
    names: tuple[str, ...] = _EVENTS.get(entry.type, ())
    if entry.type is EventType.OFFER_ACCEPTED:
        names = ("OfferAccepted",)
    elif entry.type is EventType.DECIDED:
        names = ("DisputeDecided",)
    elif entry.type is EventType.CANCELLED:
        names = ("DisputeCancelled",)
    elif entry.type is EventType.DELIVERED and "shipment_id" in entry.data:
        # Entries of before a case knew its parcels name none.
        names = ("ParcelDelivered",)
    elif entry.type is EventType.EVIDENCE_COMPLETED and entry.data.get("review_started"):
        names = ("ReviewStarted",)
    if ends_case(entry):
        resolved = entry.type in {EventType.OFFER_ACCEPTED, EventType.RETURN_CLOSED}
        names += (("DisputeResolved",) if resolved else ()) + ("OrderReleased",)
    return [_event(entry, name, era) for name in names]


def _event(entry: TimelineEntry, name: str, era: Era | None) -> OutboundEvent:
    """The event with those members of its model that the entry knows."""
    # An item without files is its giver's own entry, which names no party beside its actor.
    role = entry.actor.role
    by_role = dict.fromkeys(("by", "party", "made_by"), role)
    known = {"dispute_id": entry.dispute_id, "seq": entry.seq, **by_role, **entry.data}
    detail = {
        field: known[field] for field in OUTBOUND[name].__struct_fields__ if known.get(field) is not None
    }
    event_id = f"{entry.dispute_id}-{entry.seq}-{name}"
    return OutboundEvent(era.mark(event_id, entry.at) if era else event_id, name, entry.at, detail)


def refund_event(refund: Refund) -> OutboundEvent:
    """`RefundRequested`: the shop's payment system pays, once, and answers with the same refund id.

    Each attempt is another event, so that nobody who drops what they know drops a repetition; the same attempt sent
    twice is the same event.
    """
    again = "" if refund.attempt == 1 else f"-{refund.attempt}"
    detail = {
        "refund_id": refund.refund_id,
        "dispute_id": refund.dispute_id,
        "order_id": refund.order_id,
        "amount_minor": refund.amount.amount_minor,
        "currency": refund.amount.currency,
        "attempt": refund.attempt,
    }
    event_id = f"{refund.refund_id}-RefundRequested{again}"
    return OutboundEvent(event_id, "RefundRequested", refund.requested_at, detail)


def completed_event(ended: OrderEnded) -> OutboundEvent:
    """`OrderCompleted`: an order that is opened again and ends anew has another instant, and another event."""
    by_dispute = ended.finished_by not in NOT_BY_DISPUTE
    detail = {"order_id": ended.order_id, "cause": "DISPUTE" if by_dispute else ended.finished_by}
    if by_dispute:
        detail["dispute_id"] = ended.finished_by
    event_id = f"{ended.order_id}-{ended.number}-OrderCompleted"
    return OutboundEvent(event_id, "OrderCompleted", ended.at, detail)
