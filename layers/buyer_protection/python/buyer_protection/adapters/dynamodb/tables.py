"""The one table: a PynamoDB model per kind of row, by `kind`. Keys are in `keys`, what all rows share in `row`."""

from typing import Any

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, UnicodeAttribute

from buyer_protection.adapters.dynamodb.attributes import (
    CountAttribute,
    IdsAttribute,
    InstantAttribute,
    MoneyAttribute,
    PolicyAttribute,
    RecordAttribute,
    SettlementsAttribute,
    TrackingAttribute,
    WordAttribute,
)
from buyer_protection.adapters.dynamodb.row import Row, configure
from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.enums import (
    ClaimReason,
    EventType,
    EvidenceType,
    OfferStatus,
    OfferType,
    Reason,
    RefundStatus,
    Role,
    Status,
    SubReason,
    TrackingStatus,
)
from buyer_protection.domain.evidence_item import EvidenceFile, PendingUpload
from buyer_protection.domain.ledger import RefundElsewhere
from buyer_protection.domain.mail_alert import MailNotice, MailProblem
from buyer_protection.domain.order import CaseItem, DisputedItem, Order, ParcelState
from buyer_protection.domain.refund_request import ReturnedPayment
from buyer_protection.domain.return_goods import ReturnAddress, ReturnParcel
from buyer_protection.domain.rulings import WaitingRuling
from buyer_protection.domain.sides import ContactRecord, GivenTime, OpenOffer, PartyNames, Proposal, Thread
from buyer_protection.domain.timeline import SaltedText

__all__ = ["configure"]

CaseItems = tuple[CaseItem, ...]
DisputedItems = tuple[DisputedItem, ...]
Amounts = dict[str, int]
Uploads = tuple[PendingUpload, ...]
Parcels = dict[str, ParcelState]
ReturnAddresses = tuple[ReturnAddress, ...]

# --- a case: CASE#{dispute_id} ------------------------------------------------------------------------------


class FactsRow(Row, discriminator="FACTS"):
    """What was opened; written again only for a changed reason."""

    order_id = UnicodeAttribute()
    buyer_id = UnicodeAttribute()
    seller_id = UnicodeAttribute()
    items: RecordAttribute[CaseItems] = RecordAttribute(CaseItems)
    reason = WordAttribute(Reason)
    sub_reason = WordAttribute(SubReason, null=True)
    description = UnicodeAttribute()
    seller_contacted: RecordAttribute[ContactRecord] = RecordAttribute(ContactRecord, null=True)
    requested_refund = MoneyAttribute()
    max_refundable = MoneyAttribute()
    order_paid = MoneyAttribute()
    policy = PolicyAttribute()
    opened_at = InstantAttribute()
    undisputed: RecordAttribute[DisputedItems] = RecordAttribute(DisputedItems, null=True)
    shipping_minor = CountAttribute(null=True)
    return_address: RecordAttribute[tuple[str, ...]] = RecordAttribute(tuple[str, ...], null=True)
    return_addresses: RecordAttribute[ReturnAddresses] = RecordAttribute(ReturnAddresses, null=True)
    return_parcel: RecordAttribute[ReturnParcel] = RecordAttribute(ReturnParcel, null=True)
    names: RecordAttribute[PartyNames] = RecordAttribute(PartyNames, null=True)
    salts: RecordAttribute[dict[str, str]] = RecordAttribute(dict[str, str], null=True)
    metadata: RecordAttribute[dict[str, str]] = RecordAttribute(dict[str, str], null=True)
    buyer_key = UnicodeAttribute()
    seller_key = UnicodeAttribute()
    opened_key = UnicodeAttribute()
    # Among all cases, by opening; rows of before have none until they are indexed (decision 0053).
    queue_key = UnicodeAttribute(null=True)
    queue_due = InstantAttribute(null=True)


