"""What a mail can say: a kind, a reader, and every fact already looked up.

A use case fills a `MailView`; the mail adapter turns it into a subject, an HTML part and a text part without
asking anybody anything. Enumerated words (reasons, outcomes, evidence types) travel as the wire values of the
vocabulary.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from buyer_protection.domain.enums import Action, Role

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
    PROPOSAL_MADE = "PROPOSAL_MADE"
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
    RETURN_ADDRESS_CONFIRMED = "RETURN_ADDRESS_CONFIRMED"
    REMINDER_RETURN_SHIPMENT = "REMINDER_RETURN_SHIPMENT"
    RETURN_SHIPPED = "RETURN_SHIPPED"
    RETURN_DELIVERED = "RETURN_DELIVERED"
    REMINDER_RETURN_RECEIPT = "REMINDER_RETURN_RECEIPT"
    RETURN_PROBLEM = "RETURN_PROBLEM"
    RETURN_CLOSED = "RETURN_CLOSED"
    MESSAGE_WAITING = "MESSAGE_WAITING"
    REFUNDABLE_CHANGED = "REFUNDABLE_CHANGED"
    REFUNDED_ELSEWHERE = "REFUNDED_ELSEWHERE"
    REFUND_PAID = "REFUND_PAID"
    REFUND_HELD = "REFUND_HELD"
    REFUND_GIVEN_UP = "REFUND_GIVEN_UP"
    REFUND_RETURNED = "REFUND_RETURNED"
    DECISION_LATE = "DECISION_LATE"
    DIGEST = "DIGEST"
    PARCEL_DELIVERED = "PARCEL_DELIVERED"
    ORDER_UNCOLLECTED = "ORDER_UNCOLLECTED"
    TIME_GIVEN = "TIME_GIVEN"


class Window(StrEnum):
    """What ends at a mail's `due_at`: the case's present window, or the time to change the reason."""

    NEGOTIATION = "NEGOTIATION"
    EVIDENCE = "EVIDENCE"
    DECISION = "DECISION"
    RETURN_SHIPMENT = "RETURN_SHIPMENT"
    RETURN_RECEIPT = "RETURN_RECEIPT"
    REASON_CHANGE = "REASON_CHANGE"


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


# For `say.less_than_agreed` and `say.completing` in the templates.
_LESS = ("paid_minor", "agreed_minor")
_COMPLETING = ("can_be_judged", "for_both")
_OFFER = ("offer_type", "offer_refund_minor", "offer_by")
# Of the mails that may end a case: the hash of the entry that did, by which an export can be checked (G6).
_HEAD = ("chain_head",)
_TO_BUYER, _TO_SELLER = frozenset({BUYER}), frozenset({SELLER})

SPECS: Mapping[MailKind, MailSpec] = {
    # request_stands: whether the buyer's request can still be answered. can_agree: whether an agreement is possible.
    MailKind.DISPUTE_OPENED: MailSpec(
        optional=("description", "escalation_available_at", "request_stands", "can_agree")
    ),
    # To the party that did not make it. replaced_*: the maker's earlier offer that this one takes the place of;
    # still_open: whether it can still be accepted when the mail leaves.
    MailKind.OFFER_MADE: MailSpec(
        _OFFER, ("offer_note", "replaced_type", "replaced_refund_minor", "still_open")
    ),
    # To its maker.
    MailKind.OFFER_DECLINED: MailSpec(_OFFER, ("escalation_available_at",)),
    # The agreement. Without a return the case is closed; with one the time to ship begins (R36).
    # agreed_minor, paid_minor: where less is left to refund, what was agreed and what is paid (R39).
    # of_team: it was the team's proposal, which both have accepted.
    MailKind.OFFER_ACCEPTED: MailSpec(
        ("offer_type", "refund_minor"), ("accepted_by", "of_team", *_LESS, *_HEAD)
    ),
    MailKind.OFFER_WITHDRAWN: MailSpec(_OFFER, ("escalation_available_at",)),
    # The team's own, to both; still_open as in OFFER_MADE.
    MailKind.PROPOSAL_MADE: MailSpec(
        ("offer_type", "offer_refund_minor"),
        ("offer_note", "replaced_type", "replaced_refund_minor", "still_open"),
    ),
    MailKind.MAY_ESCALATE: MailSpec(audience=_TO_BUYER),
    # waiting_offer_*: the other party's open offer, if any.
    MailKind.REMINDER_NEGOTIATION: MailSpec(optional=("waiting_offer_type", "waiting_offer_refund_minor")),
    # escalated_by: BUYER or SYSTEM.
    MailKind.ESCALATED: MailSpec(
        ("escalated_by",), ("claim_reason", "claim_text", "can_agree", *_COMPLETING)
    ),
    # previous_due_at: the earlier date, where it is still ahead.
    MailKind.EVIDENCE_WINDOW_SET: MailSpec(optional=("previous_due_at", *_COMPLETING)),
    # To the party that did not add it.
    MailKind.EVIDENCE_ADDED: MailSpec(("evidence_type",), ("evidence_text",)),
    # To the party that uploaded it. refusal: a wire value of FileRefusal; file_name as it was cleaned for display.
    MailKind.EVIDENCE_REFUSED: MailSpec(("evidence_type", "refusal"), ("file_name",)),
    # evidence_types: wire values; question: the team's words.
    MailKind.EVIDENCE_REQUESTED: MailSpec(("evidence_types", "question"), ("asked_of",)),
    # has_own_evidence: whether the reader has given at least one item.
    MailKind.REMINDER_EVIDENCE: MailSpec(optional=("has_own_evidence", *_COMPLETING)),
    # of_return: the rest is settled, and the review is of the return only (R36).
    MailKind.UNDER_REVIEW: MailSpec(optional=("of_return", "can_agree")),
    # reasons: wire values of DecisionReason. With return_required the time to ship begins.
    MailKind.DECIDED: MailSpec(
        ("outcome_code", "refund_minor", "rationale", "reasons"), ("return_required", *_LESS, *_HEAD)
    ),
    MailKind.REASON_CHANGED: MailSpec(
        # review_waits: whether the review went back to the evidence for it (R43); None where that is over.
        optional=("previous_reason", "sub_reason", "description", "review_waits"),
        audience=_TO_SELLER,
    ),
    MailKind.DELIVERED: MailSpec(("delivered_at",), ("reason_change_due_at", "parcel"), _TO_BUYER),
    MailKind.CANCELLED_BY_BUYER: MailSpec(optional=("can_reopen_until", *_HEAD)),
    MailKind.CANCELLED_NO_EVIDENCE: MailSpec(optional=("can_reopen_until", *_HEAD)),
    MailKind.RETURN_ADDRESS_CONFIRMED: MailSpec(("return_address", "refund_minor"), _LESS),
    # To the buyer once there is an address to ship to, before that to the seller, who owes one.
    MailKind.REMINDER_RETURN_SHIPMENT: MailSpec(optional=_LESS),
    MailKind.RETURN_SHIPPED: MailSpec(("refund_minor",), ("carrier", "tracking_number", *_LESS)),
    MailKind.RETURN_DELIVERED: MailSpec(
        ("refund_minor",), ("carrier", "tracking_number", *_LESS), _TO_SELLER
    ),
    MailKind.REMINDER_RETURN_RECEIPT: MailSpec(optional=("carrier", "tracking_number"), audience=_TO_SELLER),
    # problem: NOT_RECEIVED, DAMAGED, EMPTY_OR_DIFFERENT or MISSING_ITEMS; NOT_ACKNOWLEDGED where nobody said anything.
    MailKind.RETURN_PROBLEM: MailSpec(("problem",), ("problem_note", *_COMPLETING)),
    # outcome_code RETURN_NOT_SHIPPED: no refund. Otherwise the refund is due; return_result says why:
    # RECEIVED (the seller acknowledged), DELIVERED (the carrier did), NO_ADDRESS (the seller gave none).
    MailKind.RETURN_CLOSED: MailSpec(("outcome_code", "refund_minor"), ("return_result", *_LESS, *_HEAD)),
    # from_role: BUYER, SELLER or CASE_MANAGER.
    MailKind.MESSAGE_WAITING: MailSpec(("from_role",)),
    # cause: a wire value of OrderCause; offers_lapsed: whether a standing offer was above what is left (R39, R51).
    MailKind.REFUNDABLE_CHANGED: MailSpec(
        ("left_minor", "previous_minor", "cause"), ("offers_lapsed", *_LESS)
    ),
    MailKind.REFUNDED_ELSEWHERE: MailSpec(optional=_HEAD),
    # What became of the refund after the case has ended (R44).
    MailKind.REFUND_PAID: MailSpec(("refund_minor",), audience=_TO_BUYER),
    MailKind.REFUND_HELD: MailSpec(("refund_minor",)),
    MailKind.REFUND_GIVEN_UP: MailSpec(("refund_minor",)),
    MailKind.REFUND_RETURNED: MailSpec(("refund_minor",), audience=_TO_BUYER),
    # R44: the date that was promised for the decision has passed.
    MailKind.DECISION_LATE: MailSpec(),
    # Of no entry of its own: several mails that are above the budget, as `events` (R46).
    MailKind.DIGEST: MailSpec(),
    # parcel: how a person knows it; on_their_way: those that are not delivered yet (R30).
    MailKind.PARCEL_DELIVERED: MailSpec(("delivered_at", "parcel"), ("on_their_way",), _TO_BUYER),
    # About an order, not a case: no reason, no request, nothing is due. parcels: those that nobody collected (R31).
    MailKind.ORDER_UNCOLLECTED: MailSpec(("parcels",), audience=_TO_BUYER),
    # After an outage; previous_due_at as in EVIDENCE_WINDOW_SET.
    MailKind.TIME_GIVEN: MailSpec(optional=("previous_due_at",)),
}


@dataclass(frozen=True, slots=True)
class MailView:
    """All that one mail to one reader can say.

    `recipient` is BUYER or SELLER; `locale` a BCP 47 tag; `time_zone` an IANA name (UTC where unknown);
    `dispute_url` the case's page on the configured site, never built from anything a user wrote. `due_at` is
    the instant at which `window` ends, `must_act` whether it is the reader's turn until then, `if_missed` a
    wire value of IfMissed, or None where nothing happens by itself. `status` is the case's, `steps` what the reader
    can do (wire values of Action), both when the mail leaves. `events` are the mails that a digest stands for. The
    datetimes are aware. A mail about an order has no `dispute_id`, and its page is the order's.
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
    window: str | None = None
    must_act: bool = False
    if_missed: str | None = None
    status: str = ""
    steps: frozenset[str] = frozenset(Action)
    details: Mapping[str, DetailValue] = field(default_factory=dict)
    events: "tuple[MailView, ...]" = ()
