"""What a mail can say: a kind, a reader, and every fact already looked up.

A use case fills a `MailView`; the mail adapter turns it into a subject, an HTML part and a text part without
asking anybody anything. Enumerated words (reasons, outcomes, evidence types) travel as the wire values of the
vocabulary.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from buyer_protection.domain.vocabulary import Role

DetailValue = str | int | datetime | tuple[str, ...] | bool | None

BUYER, SELLER = str(Role.BUYER), str(Role.SELLER)
BOTH = frozenset({BUYER, SELLER})


class MailKind(StrEnum):
    """One value per mail; `SPECS` says who may get it and which details it carries."""

    DISPUTE_OPENED = "DISPUTE_OPENED"
    OFFER_MADE = "OFFER_MADE"
    OFFER_DECLINED = "OFFER_DECLINED"
    OFFER_ACCEPTED = "OFFER_ACCEPTED"
    OFFER_WITHDRAWN = "OFFER_WITHDRAWN"
    MAY_ESCALATE = "MAY_ESCALATE"
    REMINDER_NEGOTIATION = "REMINDER_NEGOTIATION"
    ESCALATED = "ESCALATED"
    EVIDENCE_WINDOW_SET = "EVIDENCE_WINDOW_SET"
    EVIDENCE_ADDED = "EVIDENCE_ADDED"
    EVIDENCE_REFUSED = "EVIDENCE_REFUSED"
    EVIDENCE_REQUESTED = "EVIDENCE_REQUESTED"
    REMINDER_EVIDENCE = "REMINDER_EVIDENCE"
    UNDER_REVIEW = "UNDER_REVIEW"
    DECIDED = "DECIDED"
    REASON_CHANGED = "REASON_CHANGED"
    DELIVERED = "DELIVERED"
    CANCELLED_BY_BUYER = "CANCELLED_BY_BUYER"
    CANCELLED_NO_EVIDENCE = "CANCELLED_NO_EVIDENCE"
    AWAITING_RETURN = "AWAITING_RETURN"
    RETURN_ADDRESS_CONFIRMED = "RETURN_ADDRESS_CONFIRMED"
    REMINDER_RETURN_SHIPMENT = "REMINDER_RETURN_SHIPMENT"
    RETURN_SHIPPED = "RETURN_SHIPPED"
    REMINDER_RETURN_RECEIPT = "REMINDER_RETURN_RECEIPT"
    RETURN_PROBLEM = "RETURN_PROBLEM"
    RETURN_CLOSED = "RETURN_CLOSED"
    MESSAGE_WAITING = "MESSAGE_WAITING"


@dataclass(frozen=True, slots=True)
class MailSpec:
    """Who may get a kind of mail, and its details.

    A name ending in `_minor` is an integer of the currency's minor units, one ending in `_at` or `_until` an
    aware datetime. A missing required detail is an error when the mail is rendered; an optional one may be
    absent or None.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    audience: frozenset[str] = field(default=BOTH)


_OFFER = ("offer_type", "offer_refund_minor", "offer_by")