class StateRow(Row, discriminator="STATE"):
    """Where a case stands. Every change is conditional on `version`; what has its default is left out."""

    status = WordAttribute(Status)
    version = CountAttribute()
    epoch = CountAttribute()
    updated_at = InstantAttribute(null=True)
    timeline_seq = CountAttribute(null=True)
    timeline_hash = UnicodeAttribute(null=True)
    buyer_offer: RecordAttribute[OpenOffer] = RecordAttribute(OpenOffer, null=True)
    seller_offer: RecordAttribute[OpenOffer] = RecordAttribute(OpenOffer, null=True)
    offers_by_buyer = CountAttribute(null=True)
    offers_by_seller = CountAttribute(null=True)
    request_standing = BooleanAttribute(null=True)
    proposal: RecordAttribute[Proposal] = RecordAttribute(Proposal, null=True)
    offers_by_team = CountAttribute(null=True)
    escalated_at = InstantAttribute(null=True)
    escalated_by = WordAttribute(Role, null=True)
    claim_reason = WordAttribute(ClaimReason, null=True)
    no_agreement_confirmed_at = InstantAttribute(null=True)
    asked_refund = MoneyAttribute(null=True)
    evidence_due_at = InstantAttribute(null=True)
    decision_due_at = InstantAttribute(null=True)
    mediation_opened_at = InstantAttribute(null=True)
    evidence_by_buyer = CountAttribute(null=True)
    evidence_by_seller = CountAttribute(null=True)
    evidence_items = CountAttribute(null=True)
    messages = CountAttribute(null=True)
    messages_by: RecordAttribute[Amounts] = RecordAttribute(Amounts, null=True)
    evidence_bytes_by: RecordAttribute[Amounts] = RecordAttribute(Amounts, null=True)
    thread: RecordAttribute[Thread] = RecordAttribute(Thread, null=True)
    buyer_has_unread = BooleanAttribute(null=True)
    seller_has_unread = BooleanAttribute(null=True)
    evidence_made_by_buyer = CountAttribute(null=True)
    evidence_made_by_seller = CountAttribute(null=True)
    pending_uploads: RecordAttribute[Uploads] = RecordAttribute(Uploads, null=True)
    evidence_requests = CountAttribute(null=True)
    return_evidence_requests = CountAttribute(null=True)
    evidence_extra = CountAttribute(null=True)
    evidence_asked_of = WordAttribute(Role, null=True)
    evidence_answered = BooleanAttribute(null=True)
    evidence_replied: RecordAttribute[tuple[Role, ...]] = RecordAttribute(tuple[Role, ...], null=True)
    evidence_window_until = InstantAttribute(null=True)
    uploads_awaited = BooleanAttribute(null=True)
    buyer_reply_until = InstantAttribute(null=True)
    seller_reply_until = InstantAttribute(null=True)
    assigned_to = UnicodeAttribute(null=True)
    waiting_ruling: RecordAttribute[WaitingRuling] = RecordAttribute(WaitingRuling, null=True)
    buyer_complete = BooleanAttribute(null=True)
    seller_complete = BooleanAttribute(null=True)
    reason_corrections = CountAttribute(null=True)
    reopen_until = InstantAttribute(null=True)
    left = MoneyAttribute(null=True)
    ledger_version = CountAttribute(null=True)
    left_by_line: RecordAttribute[Amounts] = RecordAttribute(Amounts, null=True)
    given_back: RecordAttribute[Amounts] = RecordAttribute(Amounts, null=True)
    parcels: RecordAttribute[Parcels] = RecordAttribute(Parcels, null=True)
    delivered_at = InstantAttribute(null=True)
    buyer_received_at = InstantAttribute(null=True)
    settlement: RecordAttribute[Outcome] = RecordAttribute(Outcome, null=True)
    return_address_confirmed_at = InstantAttribute(null=True)
    return_shipment_due_at = InstantAttribute(null=True)
    return_receipt_due_at = InstantAttribute(null=True)
    return_delivered_at = InstantAttribute(null=True)
    closed_at = InstantAttribute(null=True)
    outcome: RecordAttribute[Outcome] = RecordAttribute(Outcome, null=True)
    refund_status = WordAttribute(RefundStatus, null=True)
    refund_id = UnicodeAttribute(null=True)
    refund_reference = UnicodeAttribute(null=True)
    refund_paid_at = InstantAttribute(null=True)
    refund_paid_attempt = CountAttribute(null=True)
    refund_failed_at = InstantAttribute(null=True)
    refund_returned: RecordAttribute[ReturnedPayment] = RecordAttribute(ReturnedPayment, null=True)
    reminded_until = InstantAttribute(null=True)
    missed_noted = BooleanAttribute(null=True)
    times_given: RecordAttribute[tuple[GivenTime, ...]] = RecordAttribute(tuple[GivenTime, ...], null=True)
    buyer_notice: RecordAttribute[MailNotice] = RecordAttribute(MailNotice, null=True)
    seller_notice: RecordAttribute[MailNotice] = RecordAttribute(MailNotice, null=True)
    # Not of the domain: what conditions and lists look at, when proposals last lapsed, whose write was the last.
    deadline = InstantAttribute(null=True)
    lapsed_at = InstantAttribute(null=True)
    queue_key = UnicodeAttribute(null=True)
    queue_due = InstantAttribute(null=True)
    due_key = UnicodeAttribute(null=True)
    due_at = InstantAttribute(null=True)
    last_command_id = UnicodeAttribute(null=True)
    # The answer that is kept of the last yes to a proposal (R48).
    idempotency_id = UnicodeAttribute(null=True)


