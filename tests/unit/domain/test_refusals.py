"""Every refusal of the domain in one table: its code, its rule, the field it names, and a sentence for a person."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from buyer_protection.domain import (
    claim,
    eligibility,
    evidence,
    ledger,
    messages,
    negotiation,
    opening,
    parcels,
    permissions,
    refunds,
    returns,
)
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import (
    Action,
    ClaimReason,
    DecisionOutcome,
    EvidenceType,
    MediaType,
    OfferType,
    Reason,
    RefundStatus,
    ReturnCondition,
    Role,
    SubReason,
)
from buyer_protection.domain.errors import DisputeError
from buyer_protection.domain.evidence_item import EvidenceFile
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import DisputedItem, OrderLedger
from buyer_protection.domain.refunds import RefundAnswer
from buyer_protection.domain.returns import Acknowledgement
from buyer_protection.domain.timeline import Actor
from tests.support import builders as b
from tests.support.builders import BUYER, DAY, MANAGER, OPENED, PAID, POLICY, SELLER, SHIPPED, usd

T1 = OPENED + DAY
T12 = OPENED + 12 * DAY
NEW = b.case_negotiating()
NAD = b.case_negotiating(Reason.NOT_AS_DESCRIBED)
CLAIM = b.case_in_claim()
REVIEW = b.case_under_review(Reason.NOT_AS_DESCRIBED)
WAITING = b.case_awaiting_return()
SENT = b.case_return_shipped()
ENDED = b.case_decided()
ONE_MUG_LEFT = b.ledger(undisputed=(DisputedItem("mug", 1),))
CLOSED_ORDER = b.ledger(finished_at=T1)
FILE = EvidenceFile("f-1", "a.jpg", MediaType.JPEG, 10, "0" * 64)


def given(case: Dispute, kind: EvidenceType, text: str, item: str | None = None, files: int = 0) -> object:
    return evidence.add_evidence(case, BUYER, kind, text, item, T1, [FILE] * files)


def escalate(confirm: bool, text: str, now: timedelta = 4 * DAY) -> object:
    asked = {"confirm_no_agreement": confirm, "claim_reason": ClaimReason.OTHER, "text": text}
    return claim.escalate(NEW, BUYER, **asked, now=OPENED + now)


def offer(case: Dispute, kind: OfferType, refund: Money | None) -> object:
    return negotiation.make_offer(case, SELLER, kind, refund, "", case.updated_at or T1)


def decide(outcome: DecisionOutcome, refund: int | None = None, cites: tuple[str, ...] = ()) -> object:
    ruling = b.ruling(outcome, refund, cites=cites)
    return claim.decide(REVIEW, MANAGER, ruling, frozenset({"ev-1"}), T12)


def open_again(books: OrderLedger, now: timedelta = DAY, shipped: bool = True) -> object:
    of = b.order() if shipped else b.order(shipments=())
    return b.opening_change(of=of, books=books, now=OPENED + now)


def answer(case: Dispute, refund: int, status: RefundStatus) -> object:
    return refunds.note_answer(case, RefundAnswer(status, usd(refund), T12), T12)


def twice_waiting() -> Dispute:
    few = replace(POLICY, max_pending_uploads=1)
    return evidence.add_evidence(
        replace(NEW, policy=few), BUYER, EvidenceType.PHOTO, "", None, T1, [FILE]
    ).after


LOOKED_AT = b.with_evidence(b.escalated(NAD), SELLER, OPENED + 5 * DAY)
DAMAGED = ReturnCondition.DAMAGED
PAID_BACK = replace(ENDED, refund_status=RefundStatus.SUCCEEDED)
PAID_UNDER = replace(PAID_BACK, refund_reference="pay-1")
NONE_LEFT = replace(POLICY, max_evidence_per_party=0, max_messages=0, max_offers_per_party=0)
NO_MORE = replace(NEW, policy=NONE_LEFT)

# What is tried: (code, rule, fields, the instant or the dispute that the answer names).
Named = object
Row = tuple[Callable[[], object], str, str | None, tuple[tuple[str, str], ...], Named]
ROWS: dict[str, Row] = {
    # Opening, and the order.
    "a sub-reason of the other reason": (
        lambda: opening.check_sub_reason(Reason.NOT_RECEIVED, SubReason.DAMAGED),
        "VALIDATION_FAILED", "R10", (("/sub_reason", "NOT_OF_THIS_REASON"),), None,
    ),
    "an item that is not on the order": (
        lambda: b.order().named_items([DisputedItem("mug", 1), DisputedItem("pot", 1)]),
        "VALIDATION_FAILED", "R1", (("/items/1/item_id", "NOT_ON_ORDER"),), None,
    ),
    "an item twice": (
        lambda: b.order().named_items([DisputedItem("mug", 1), DisputedItem("mug", 1)]),
        "VALIDATION_FAILED", "R1", (("/items/1/item_id", "DUPLICATE"),), None,
    ),
    "more of an item than was ordered": (
        lambda: b.order().named_items([DisputedItem("mug", 3)]),
        "VALIDATION_FAILED", "R1", (("/items/0/quantity", "OUT_OF_RANGE"),), None,
    ),
    "items that an earlier dispute has settled": (
        lambda: ledger.disputed_items(b.order(), ONE_MUG_LEFT, [DisputedItem("mug", 2)]),
        "ITEM_SETTLED", "R25", (), None,
    ),
    "a finished order": (lambda: open_again(CLOSED_ORDER), "ORDER_COMPLETED", "R2", (), T1),
    "an order past its time": (
        lambda: open_again(b.ledger(), 35 * DAY), "ORDER_COMPLETED", "R2", (), SHIPPED + 40 * DAY,
    ),
    "an order in dispute": (
        lambda: open_again(b.ledger(active_dispute_id="dp-9")), "DISPUTE_EXISTS", "R12", (), "dp-9",
    ),
    "nothing was sent": (lambda: open_again(b.ledger(), shipped=False), "NOT_SHIPPED", "R9", (), None),
    "too early": (lambda: open_again(b.ledger(), -DAY), "TOO_EARLY", "R7", (), OPENED),
    "three disputes already": (
        lambda: open_again(b.ledger(disputes_opened=3)), "LIMIT_REACHED", "R28", (), None,
    ),
    "all is refunded": (
        lambda: open_again(b.ledger(refunded_minor=PAID)), "NOTHING_TO_REFUND", "R11", (), None,
    ),
    "more than was paid": (
        lambda: b.opening_change(b.request(PAID + 1)), "AMOUNT_OUT_OF_RANGE", "R11", (), None,
    ),
    "another currency": (
        lambda: b.opening_change(b.request(currency="EUR")), "CURRENCY_MISMATCH", "R11", (), None,
    ),
    "a receipt during a dispute": (
        lambda: eligibility.finish_by_receipt(b.order(), b.ledger(active_dispute_id="dp-9"), POLICY, T1),
        "DISPUTE_OPEN", "R13", (), "dp-9",
    ),
    "a receipt of a finished order": (
        lambda: eligibility.finish_by_receipt(b.order(), CLOSED_ORDER, POLICY, T12), "ORDER_COMPLETED", "R2", (), T1,
    ),
    "a receipt at the very end": (
        lambda: eligibility.finish_by_receipt(b.order(), b.ledger(), POLICY, SHIPPED + 40 * DAY),
        "ORDER_COMPLETED", "R2", (), SHIPPED + 40 * DAY,
    ),
    # The negotiation.
    "no offers left": (lambda: offer(NO_MORE, OfferType.NO_REFUND, None), "LIMIT_REACHED", "R14", (), None),
    "money for nothing": (
        lambda: offer(NEW, OfferType.NO_REFUND, usd(1)), "AMOUNT_OUT_OF_RANGE", "R14", (), None,
    ),
    "no money for something": (
        lambda: offer(NEW, OfferType.REFUND, None), "AMOUNT_OUT_OF_RANGE", "R14", (), None,
    ),
    "an offer of nothing": (
        lambda: offer(NEW, OfferType.REFUND, usd(0)), "AMOUNT_OUT_OF_RANGE", "R11", (), None,
    ),
    "a return of what never came": (
        lambda: offer(NEW, OfferType.REFUND_WITH_RETURN, usd(1)), "RETURN_NOT_APPLICABLE", "R36", (), None,
    ),
    "a return agreed in a claim": (
        lambda: offer(LOOKED_AT, OfferType.REFUND_WITH_RETURN, usd(1)), "WRONG_STATUS", "R36", (), None,
    ),
    "one's own offer accepted": (
        lambda: negotiation.accept_offer(NEW, BUYER, "of-1", T1), "FORBIDDEN", "R14", (), None,
    ),
    "one's own offer declined": (
        lambda: negotiation.decline_offer(NEW, BUYER, "of-1", T1), "FORBIDDEN", "R14", (), None,
    ),
    "another's offer withdrawn": (
        lambda: negotiation.withdraw_offer(NEW, SELLER, "of-1", T1), "FORBIDDEN", "R14", (), None,
    ),
    "an offer that never was": (
        lambda: negotiation.accept_offer(NEW, SELLER, "of-2", T1), "NOT_FOUND", "R14", (), None,
    ),
    "an offer that stands no more": (
        lambda: negotiation.accept_offer(b.escalated(NEW), SELLER, "of-1", OPENED + 5 * DAY),
        "OFFER_NOT_CURRENT", "R14", (), None,
    ),
    "a request that was replaced": (
        lambda: negotiation.accept_request(replace(NEW, request_standing=False), SELLER, T1),
        "OFFER_NOT_CURRENT", "R14", (), None,
    ),
    "no messages left": (
        lambda: messages.send_message(NO_MORE, BUYER, "Hello?", T1), "LIMIT_REACHED", "R5", (), None,
    ),
    # The parcel.
    "a reason changed back": (
        lambda: parcels.change_reason(NAD, BUYER, Reason.NOT_RECEIVED, None, None, T1),
        "REASON_CHANGE_CLOSED", "R27", (), None,
    ),
    "a reason changed too late": (
        lambda: parcels.change_reason(
            replace(NEW, delivered_at=OPENED), BUYER, Reason.NOT_AS_DESCRIBED, None, None, OPENED + 5 * DAY
        ),
        "REASON_CHANGE_CLOSED", "R27", (), OPENED + 5 * DAY,
    ),
    "cancelling without knowing": (
        lambda: parcels.cancel(NEW, BUYER, acknowledge_consequences=False, now=T1),
        "VALIDATION_FAILED", "R28", (("/acknowledge_consequences", "MUST_BE_TRUE"),), None,
    ),
    # The claim.
    "escalating without a word": (
        lambda: escalate(False, "No."),
        "VALIDATION_FAILED", "R19", (("/confirm_no_agreement", "MUST_BE_TRUE"),), None,
    ),
    "another reason without a text": (
        lambda: escalate(True, " "), "VALIDATION_FAILED", "R20", (("/text", "REQUIRED"),), None,
    ),
    "escalating too early": (
        lambda: escalate(True, "No.", DAY), "TOO_EARLY", "R16", (), OPENED + 3 * DAY,
    ),
    "empty evidence": (
        lambda: given(NEW, EvidenceType.STATEMENT, ""),
        "VALIDATION_FAILED", "R22", (("/text", "REQUIRED"),), None,
    ),
    "a photo without a file": (
        lambda: given(NEW, EvidenceType.PHOTO, "See."),
        "VALIDATION_FAILED", "R22", (("/type", "NEEDS_FILE"),), None,
    ),
    "evidence of something else": (
        lambda: given(NEW, EvidenceType.STATEMENT, "So.", "pot"),
        "VALIDATION_FAILED", "R1", (("/item_id", "NOT_IN_DISPUTE"),), None,
    ),
    "no items left": (
        lambda: given(NO_MORE, EvidenceType.STATEMENT, "So."), "LIMIT_REACHED", "R26", (), None,
    ),
    "too many uploads at once": (
        lambda: given(twice_waiting(), EvidenceType.PHOTO, "", files=1), "LIMIT_REACHED", "R26", (),
        T1 + evidence.form_life(POLICY),
    ),
    "evidence that is not there": (
        lambda: evidence.withdraw_evidence(NEW, BUYER, None, T1), "NOT_FOUND", "R26", (), None,
    ),
    "said already": (
        lambda: evidence.complete_evidence(replace(CLAIM, buyer_complete=True), BUYER, OPENED + 5 * DAY),
        "WRONG_STATUS", "R22", (), None,
    ),
    "a date in the past": (
        lambda: claim.set_evidence_window(CLAIM, MANAGER, OPENED, OPENED + 5 * DAY),
        "DATE_OUT_OF_RANGE", "R22", (), None,
    ),
    "all for a part": (
        lambda: decide(DecisionOutcome.PARTIAL, PAID), "OUTCOME_MISMATCH", "R24", (), None,
    ),
    "more than was asked": (
        lambda: decide(DecisionOutcome.PARTIAL, PAID + 1), "AMOUNT_OUT_OF_RANGE", "R24", (), None,
    ),
    "hidden evidence": (
        lambda: decide(DecisionOutcome.BUYER_FAVOUR, None, ("ev-1", "ev-2")),
        "EVIDENCE_NOT_SHARED", "R24", (), None,
    ),
    "another currency decided": (
        lambda: claim.decide(
            REVIEW, MANAGER, b.ruling()._replace(refund=Money(PAID, "EUR")), frozenset(), T12
        ),
        "CURRENCY_MISMATCH", "R24", (), None,
    ),
    "a return of what never came decided": (
        lambda: claim.decide(
            b.case_under_review(), MANAGER, b.ruling(with_return=True), frozenset(), T12
        ),
        "RETURN_NOT_APPLICABLE", "R36", (), None,
    ),
    "asked twice already": (
        lambda: claim.request_evidence(
            replace(REVIEW, evidence_requests=2),
            MANAGER,
            claim.EvidenceQuestion(Role.BUYER, [], T12 + DAY, "What?"),
            T12,
        ),
        "LIMIT_REACHED", "R24", (), None,
    ),
    "an upload under way": (
        lambda: evidence.complete_evidence(
            evidence.add_evidence(CLAIM, BUYER, EvidenceType.PHOTO, "", None, OPENED + 5 * DAY, [FILE]).after,
            BUYER,
            OPENED + 5 * DAY,
        ),
        "UPLOAD_PENDING", "R22", (), OPENED + 5 * DAY + evidence.LINK_LIFE,
    ),
    "evidence in a review": (
        lambda: given(REVIEW, EvidenceType.STATEMENT, "So."), "TOO_LATE", "R22", (), REVIEW.updated_at,
    ),
    "another's evidence withdrawn": (
        lambda: evidence.withdraw_evidence(
            NEW, BUYER, evidence.add_evidence(
                NEW, SELLER, EvidenceType.STATEMENT, "So.", None, T1
            ).new_evidence, T1
        ),
        "FORBIDDEN", "R26", (), None,
    ),
    "a party as assignee": (
        lambda: claim.assign(CLAIM, MANAGER, "seller-1", T12 - 7 * DAY),
        "ASSIGNEE_IS_PARTY", "R24", (), None,
    ),
    # The return, and the payment.
    "a return without an address": (
        lambda: returns.register_shipment(
            WAITING, BUYER, returns.ReturnParcel("Post", "RT-1", T1), OPENED + 3 * DAY
        ),
        "RETURN_ADDRESS_UNCONFIRMED", "R36", (), None,
    ),
    "a complaint without evidence": (
        lambda: returns.acknowledge(
            SENT, SELLER, Acknowledgement(DAMAGED, "", ()), frozenset(), OPENED + 4 * DAY
        ),
        "VALIDATION_FAILED", "R36", (("/evidence_ids", "REQUIRED"),), None,
    ),
    "another's evidence": (
        lambda: returns.acknowledge(
            SENT, SELLER, Acknowledgement(DAMAGED, "", ("ev-1", "ev-2")), frozenset({"ev-1"}), OPENED + 4 * DAY
        ),
        "EVIDENCE_NOT_SHARED", "R36", (), None,
    ),
    "a refund nobody asked for": (
        lambda: answer(NEW, 1, RefundStatus.SUCCEEDED), "REFUND_UNKNOWN", None, (), None,
    ),
    "a refund of another amount": (
        lambda: answer(ENDED, 1, RefundStatus.SUCCEEDED), "REFUND_AMOUNT_DIFFERS", None, (), None,
    ),
    "a second payment": (
        lambda: refunds.note_answer(PAID_UNDER, RefundAnswer(RefundStatus.SUCCEEDED, usd(PAID), T12, "pay-2"), T12),
        "REFUND_PAID_TWICE", None, (), None,
    ),
    # The gate.
    "a stranger's part": (
        lambda: permissions.check(CLAIM, Role.CASE_MANAGER, Action.ADD_EVIDENCE, T1), "FORBIDDEN", "R26", (), None,
    ),
    "the window has ended": (
        lambda: permissions.check_window(NEW, OPENED + 15 * DAY), "TOO_LATE", "R15", (), OPENED + 15 * DAY,
    ),
    "a case that has ended": (
        lambda: messages.send_message(ENDED, Actor(Role.BUYER, "buyer-1"), "But!", T12 + DAY),
        "DISPUTE_CLOSED", "R25", (), None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ROWS)
def test_r01_r25_a_refusal_names_its_code_its_rule_and_its_field_in_a_sentence(what: str) -> None:
    attempt, code, rule, fields, named = ROWS[what]
    with pytest.raises(DisputeError) as refused:
        attempt()
    error = refused.value
    assert (error.code, error.rule, tuple(map(tuple, error.fields))) == (code, rule, fields)
    assert (error.available_at or error.deadline or error.dispute_id) == named
    assert str(error) == error.detail
    assert error.detail[0].isupper()
    assert error.detail.endswith(".")
    assert re.search(r"\b[a-z]{2,}\b", error.detail)


def test_r24_r36_a_refusal_names_each_item_that_cannot_be_cited() -> None:
    ruling = b.ruling(cites=("ev-8", "ev-9"))
    said = Acknowledgement(DAMAGED, "", ("ev-8", "ev-9"))
    for attempt in (
        lambda: claim.decide(REVIEW, MANAGER, ruling, frozenset(), T12),
        lambda: returns.acknowledge(SENT, SELLER, said, frozenset(), OPENED + 4 * DAY),
    ):
        with pytest.raises(DisputeError, match=r"not ev-8, ev-9\."):
            attempt()