SPECS: Mapping[MailKind, MailSpec] = {
    # due_at: the end of the negotiation (R15).
    MailKind.DISPUTE_OPENED: MailSpec(optional=("description", "escalation_available_at")),
    # replaced_type, replaced_refund_minor: the same party's earlier offer that this one takes the place of.
    # offer_by is BUYER or SELLER; its maker gets a confirmation, the other party the question.
    MailKind.OFFER_MADE: MailSpec(_OFFER, ("offer_note", "replaced_type", "replaced_refund_minor")),
    MailKind.OFFER_DECLINED: MailSpec(_OFFER, ("escalation_available_at",)),
    # The agreement. Without a return: resolved, no due_at. With one: due_at ends the time to ship it (R36).
    MailKind.OFFER_ACCEPTED: MailSpec(("offer_type", "refund_minor"), ("accepted_by",)),
    MailKind.OFFER_WITHDRAWN: MailSpec(_OFFER, ("escalation_available_at",)),
    MailKind.MAY_ESCALATE: MailSpec(audience=frozenset({BUYER})),
    # waiting_offer_*: the other party's open offer, if any.
    MailKind.REMINDER_NEGOTIATION: MailSpec(optional=("waiting_offer_type", "waiting_offer_refund_minor")),
    # escalated_by: BUYER or SYSTEM. due_at: the end of the evidence window (R22).
    MailKind.ESCALATED: MailSpec(("escalated_by",), ("claim_reason", "claim_text")),
    MailKind.EVIDENCE_WINDOW_SET: MailSpec(optional=("previous_due_at",)),
    # To the party that did not add it.
    MailKind.EVIDENCE_ADDED: MailSpec(("evidence_type",), ("evidence_text",)),
    # To the party that uploaded it. refusal: a wire value of FileRefusal; file_name as it was cleaned for display.
    MailKind.EVIDENCE_REFUSED: MailSpec(("evidence_type", "refusal"), ("file_name",)),
    # evidence_types: wire values; question: the team's words.
    MailKind.EVIDENCE_REQUESTED: MailSpec(("evidence_types", "question"), ("asked_of",)),
    # has_own_evidence: whether the reader has given at least one item.
    MailKind.REMINDER_EVIDENCE: MailSpec(optional=("has_own_evidence",)),
    # due_at: when the decision is due (R24). Nobody but the team has to act.
    MailKind.UNDER_REVIEW: MailSpec(),
    # reasons: wire values of DecisionReason. With return_required, due_at is the last instant to ship it.
    MailKind.DECIDED: MailSpec(
        ("outcome_code", "refund_minor", "rationale", "reasons"), ("return_required",)
    ),
    MailKind.REASON_CHANGED: MailSpec(optional=("previous_reason", "sub_reason", "description")),
    # due_at: the end of the time to change the reason (R27).
    MailKind.DELIVERED: MailSpec(("delivered_at",), ("reason_change_due_at",), frozenset({BUYER})),
    MailKind.CANCELLED_BY_BUYER: MailSpec(optional=("can_reopen_until",)),
    MailKind.CANCELLED_NO_EVIDENCE: MailSpec(optional=("can_reopen_until",)),
    # The wait for the buyer's parcel: address_confirmed tells whether the seller gave a return address.
    MailKind.AWAITING_RETURN: MailSpec(("refund_minor",), ("address_confirmed", "return_address")),
    MailKind.RETURN_ADDRESS_CONFIRMED: MailSpec(("return_address",)),
    MailKind.REMINDER_RETURN_SHIPMENT: MailSpec(optional=("address_confirmed",)),
    # due_at: the last instant for the seller to acknowledge the return.
    MailKind.RETURN_SHIPPED: MailSpec(("refund_minor",), ("carrier", "tracking_number")),
    MailKind.REMINDER_RETURN_RECEIPT: MailSpec(optional=("carrier", "tracking_number")),
    # problem: NOT_RECEIVED, DAMAGED, EMPTY_OR_DIFFERENT or MISSING_ITEMS. due_at: the decision's.
    MailKind.RETURN_PROBLEM: MailSpec(("problem",), ("problem_note",)),
    # outcome_code RETURN_NOT_SHIPPED: no refund. Otherwise the refund is due; return_result says why:
    # RECEIVED (the seller acknowledged), DELIVERED (the carrier did), NO_ADDRESS (the seller gave none).
    MailKind.RETURN_CLOSED: MailSpec(("outcome_code", "refund_minor"), ("return_result",)),
    # from_role: BUYER, SELLER or CASE_MANAGER.
    MailKind.MESSAGE_WAITING: MailSpec(("from_role",), ("excerpt",)),
}


@dataclass(frozen=True, slots=True)
class MailView:
    """All that one mail to one reader can say.

    `recipient` is BUYER or SELLER; `locale` a BCP 47 tag; `time_zone` an IANA name (UTC where unknown);
    `dispute_url` the case's page on the configured site, never built from anything a user wrote. `due_at` is
    the instant by which somebody has to act, `if_missed` a wire value of IfMissed, NOTHING, or None. The
    datetimes are aware.
    """

    kind: MailKind
    recipient: str
    recipient_name: str
    locale: str
    time_zone: str
    dispute_id: str
    order_id: str
    dispute_url: str
    item_titles: tuple[str, ...]
    reason: str
    requested_refund_minor: int
    currency: str
    happened_at: datetime
    due_at: datetime | None = None
    if_missed: str | None = None
    details: Mapping[str, DetailValue] = field(default_factory=dict)