class TimerRow(Row, discriminator="TIMER"):
    """The alarm: the state machine parks its `task_token` here on condition that `epoch` is its own."""

    generation = CountAttribute()
    epoch = CountAttribute()
    status = UnicodeAttribute()
    wake_at = InstantAttribute(null=True)
    task_token = UnicodeAttribute(null=True)
    correlation_id = UnicodeAttribute(null=True)
    due_key = UnicodeAttribute(null=True)
    due_at = InstantAttribute(null=True)
    # Since when the sweeper has put the row aside, as nobody can read it, and until when.
    aside_since = InstantAttribute(null=True)
    aside_until = InstantAttribute(null=True)


class TimelineRow(Row, discriminator="TL"):
    """One thing that happened. Written once; the stream's reader derives mails and events from it."""

    seq = CountAttribute()
    at = InstantAttribute()
    actor_role = WordAttribute(Role)
    actor_id = UnicodeAttribute()
    event = WordAttribute(EventType)
    data: RecordAttribute[dict[str, Any]] = RecordAttribute(dict[str, Any])
    prev_hash = UnicodeAttribute()
    hash = UnicodeAttribute()
    # Beside the entry, outside of its hash: the call that it came from, who of the team acted (R45), and the texts of
    # which it has the digests and which no other row holds.
    correlation_id = UnicodeAttribute(null=True)
    person_id = UnicodeAttribute(null=True)
    texts: RecordAttribute[dict[str, SaltedText]] = RecordAttribute(dict[str, SaltedText], null=True)
    # The answer that is kept of the call, which holds copies of texts; and that a text in `data` was erased (R48).
    idempotency_id = UnicodeAttribute(null=True)
    erased = BooleanAttribute(null=True)


class OfferRow(Row, discriminator="OFFER"):
    """One proposal (R14). The opening request has a row once it is closed by name; what lapses stays OPEN here, and
    STATE says since when (see `mapping.offers_of`)."""

    offer_id = UnicodeAttribute()
    made_by = WordAttribute(Role)
    type = WordAttribute(OfferType)
    refund = MoneyAttribute()
    note = UnicodeAttribute()
    made_at = InstantAttribute()
    status = WordAttribute(OfferStatus)
    closed_at = InstantAttribute(null=True)
    salt = UnicodeAttribute(null=True)


class EvidenceRow(Row, discriminator="EVIDENCE"):
    """One item of evidence (R26)."""

    evidence_id = UnicodeAttribute()
    party = WordAttribute(Role)
    type = WordAttribute(EvidenceType)
    text = UnicodeAttribute()
    item_id = UnicodeAttribute(null=True)
    added_at = InstantAttribute()
    counts = BooleanAttribute()
    withdrawn_at = InstantAttribute(null=True)
    files: RecordAttribute[tuple[EvidenceFile, ...]] = RecordAttribute(tuple[EvidenceFile, ...], null=True)
    # How many of them have copies, where some were made after the item counted (R49).
    copied = CountAttribute(null=True)
    salt = UnicodeAttribute(null=True)
    erased = BooleanAttribute(null=True)


class MessageRow(Row, discriminator="MESSAGE"):
    """One message of the thread (R5)."""

    message_id = UnicodeAttribute()
    sender = WordAttribute(Role)
    sender_id = UnicodeAttribute()
    text = UnicodeAttribute()
    sent_at = InstantAttribute()
    salt = UnicodeAttribute(null=True)


class MailRow(Row, discriminator="MAIL"):
    """One mail to one party about one entry of the timeline; due while it is neither sent nor dropped."""

    seq = CountAttribute()
    recipient = WordAttribute(Role)
    mail = UnicodeAttribute()
    attempts = CountAttribute()
    status = UnicodeAttribute()
    correlation_id = UnicodeAttribute(null=True)
    leased_until = InstantAttribute(null=True)
    settled_at = InstantAttribute(null=True)
    message_id = UnicodeAttribute(null=True)
    dropped = UnicodeAttribute(null=True)
    due_key = UnicodeAttribute(null=True)
    due_at = InstantAttribute(null=True)
    aside_since = InstantAttribute(null=True)
    aside_until = InstantAttribute(null=True)


class RefundRow(Row, discriminator="REFUND"):
    """The one refund of a case; due while the shop's payment system is to be asked (again)."""

    refund_id = UnicodeAttribute()
    order_id = UnicodeAttribute()
    amount = MoneyAttribute()
    requested_at = InstantAttribute()
    status = WordAttribute(RefundStatus)
    attempt = CountAttribute(null=True)
    first_retry = CountAttribute(null=True)
    correlation_id = UnicodeAttribute(null=True)
    paid_at = InstantAttribute(null=True)  # as the payment system says; absent in rows of before it was kept
    due_key = UnicodeAttribute(null=True)
    due_at = InstantAttribute(null=True)
    aside_since = InstantAttribute(null=True)
    aside_until = InstantAttribute(null=True)


