"""The case itself: what it knows, and the one way in which it changes (`Dispute.record`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from buyer_protection.domain.agreement import Offer, Outcome
from buyer_protection.domain.enums import (
    PARTIES,
    TERMINAL,
    ClaimReason,
    EventType,
    OfferStatus,
    Reason,
    RefundStatus,
    Role,
    Stage,
    Status,
    SubReason,
)
from buyer_protection.domain.evidence_item import Evidence, PendingUpload
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.mail_alert import MailNotice
from buyer_protection.domain.money import Money
from buyer_protection.domain.numbers import offer_number
from buyer_protection.domain.order import (
    CaseItem,
    DisputedItem,
    OrderLedger,
    ParcelState,
    Settlement,
    last_registered,
)
from buyer_protection.domain.policy import Policy
from buyer_protection.domain.refund_request import Refund, ReturnedPayment
from buyer_protection.domain.return_goods import ReturnAddress, ReturnParcel
from buyer_protection.domain.rulings import LEAVES_A_RULING, KeptRuling, WaitingRuling
from buyer_protection.domain.sides import (
    ContactRecord,
    GivenTime,
    Message,
    OpenOffer,
    PartyNames,
    Proposal,
    Side,
    Thread,
)
from buyer_protection.domain.timeline import GENESIS, UNVERSIONED, Actor, TimelineEntry, next_entry
from buyer_protection.domain.transitions import check_transition
from buyer_protection.domain.window_table import WINDOWS, Window


@dataclass(frozen=True, slots=True)
class Dispute:
    """A case. Instants are UTC; a window is `[from, until)`; every amount is in the order's currency."""

    # What was opened: changes only by a changed reason or an escalation's text.
    dispute_id: str
    order_id: str
    buyer_id: str
    seller_id: str
    items: tuple[CaseItem, ...]
    reason: Reason
    sub_reason: SubReason | None
    description: str
    seller_contacted: ContactRecord | None
    requested_refund: Money
    max_refundable: Money
    order_paid: Money
    policy: Policy
    opened_at: datetime
    # The units of the order that this dispute is not about, so that another one can be once it has ended.
    undisputed: tuple[DisputedItem, ...] = ()
    shipping_minor: int = 0  # R39: the order's shipping, as far as the case is about it
    reason_corrections: int = 0
    names: PartyNames = field(default_factory=PartyNames)
    salts: dict[str, str] = field(default_factory=dict)  # of the opening's texts: `domain.proof`
    status: Status = Status.NEGOTIATION
    version: int = 0
    epoch: int = 0
    updated_at: datetime | None = None
    timeline_seq: int = 0
    timeline_hash: str = GENESIS
    # The negotiation (R14).
    buyer_offer: OpenOffer | None = None
    seller_offer: OpenOffer | None = None
    offers_by_buyer: int = 0
    offers_by_seller: int = 0
    request_standing: bool = True
    proposal: Proposal | None = None  # the team's own, in a claim
    offers_by_team: int = 0
    # The claim (R15 to R24).
    escalated_at: datetime | None = None
    escalated_by: Role | None = None
    claim_reason: ClaimReason | None = None
    no_agreement_confirmed_at: datetime | None = None
    # R24: what the buyer asked for last, fixed when the claim opened; None: the opening request.
    asked_refund: Money | None = None
    evidence_due_at: datetime | None = None
    decision_due_at: datetime | None = None
    mediation_opened_at: datetime | None = None
    evidence_by_buyer: int = 0
    evidence_by_seller: int = 0
    evidence_items: int = 0
    # Items ever made by each side, whatever became of them: what the policy's limit is about.
    evidence_made_by_buyer: int = 0
    evidence_made_by_seller: int = 0
    evidence_bytes_by: dict[str, int] = field(default_factory=dict)  # R46: of the files that each announced
    pending_uploads: tuple[PendingUpload, ...] = ()
    evidence_requests: int = 0
    return_evidence_requests: int = 0  # R42: those in the review of a return, counted by themselves
    evidence_extra: int = 0  # items beyond the policy's limit that each side may make (R46)
    # Who was asked stays until the window ends; whether they have given something since (R43).
    evidence_asked_of: Role | None = None
    evidence_answered: bool = False
    evidence_replied: tuple[Role, ...] = ()  # who gave something after "nothing more to add", or as an answer
    # Where `evidence_due_at` is not the end of the window that was set, but of an answer or of uploads under way.
    evidence_window_until: datetime | None = None
    uploads_awaited: bool = False
    assigned_to: str | None = None
    waiting_ruling: WaitingRuling | None = None  # R47: beside the case, as who has the claim is (R45)
    buyer_complete: bool = False
    seller_complete: bool = False
    buyer_reply_until: datetime | None = None
    seller_reply_until: datetime | None = None
    # The thread (R5): how many messages, of whom (since that is kept), who got a mail of one and has not read it.
    messages: int = 0
    messages_by: dict[str, int] = field(default_factory=dict)
    thread: Thread = field(default_factory=Thread)
    buyer_has_unread: bool = False
    seller_has_unread: bool = False
    # R28: the order's completion as it was known at the opening; None where no further dispute is allowed.
    reopen_until: datetime | None = None
    # The order's money (R39): what is left of `max_refundable` (None: all), the version of the ledger that says so
    # (None: before it had one), what was given back elsewhere since the opening ("": for no line), what is left of a
    # line where that is not what was paid less what was given back ("": of the shipping).
    left: Money | None = None
    ledger_version: int | None = None
    given_back: dict[str, int] = field(default_factory=dict)
    left_by_line: dict[str, int] = field(default_factory=dict)
    # The parcels of the disputed items (R27, R30); `delivered_at` is that of the last one, once all are delivered.
    parcels: dict[str, ParcelState] = field(default_factory=dict)
    delivered_at: datetime | None = None
    buyer_received_at: datetime | None = None
    # A return under way (R36): `settlement` is what is paid once it ends well.
    settlement: Outcome | None = None
    return_address: tuple[str, ...] = ()
    # R42: each one that was confirmed, oldest first; empty in cases of before they were kept.
    return_addresses: tuple[ReturnAddress, ...] = ()
    return_parcel: ReturnParcel | None = None
    return_address_confirmed_at: datetime | None = None
    return_shipment_due_at: datetime | None = None
    return_receipt_due_at: datetime | None = None
    return_delivered_at: datetime | None = None
    # The end.
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    refund_status: RefundStatus | None = None
    refund_id: str = ""  # where it is not the one that follows from the case's own (`domain.era`)
    # The payment that was made, as the payment system says: its name, when, and which attempt it answered.
    refund_reference: str = ""
    refund_paid_at: datetime | None = None
    refund_paid_attempt: int | None = None
    refund_failed_at: datetime | None = None
    refund_returned: ReturnedPayment | None = None
    reminded_until: datetime | None = None  # the clock's own memory: up to when reminders were seen to
    missed_noted: bool = False
    times_given: tuple[GivenTime, ...] = ()  # after outages, once in each run of the operators
    # No change of the case, no part of its version: the shop's own keys, and what is shown of mails that failed.
    metadata: dict[str, str] = field(default_factory=dict)
    buyer_notice: MailNotice | None = None
    seller_notice: MailNotice | None = None

    @property
    def stage(self) -> Stage:
        """NEGOTIATION, CLAIM or CLOSED."""
        if self.status in TERMINAL:
            return Stage.CLOSED
        claimed = self.escalated_at is not None or self.status in {Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW}
        return Stage.CLAIM if claimed else Stage.NEGOTIATION

    @property
    def escalation_available_at(self) -> datetime:
        """R16, R17: counted from the first request, whatever is changed later."""
        return self.opened_at + self.policy.days(self.policy.escalate_after_days)

    @property
    def negotiation_due_at(self) -> datetime:
        """R15, R17: counted from the first request, whatever is changed later; time given back to it comes on top."""
        due = self.opened_at + self.policy.days(self.policy.negotiation_days)
        given = sum(it.ms for it in self.times_given if it.window == WINDOWS[Status.NEGOTIATION].name)
        return due + timedelta(milliseconds=given) if given else due

    @property
    def reason_change_due_at(self) -> datetime | None:
        """R27: until when NOT_RECEIVED may become NOT_AS_DESCRIBED, once the last parcel is registered as delivered."""
        return self.reason_closes_at if self.reason is Reason.NOT_RECEIVED else None

    @property
    def reason_closes_at(self) -> datetime | None:
        """R27: until when the reason, or the sub-reason, may be changed, once the last parcel is registered."""
        if self.delivered_at is None:
            return None
        days = self.policy.days(self.policy.reason_change_days)
        return (last_registered(self.parcels) or self.delivered_at) + days

    @property
    def deadline(self) -> datetime | None:
        """The instant at which the clock acts by itself; None where it never does, or has noted a late decision."""
        window = self.window
        if window is None or (not window.is_strict and self.missed_noted):
            return None
        return window.due(self)

    @property
    def window(self) -> Window | None:
        """What the case waits for; None once it is closed."""
        return WINDOWS.get(self.status)

    @property
    def grantable(self) -> Money:
        """The most that the case can grant now (R39)."""
        return self.max_refundable if self.left is None else self.left

    @property
    def asked(self) -> Money:
        """What the buyer asked for last (R24): the opening request, or the offer that stood when the claim opened."""
        return self.requested_refund if self.asked_refund is None else self.asked_refund

    @property
    def is_closed(self) -> bool:
        """Terminal is final (R25)."""
        return self.status in TERMINAL

    @property
    def current_offer(self) -> OpenOffer | None:
        """The newest standing proposal of either side."""
        standing = [offer for role in PARTIES if (offer := self.side(role).offer) is not None]
        return max(standing, key=lambda offer: (offer.made_at, offer_number(offer.offer_id)), default=None)

    def side(self, role: Role) -> Side:
        """What is kept of that party; nothing of who is none."""
        match role:
            case Role.BUYER:
                return Side(
                    self.buyer_offer,
                    self.offers_by_buyer,
                    self.evidence_by_buyer,
                    self.evidence_made_by_buyer,
                    self.buyer_complete,
                    self.buyer_has_unread,
                    self.buyer_notice,
                    self.buyer_reply_until,
                )
            case Role.SELLER:
                return Side(
                    self.seller_offer,
                    self.offers_by_seller,
                    self.evidence_by_seller,
                    self.evidence_made_by_seller,
                    self.seller_complete,
                    self.seller_has_unread,
                    self.seller_notice,
                    self.seller_reply_until,
                )
            case _:
                return Side()

    def with_side(self, role: Role, side: Side) -> "Dispute":
        """The case with this kept of that party."""
        match role:
            case Role.BUYER:
                return replace(
                    self,
                    buyer_offer=side.offer,
                    offers_by_buyer=side.offers_made,
                    evidence_by_buyer=side.evidence,
                    evidence_made_by_buyer=side.evidence_made,
                    buyer_complete=side.complete,
                    buyer_has_unread=side.has_unread,
                    buyer_notice=side.notice,
                    buyer_reply_until=side.reply_until,
                )
            case Role.SELLER:
                return replace(
                    self,
                    seller_offer=side.offer,
                    offers_by_seller=side.offers_made,
                    evidence_by_seller=side.evidence,
                    evidence_made_by_seller=side.evidence_made,
                    seller_complete=side.complete,
                    seller_has_unread=side.has_unread,
                    seller_notice=side.notice,
                    seller_reply_until=side.reply_until,
                )
            case _:
                raise AssertionError(f"a case has no side of {role}")

    def without_offers(self) -> "Dispute":
        """The case with no standing proposal: the talking has ended (R15)."""
        return replace(self, buyer_offer=None, seller_offer=None, proposal=None)

    def record(
        self,
        now: datetime,
        actor: Actor,
        kind: EventType,
        data: Mapping[str, Any],
        after: "Dispute",
        guard: Guard | None = None,
    ) -> "Change":
        """The change to `after` (this case by `dataclasses.replace`), one timeline entry longer and one version on.

        What is UNVERSIONED moves no version, and reading not even `updated_at`: no reader is shown anything of it.
        Without a `guard`, it is a person's: taken before the end of a window that is strict, at any time otherwise.
        The epoch rises exactly when status or deadline change: only then must a sleeping execution be woken.
        """
        named, seq = actor.as_entered, self.timeline_seq + 1
        entry = next_entry(self.dispute_id, seq, self.timeline_hash, now, named, kind, data)
        if named != actor:
            entry = replace(entry, person_id=actor.actor_id)
        after = replace(
            after,
            version=self.version + (kind not in UNVERSIONED),
            updated_at=self.updated_at if kind is EventType.MESSAGES_READ else now,
            timeline_seq=entry.seq,
            timeline_hash=entry.hash,
            waiting_ruling=after.waiting_ruling if kind in LEAVES_A_RULING else None,
        )
        if (after.status, after.deadline) != (self.status, self.deadline) or self.version == 0:
            # Reminders of the old window are void; those of the new one lie ahead.
            after = replace(after, epoch=self.epoch + 1, reminded_until=now)
        if guard is None:
            is_held = self.version > 0 and self.window is not None and self.window.is_strict
            guard = Guard.BEFORE_DEADLINE if is_held else Guard.NONE
        return Change(before=self, after=after, entry=entry, guard=guard)


