"""The product's domain behind the reference model's moves: one order, its cases, each Change kept as it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from buyer_protection.domain import (
    claim,
    evidence,
    messages,
    negotiation,
    opening,
    order_changes,
    parcels,
    proposals,
    refunds,
    returns,
    rulings,
    windows,
)
from buyer_protection.domain.agreement import Offer
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.eligibility import finish_by_receipt
from buyer_protection.domain.enums import (
    ClaimReason,
    DecisionOutcome,
    DecisionReason,
    EvidenceType,
    FileRefusal,
    MediaType,
    OfferType,
    Reason,
    RefundKind,
    RefundStatus,
    ReturnCondition,
    Role,
    SubReason,
    TrackingStatus,
)
from buyer_protection.domain.errors import DisputeError
from buyer_protection.domain.evidence_item import Evidence, EvidenceFile
from buyer_protection.domain.ledger import RefundElsewhere, with_given_back
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import DisputedItem, Order, OrderLedger
from buyer_protection.domain.policy import Policy
from buyer_protection.domain.return_goods import ReturnParcel
from buyer_protection.domain.sides import ContactRecord
from buyer_protection.domain.timeline import Actor, TimelineEntry
from buyer_protection.domain.tracking import Known, follow_report, with_report
from tests.model.reference import NOTHING, Numbers, Verdict
from tests.support.builders import SHIPPED, actor_of

MILLISECOND = timedelta(milliseconds=1)


def at(ms: int) -> datetime:
    """The instant so many milliseconds after the shipment."""
    return SHIPPED + ms * MILLISECOND


def ms(instant: datetime | None) -> int | None:
    """The reverse; exact, or the assertion says so."""
    if instant is None:
        return None
    whole, rest = divmod(instant - SHIPPED, MILLISECOND)
    assert not rest, instant
    return whole


def policy(numbers: Numbers) -> Policy:
    """The product's own windows, with the test's limits."""
    return Policy(
        "aliexpress-classic",
        1,
        max_offers_per_party=numbers.offers,
        max_evidence_per_party=numbers.evidence_items,
        max_messages=numbers.messages,
        max_pending_uploads=numbers.pending_uploads,
    )


class Domain:
    """The same moves as the model's, answered in the same words."""

    def __init__(self, order: Order, of: Policy) -> None:
        self.order = order
        self.policy = of
        self.now = SHIPPED
        self.ledger = OrderLedger(order.order_id)
        self.case: Dispute | None = None
        self.refunds: dict[str, int] = {}
        self.given_back = 0
        self._forget()

    def _forget(self) -> None:
        self.offers: dict[str, Offer] = {}
        self.evidence: dict[str, Evidence] = {}
        self.timeline: list[TimelineEntry] = []
        self.changes: list[Change] = []

    @property
    def it(self) -> Dispute:
        assert self.case is not None
        return self.case

    def move(self, act: Callable[[], Change | None]) -> Verdict:
        """What came of it: kept where it was made, its code where it was refused."""
        try:
            change = act()
        except DisputeError as no:
            instant = {"TOO_EARLY": no.available_at, "TOO_LATE": no.deadline}.get(no.code)
            return no.code, ms(instant)
        if change is None:
            return NOTHING
        self.keep(change)
        return None

    def keep(self, change: Change) -> None:
        """The rows, and the order's ledger, as one transaction writes them."""
        case = change.after
        assert change.before.version == (0 if change.is_opening else self.it.version)
        if change.is_opening:
            self._forget()
            opened = self.ledger.disputes_opened + 1
            self.ledger = replace(
                self.ledger,
                active_dispute_id=case.dispute_id,
                disputes_opened=opened,
                version=self.ledger.version + 1,
                currency=self.order.currency,
            )
        self.case = case
        self.changes.append(change)
        self.timeline.extend(change.entries)
        if change.new_offer is not None:
            self.offers[change.new_offer.offer_id] = change.new_offer
        for offer_id, status in (change.closed_offers or {}).items():
            self.offers[offer_id] = replace(self.offers[offer_id], status=status)
        for item in (change.new_evidence, change.changed_evidence):
            if item is not None:
                self.evidence[item.evidence_id] = item
        if change.refund is not None:
            assert change.refund.refund_id not in self.refunds, "a second refund of one case"
            self.refunds[change.refund.refund_id] = change.refund.amount.amount_minor
        self._keep_ledger(change)

    def _keep_ledger(self, change: Change) -> None:
        assert not (change.finishes_order and change.releases_order)
        if change.finishes_order or change.releases_order:
            refunded = change.refund.amount.amount_minor if change.refund else 0
            self.ledger = replace(
                self.ledger,
                active_dispute_id=None,
                finished_at=change.entry.at if change.finishes_order else None,
                refunded_minor=self.ledger.refunded_minor + refunded,
                version=self.ledger.version + 1,
                settlements=(*self.ledger.settlements, *((change.settles,) if change.settles else ())),
            )

    # The order and the negotiation.

    def open(self, reason: str, requested: int, currency: str, items: Mapping[str, int]) -> Verdict:
        asked = opening.OpeningRequest(
            Reason(reason),
            None,
            "So it was.",
            Money(requested, currency),
            tuple(DisputedItem(item, units) for item, units in items.items()),
            ContactRecord(True),
        )
        dispute_id = f"dp-{self.ledger.disputes_opened + 1}"
        return self.move(
            lambda: opening.open_dispute(dispute_id, self.order, self.ledger, asked, self.policy, self.now)
        )

    def confirm_receipt(self) -> Verdict:
        try:
            self.ledger = finish_by_receipt(self.order, self.ledger, self.policy, self.now)
        except DisputeError as no:
            return no.code, None
        return None

    def hear(self, name: str, ago: int, corrects: bool) -> Verdict:
        status = TrackingStatus.DELIVERY_CORRECTED if corrects else TrackingStatus.DELIVERED
        parcel, said_at = self.order.shipment(name), max(SHIPPED, self.now - ago * MILLISECOND)
        assert parcel is not None
        before = Known(self.order, self.ledger)
        self.ledger = with_report(self.ledger, parcel, status, said_at, self.now)
        if self.case is None:
            return NOTHING
        followed = follow_report(self.it, before, Known(self.order, self.ledger), self.now)
        if followed is None or followed.change is None:
            # What shows nowhere is noted all the same.
            self.case = followed.after if followed else self.case
            return NOTHING
        self.keep(followed.change)
        return None

    def give_back(self, amount: int) -> Verdict:
        self.given_back += 1
        refund = RefundElsewhere(f"re-{self.given_back}", RefundKind.GOODWILL, self._usd(amount), self.now)
        ledger, followed = with_given_back(self.ledger, refund), None
        if self.case is not None and not self.case.is_closed:
            followed = order_changes.follow(
                self.case, self.order, ledger, order_changes.cause_of(refund), self.now
            )
        self.keep_refund(refund, ledger, followed)
        return None if followed and followed.change else NOTHING

    def keep_refund(
        self, refund: RefundElsewhere, ledger: OrderLedger, followed: order_changes.Followed | None
    ) -> None:
        """The ledger and the open case, as one transaction writes them."""
        self.ledger = ledger
        if followed is not None and followed.change is not None:
            Domain.keep(self, followed.change)
        elif followed is not None:
            self.case = followed.after

    def make_offer(self, role: str, kind: str, amount: int | None) -> Verdict:
        refund = None if amount is None else self._usd(amount)
        return self.move(
            lambda: negotiation.make_offer(self.it, _actor(role), OfferType(kind), refund, "", self.now)
        )

    def answer_offer(self, verb: str, role: str, number: int) -> Verdict:
        answer = {
            "accept": negotiation.accept_offer,
            "decline": negotiation.decline_offer,
            "withdraw": negotiation.withdraw_offer,
        }[verb]
        if verb == "accept" and role != Role.CASE_MANAGER and proposals.is_proposal(self.it, f"of-{number}"):
            return self.move(lambda: self._taken(role))
        return self.move(lambda: answer(self.it, _actor(role), f"of-{number}", self.now))

    def propose(self, role: str, kind: str, amount: int | None) -> Verdict:
        refund = None if amount is None else self._usd(amount)
        return self.move(
            lambda: proposals.propose(self.it, _actor(role), OfferType(kind), refund, "", self.now)
        )

    def _taken(self, role: str) -> Change | None:
        """A side's yes to the team's proposal; the first is kept beside the case."""
        taken = proposals.take(self.it, _actor(role), self.now)
        if isinstance(taken, Change):
            return taken
        self.took(taken)
        return None

    def took(self, case: Dispute) -> None:
        """One side has said yes to the proposal: kept beside the case."""
        self.case = case

    def accept_request(self, role: str) -> Verdict:
        return self.move(lambda: negotiation.accept_request(self.it, _actor(role), self.now))

    def cancel(self, role: str, acknowledged: bool) -> Verdict:
        return self.move(
            lambda: parcels.cancel(self.it, _actor(role), acknowledge_consequences=acknowledged, now=self.now)
        )

    def change_reason(self, role: str, reason: str, detail: str | None = None) -> Verdict:
        precisely = None if detail is None else SubReason(detail)
        return self.move(
            lambda: parcels.change_reason(self.it, _actor(role), Reason(reason), precisely, None, self.now)
        )

    def send_message(self, role: str) -> Verdict:
        return self.move(lambda: messages.send_message(self.it, _actor(role), "Hello?", self.now))

    def mark_read(self, role: str, whole: bool) -> Verdict:
        up_to = self.it.messages if whole else 1
        return self.move(lambda: messages.mark_read(self.it, _actor(role), f"ms-{up_to}", self.now))

    # The claim.

    def escalate(self, role: str, confirmed: bool, explained: bool) -> Verdict:
        return self.move(
            lambda: claim.escalate(
                self.it,
                _actor(role),
                confirm_no_agreement=confirmed,
                claim_reason=ClaimReason.OTHER,
                text="No answer." if explained else " ",
                now=self.now,
            )
        )

    def add_evidence(self, role: str, kind: str, text: str, with_file: bool) -> Verdict:
        files = [EvidenceFile("f-1", "a.jpg", MediaType.JPEG, 10, "0" * 64)] if with_file else []
        return self.move(
            lambda: evidence.add_evidence(
                self.it, _actor(role), EvidenceType(kind), text, None, self.now, files
            )
        )

    def inspect(self, number: int, good: bool) -> Verdict:
        item = self.evidence.get(f"ev-{number}")
        if item is None:
            return NOTHING
        refusal = None if good else FileRefusal.WRONG_TYPE
        return self.move(lambda: evidence.verify(self.it, item, "f-1", "v1", refusal, self.now))

    def withdraw_evidence(self, role: str, number: int) -> Verdict:
        item = self.evidence.get(f"ev-{number}")
        return self.move(lambda: evidence.withdraw_evidence(self.it, _actor(role), item, self.now))

    def complete_evidence(self, role: str) -> Verdict:
        return self.move(lambda: evidence.complete_evidence(self.it, _actor(role), self.now))

    def set_window(self, role: str, due: int) -> Verdict:
        return self.move(lambda: claim.set_evidence_window(self.it, _actor(role), at(due), self.now))

    def request_evidence(self, role: str, party: str, due: int) -> Verdict:
        asked = claim.EvidenceQuestion(Role(party), [EvidenceType.PHOTO], at(due), "Show it.")
        return self.move(lambda: claim.request_evidence(self.it, _actor(role), asked, self.now))

    def assign(self, role: str, assignee: str) -> Verdict:
        return self._give(lambda: claim.assign(self.it, _actor(role), assignee, self.now))

    def unassign(self, role: str) -> Verdict:
        return self._give(lambda: claim.unassign(self.it, _actor(role), self.now))

    def _give(self, act: Callable[[], Dispute]) -> Verdict:
        try:
            self.given(act())
        except DisputeError as no:
            return no.code, ms(no.deadline if no.code == "TOO_LATE" else None)
        return None

    def given(self, case: Dispute) -> None:
        """The claim has another assignee: kept beside the case."""
        self.case = case

    def decide(
        self, role: str, outcome: str, amount: int | None, with_return: bool, cites: Sequence[int]
    ) -> Verdict:
        ruling = rulings.Ruling(
            DecisionOutcome(outcome),
            None if amount is None else self._usd(amount),
            with_return,
            (DecisionReason.OTHER,),
            "As the evidence shows.",
            [f"ev-{number}" for number in cites],
        )
        shared = frozenset(key for key, item in self.evidence.items() if item.counts)
        return self.move(lambda: claim.decide(self.it, _actor(role), ruling, shared, self.now))

    # The return, the payment, the clock.

    def confirm_address(self, role: str) -> Verdict:
        return self.move(lambda: returns.confirm_address(self.it, _actor(role), ("9 Quay",), self.now))

    def ship_return(self, role: str, address: int = 0) -> Verdict:
        sent = ReturnParcel("Post", "RT-1", self.now, f"ra-{address}" if address else "")
        return self.move(lambda: returns.register_shipment(self.it, _actor(role), sent, self.now))

    def deliver_return(self) -> Verdict:
        return self.move(lambda: returns.register_return_delivery(self.it, self.now, self.now))

    def acknowledge(self, role: str, in_order: bool, cites: Sequence[int]) -> Verdict:
        condition = ReturnCondition.ITEM_RECEIVED if in_order else ReturnCondition.DAMAGED
        said = returns.Acknowledgement(condition, "", [f"ev-{number}" for number in cites])
        own = frozenset(
            key for key, item in self.evidence.items() if item.counts and item.party is Role.SELLER
        )
        return self.move(lambda: returns.acknowledge(self.it, _actor(role), said, own, self.now))

    def answer_refund(self, state: str, amount: int) -> Verdict:
        answer = refunds.RefundAnswer(RefundStatus(state), self._usd(amount), self.now)
        return self.move(lambda: refunds.note_answer(self.it, answer, self.now))

    def tick(self) -> Verdict:
        return self.move(lambda: windows.close_window(self.it, self.now))

    def _usd(self, amount: int) -> Money:
        return Money(amount, "USD")


def _actor(role: str) -> Actor:
    return actor_of(Role(role))