class AssignmentRow(Row, discriminator="ASSIGNMENT"):
    """Who of the team gave a claim to whom: the team's own, no entry of the timeline (R45). Written once."""

    at = InstantAttribute()
    by = UnicodeAttribute()
    assignee = UnicodeAttribute(null=True)
    previous = UnicodeAttribute(null=True)


class BriefRow(Row, discriminator="BRIEF"):
    """What the mediation function put together for the case manager (R24)."""

    content: RecordAttribute[dict[str, Any]] = RecordAttribute(dict[str, Any])


# --- an order: ORDER#{order_id} -----------------------------------------------------------------------------


class OrderRow(Row, discriminator="ORDER"):
    """The shop's projection, whole in each upsert: `revision` counts them, `as_of` is when the shop says it was so."""

    order: RecordAttribute[Order] = RecordAttribute(Order)
    as_of = InstantAttribute(null=True)
    revision = CountAttribute(null=True)
    expires_at = CountAttribute(null=True)
    # When the shop last said so, since that is kept.
    updated_at = InstantAttribute(null=True)


class ListedOrderRow(Row, discriminator="LISTED"):
    """Where an order is among those of its buyer and of its seller: apart, as whoever opens a dispute pays by the size
    of ORDER. Written with the order, and again where its party or its placing changes."""

    queue_key = UnicodeAttribute()
    queue_due = InstantAttribute()
    seller_key = UnicodeAttribute()
    opened_key = UnicodeAttribute()


class LedgerRow(Row, discriminator="LEDGER"):
    """What disputes, tracking and refunds made of an order. Made by the first update that needs it."""

    active_dispute_id = UnicodeAttribute(null=True)
    disputes_opened = CountAttribute(null=True)
    refunded_minor = CountAttribute(null=True)
    finished_at = InstantAttribute(null=True)
    finished_by = UnicodeAttribute(null=True)
    undisputed: RecordAttribute[DisputedItems] = RecordAttribute(DisputedItems, null=True)
    tracking = TrackingAttribute(null=True)
    version = CountAttribute(null=True)
    currency = UnicodeAttribute(null=True)
    settlements = SettlementsAttribute(null=True)
    elsewhere_minor = CountAttribute(null=True)
    elsewhere: RecordAttribute[Amounts] = RecordAttribute(Amounts, null=True)
    paid_minor = CountAttribute(null=True)
    held = IdsAttribute(null=True)
    former_items: RecordAttribute[tuple[str, ...]] = RecordAttribute(tuple[str, ...], null=True)
    # Not of the domain: every dispute about the order, since that is kept, and when this row was last written.
    disputes = IdsAttribute(null=True)
    updated_at = InstantAttribute(null=True)
    # The answer that is kept of the confirmation of receipt (R48).
    idempotency_id = UnicodeAttribute(null=True)


class ElsewhereRow(Row, discriminator="ELSEWHERE"):
    """Money that the shop gave back outside of disputes (R39). Written once."""

    refund: RecordAttribute[RefundElsewhere] = RecordAttribute(RefundElsewhere)


class TrackRow(Row, discriminator="TRACK"):
    """One report of a carrier (R29)."""

    event_id = UnicodeAttribute()
    shipment_id = UnicodeAttribute()
    status = WordAttribute(TrackingStatus)
    occurred_at = InstantAttribute()
    received_at = InstantAttribute()
    tracking_number = UnicodeAttribute(null=True)
    last_command_id = UnicodeAttribute(null=True)


# --- an address that takes no mails: ADDRESS#{address_id} ---------------------------------------------------


class AddressRow(Row, discriminator="ADDRESS"):
    """Why no mails go to an address any more. The key is a hash; the address itself is nowhere in it."""

    trouble = WordAttribute(MailProblem)
    at = InstantAttribute()
    dispute_id = UnicodeAttribute()
    expires_at = CountAttribute(null=True)


# --- an answer that is kept: IDEM#{receipt_id} --------------------------------------------------------------


class IdempotencyRow(Row, discriminator="IDEM"):
    """The answer to a POST that took effect: `body` is its JSON, deflated; gone after its time to live."""

    body_hash = UnicodeAttribute()
    status = CountAttribute()
    body = BinaryAttribute(legacy_encoding=False)
    version = CountAttribute(null=True)
    location = UnicodeAttribute(null=True)
    expires_at = CountAttribute()