@dataclass(frozen=True, slots=True)
class Change:
    """What one action, or one step of the clock, does to a case: committed whole or not at all.

    None can be made that `TRANSITIONS` does not name (AssertionError), by whomever.
    """

    before: Dispute
    after: Dispute
    entry: TimelineEntry
    guard: Guard
    earlier: tuple[TimelineEntry, ...] = ()  # what happened with it, before `entry`
    new_offer: Offer | None = None
    closed_offers: Mapping[str, OfferStatus] | None = None
    new_evidence: Evidence | None = None
    changed_evidence: Evidence | None = None
    new_message: Message | None = None
    refund: Refund | None = None
    ledger_read: OrderLedger | None = None  # what an opening, or a refund's hold and its end, was decided on
    order_revision: int | None = None  # an opening's, too
    ruling: KeptRuling | None = None  # R47: the ruling that takes effect by it, as it is kept from then on
    settles: Settlement | None = None  # what the order's ledger keeps of how the case ended
    lapses_singly: bool = False  # `closed_offers` lapse, and the talking goes on
    finishes_order: bool = False
    releases_order: bool = False
    # The sweeper's: when it looks at the case again, where no date is sooner.
    look_again_at: datetime | None = None

    def __post_init__(self) -> None:
        source = None if self.is_opening else self.before.status
        entry = self.entry
        check_transition(source, self.after.status, entry.type, entry.actor.role, self.before.policy)

    @property
    def is_opening(self) -> bool:
        """Whether this change is the case's first."""
        return self.before.version == 0

    def from_call(self, correlation_id: str | None) -> "Change":
        """The same change, whose entry, and the refund that it asks for, name the call that it came from."""
        named = [replace(entry, correlation_id=correlation_id) for entry in self.entries]
        refund = self.refund and replace(self.refund, correlation_id=correlation_id)
        return replace(self, earlier=tuple(named[:-1]), entry=named[-1], refund=refund)

    @property
    def entries(self) -> tuple[TimelineEntry, ...]:
        """All that it adds to the timeline, oldest first."""
        return (*self.earlier, self.entry)

    @property
    def voids_ruling(self) -> bool:
        """R47: whether a ruling that waits for its confirmation is void from here on, read with the case or not."""
        in_review = self.before.status is Status.UNDER_REVIEW
        return in_review and any(entry.type not in LEAVES_A_RULING for entry in self.entries)

    @property
    def paid_minor(self) -> int:
        """What the order's ledger counts as paid because of it: less than nothing where the money came back (R44)."""
        outcome, paid = self.after.outcome, RefundStatus.SUCCEEDED
        is_paid = (self.after.refund_status is paid) - (self.before.refund_status is paid)
        return is_paid * outcome.refund.amount_minor if outcome else 0
