"""Who is written to about what: each timeline entry becomes mails and events, under ids that never change.

Derived from the entry alone, so that the stream processor can do it twice and still write each row once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from buyer_protection.application.ports.events import OrderEnded
from buyer_protection.application.ports.mail_view import MailKind
from buyer_protection.application.ports.mails import OutboxMail, subject_of_order
from buyer_protection.domain.available_actions import other_party
from buyer_protection.domain.enums import PARTIES, EventType, OutcomeCode, Reason, Role
from buyer_protection.domain.timeline import MESSAGE_RECIPIENTS, TimelineEntry
from buyer_protection.domain.tracking import COLLECTION_EXPIRED

_BOTH: tuple[Role, ...] = PARTIES


def mails_for(entry: TimelineEntry) -> Sequence[OutboxMail]:
    """One mail per person and entry at most (R23)."""
    return [
        OutboxMail(entry.dispute_id, entry.seq, role, kind, correlation_id=entry.correlation_id)
        for role, kind in _recipients(entry)
    ]


def mails_for_order(ended: OrderEnded) -> Sequence[OutboxMail]:
    """R44: the buyer hears that the order has ended where nobody collected it; of the other ends each side knows."""
    if ended.finished_by != COLLECTION_EXPIRED:
        return []
    subject = subject_of_order(ended.order_id)
    return [OutboxMail(subject, ended.number, Role.BUYER, MailKind.ORDER_UNCOLLECTED)]


def _recipients(entry: TimelineEntry) -> Sequence[tuple[Role, MailKind]]:
    data, actor = entry.data, entry.actor.role
    match entry.type:
        case EventType.OFFER_MADE | EventType.OFFER_DECLINED | EventType.OFFER_WITHDRAWN:
            return [(other_party(actor), MailKind(entry.type))]
        case EventType.MESSAGE_SENT:
            return [(Role(role), MailKind.MESSAGE_WAITING) for role in data.get(MESSAGE_RECIPIENTS, ())]
        case EventType.EVIDENCE_ADDED | EventType.EVIDENCE_REFUSED:
            return _about_evidence(entry)
        case EventType.EVIDENCE_COMPLETED:
            return _to_both(MailKind.UNDER_REVIEW) if data.get("review_started") else []
        case EventType.DELIVERED:
            # R30: one mail a parcel, to the buyer, and only where the dispute says that nothing came.
            # Entries of before a case knew its parcels are about the whole order.
            kind = MailKind.DELIVERED if data.get("is_last", True) else MailKind.PARCEL_DELIVERED
            return [(Role.BUYER, kind)] if data.get("reason") == Reason.NOT_RECEIVED else []
        case EventType.CANCELLED:
            return _to_both(_cancelled_kind(data))
        case EventType.ORDER_CHANGED:
            # R39; until when the order could be disputed anew is nobody's mail.
            is_other = data.get("max_refundable_minor") != data.get("previous_minor")
            return _to_both(MailKind.REFUNDABLE_CHANGED) if is_other else []
        case EventType.REMINDED:
            return [(Role(party), reminder_of(data["window"])) for party in data.get("parties", ())]
        case _ if entry.type in _TO_ONE:
            return [_TO_ONE[entry.type]]
        case _:
            plain = _PLAIN.get(entry.type)
            return _to_both(plain) if plain else []


def _about_evidence(entry: TimelineEntry) -> Sequence[tuple[Role, MailKind]]:
    """The other side of what counts in a claim, the owner of what was refused."""
    # Files are checked by the system, on behalf of their owner.
    owner = Role(entry.data.get("party", entry.actor.role))
    if entry.type is EventType.EVIDENCE_REFUSED:
        return [(owner, MailKind.EVIDENCE_REFUSED)]
    return [(other_party(owner), MailKind.EVIDENCE_ADDED)] if entry.data.get("in_claim") else []


_TO_ONE = {
    EventType.ESCALATION_AVAILABLE: (Role.BUYER, MailKind.MAY_ESCALATE),
    EventType.REASON_CHANGED: (Role.SELLER, MailKind.REASON_CHANGED),
    # R36: from now on the seller's silence pays the refund.
    EventType.RETURN_DELIVERED: (Role.SELLER, MailKind.RETURN_DELIVERED),
    EventType.REFUND_SUCCEEDED: (Role.BUYER, MailKind.REFUND_PAID),
    EventType.REFUND_RETURNED: (Role.BUYER, MailKind.REFUND_RETURNED),
}


_PLAIN = {
    EventType.DISPUTE_OPENED: MailKind.DISPUTE_OPENED,
    EventType.OFFER_ACCEPTED: MailKind.OFFER_ACCEPTED,
    EventType.PROPOSAL_MADE: MailKind.PROPOSAL_MADE,
    EventType.ESCALATED: MailKind.ESCALATED,
    EventType.EVIDENCE_WINDOW_SET: MailKind.EVIDENCE_WINDOW_SET,
    EventType.REVIEW_STARTED: MailKind.UNDER_REVIEW,
    EventType.DECIDED: MailKind.DECIDED,
    EventType.RETURN_CLOSED: MailKind.RETURN_CLOSED,
    EventType.EVIDENCE_REQUESTED: MailKind.EVIDENCE_REQUESTED,
    EventType.RETURN_ADDRESS_CONFIRMED: MailKind.RETURN_ADDRESS_CONFIRMED,
    EventType.RETURN_SHIPPED: MailKind.RETURN_SHIPPED,
    EventType.RETURN_PROBLEM: MailKind.RETURN_PROBLEM,
    EventType.REFUND_HELD: MailKind.REFUND_HELD,
    EventType.REFUND_GIVEN_UP: MailKind.REFUND_GIVEN_UP,
    EventType.DEADLINE_MISSED: MailKind.DECISION_LATE,
    EventType.TIME_GIVEN: MailKind.TIME_GIVEN,
}


def _to_both(kind: MailKind) -> Sequence[tuple[Role, MailKind]]:
    return [(role, kind) for role in _BOTH]


def _cancelled_kind(data: Mapping[str, Any]) -> MailKind:
    if data.get("outcome") == OutcomeCode.REFUNDED_ELSEWHERE:
        return MailKind.REFUNDED_ELSEWHERE
    by_buyer = data.get("outcome") == OutcomeCode.CANCELLED_BY_BUYER
    return MailKind.CANCELLED_BY_BUYER if by_buyer else MailKind.CANCELLED_NO_EVIDENCE


def reminder_of(window: str) -> MailKind:
    """The mail that reminds of the end of the window of that name."""
    return MailKind(f"REMINDER_{window}")
