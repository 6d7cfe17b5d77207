"""What the timeline says of each thing that happens, whole: readers, mails and events on the bus rely on every word."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from buyer_protection.domain import (
    claim,
    evidence,
    given_time,
    messages,
    negotiation,
    parcels,
    refunds,
    returns,
    windows,
)
from buyer_protection.domain.claim import EvidenceQuestion
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    ClaimReason,
    DecisionOutcome,
    EvidenceType,
    FileRefusal,
    MediaType,
    OfferType,
    OutcomeCode,
    Reason,
    RefundStatus,
    ReturnCondition,
    Role,
    SubReason,
    TrackingStatus,
)
from buyer_protection.domain.evidence_item import EvidenceFile
from buyer_protection.domain.order import ParcelTracking
from buyer_protection.domain.refunds import RefundAnswer
from buyer_protection.domain.return_goods import ReturnParcel
from buyer_protection.domain.returns import Acknowledgement
from buyer_protection.domain.timeline import first_break
from buyer_protection.domain.tracking import Known, follow_report, follow_return, with_report
from tests.support import builders as b
from tests.support.builders import BUYER, DAY, MANAGER, OPENED, PAID, SELLER, usd
from tests.unit.domain.expected_entries import EXPECTED

T1 = OPENED + DAY
T5 = OPENED + 5 * DAY
T12 = OPENED + 12 * DAY
NEW = b.case_negotiating()
NAD = b.case_negotiating(Reason.NOT_AS_DESCRIBED)
CLAIM = b.case_in_claim()
REVIEW = b.case_under_review(Reason.NOT_AS_DESCRIBED)
SENT = b.case_return_shipped()
ENDED = b.case_decided()
FILES = tuple(EvidenceFile(f"f-{n}", "a.jpg", MediaType.JPEG, 10, "0" * 64) for n in (1, 2))


def submitted(case: Dispute = NEW) -> Change:
    return evidence.add_evidence(case, BUYER, EvidenceType.PHOTO, "See.", "mug", T1, FILES)


def looked_at(refusal: FileRefusal | None, files: int = 1) -> Change | None:
    """The first look at one of the item's files, or the last one at all of them."""
    before = submitted()
    case, item = before.after, before.new_evidence
    change = None
    for number in range(1, files + 1):
        assert item is not None
        change = evidence.verify(case, item, f"f-{number}", "v1", refusal, T1)
        assert change is not None
        case, item = change.after, change.changed_evidence
    return change


def escalate(reason: ClaimReason, text: str) -> Change:
    return claim.escalate(NEW, BUYER, confirm_no_agreement=True, claim_reason=reason, text=text, now=T5)


def decide(outcome: DecisionOutcome, refund: int | None, with_return: bool) -> Change:
    ruling = b.ruling(outcome, refund, with_return=with_return, cites=("ev-1",))
    return claim.decide(REVIEW, MANAGER, ruling, frozenset({"ev-1"}), T12)


def complete(case: Dispute) -> Change:
    return evidence.complete_evidence(case, BUYER, T5)


def paid(status: RefundStatus, note: str) -> Change | None:
    return refunds.note_answer(ENDED, RefundAnswer(status, usd(PAID), T12, note), T12 + DAY)


def due(case: Dispute) -> Change | None:
    """The clock's step at the end of the window."""
    assert case.deadline is not None
    return windows.close_window(case, case.deadline)


def reminded(case: Dispute) -> Change | None:
    wake = windows.wake_at(case)
    assert wake is not None
    return windows.close_window(case, wake)


def request_evidence() -> Change:
    asked = EvidenceQuestion(Role.SELLER, [EvidenceType.PHOTO, EvidenceType.VIDEO], T12 + DAY, "Show it.")
    return claim.request_evidence(REVIEW, MANAGER, asked, T12)


def corrected(at: datetime) -> Change | None:
    """The carrier's delivery of that instant is taken back."""
    books = with_report(b.ledger(), b.shipment(), TrackingStatus.DELIVERED, at, at)
    known = Known(b.order(), books)
    delivered = b.delivery(NEW, at)
    assert delivered is not None
    after = with_report(books, b.shipment(), TrackingStatus.DELIVERY_CORRECTED, at, T5)
    followed = follow_report(delivered.after, known, Known(b.order(), after), T5)
    return followed.change if followed else None


OFFERED = negotiation.make_offer(NAD, SELLER, OfferType.REFUND_WITH_RETURN, usd(2000), "", T1)
SHOWN = b.with_evidence(CLAIM, SELLER, T5)
PARCEL = ReturnParcel("Post", "RT-1", T5)

MOVES: dict[str, Callable[[], Change | None]] = {
    "opened": lambda: b.opening_change(b.request(2000, Reason.NOT_RECEIVED, SubReason.IN_TRANSIT)),
    "opened without a word to the seller": lambda: b.opening_change(
        b.request()._replace(seller_contacted=None)
    ),
    "an offer": lambda: OFFERED,
    "an offer in place of one's own": lambda: negotiation.make_offer(
        NEW, BUYER, OfferType.NO_REFUND, None, "", T1
    ),
    "an offer accepted": lambda: negotiation.accept_offer(NEW, SELLER, "of-1", T1),
    "a return agreed": lambda: negotiation.accept_offer(OFFERED.after, BUYER, "of-2", T1),
    "the request granted": lambda: negotiation.accept_request(NEW, SELLER, T1),
    "an offer declined": lambda: negotiation.decline_offer(NEW, SELLER, "of-1", T1),
    "an offer withdrawn": lambda: negotiation.withdraw_offer(NEW, BUYER, "of-1", T1),
    "cancelled": lambda: parcels.cancel(NEW, BUYER, acknowledge_consequences=True, now=T1),
    "another reason": lambda: parcels.change_reason(
        NEW, BUYER, Reason.NOT_AS_DESCRIBED, SubReason.DAMAGED, None, T1
    ),
    "delivered": lambda: b.delivery(NEW, T1, T5),
    "not delivered after all": lambda: corrected(T1),
    "the return not delivered after all": lambda: follow_return(
        b.case_return_shipped(delivered=True), ParcelTracking(TrackingStatus.DELIVERY_CORRECTED, T12), T12
    ),
    "a message": lambda: messages.send_message(NEW, BUYER, "Hello?", T1),
    "a message of the team": lambda: messages.send_message(NEW, MANAGER, "Hello.", T1),
    "read": lambda: messages.mark_read(
        messages.send_message(NEW, BUYER, "Hello?", T1).after, SELLER, "ms-1", T5
    ),
    "escalated": lambda: escalate(ClaimReason.SELLER_NOT_RESPONDING, ""),
    "escalated with a text": lambda: escalate(ClaimReason.OTHER, "No answer."),
    "evidence": lambda: evidence.add_evidence(NEW, BUYER, EvidenceType.STATEMENT, "So.", "mug", T1),
    "evidence in a claim": lambda: evidence.add_evidence(CLAIM, SELLER, EvidenceType.OTHER, "So.", None, T5),
    "files announced": submitted,
    "one file verified": lambda: looked_at(None),
    "every file verified": lambda: looked_at(None, 2),
    "a file refused": lambda: looked_at(FileRefusal.WRONG_TYPE),
    "evidence withdrawn": lambda: evidence.withdraw_evidence(
        submitted().after, BUYER, submitted().new_evidence, T1
    ),
    "nothing more to add": lambda: complete(SHOWN),
    "nothing more from both": lambda: complete(replace(SHOWN, seller_complete=True)),
    "another window": lambda: claim.set_evidence_window(CLAIM, MANAGER, T12, T5),
    "evidence asked for": request_evidence,
    "decided": lambda: decide(DecisionOutcome.PARTIAL, 1000, False),
    "a return decided": lambda: decide(DecisionOutcome.BUYER_FAVOUR, None, True),
    "an address": lambda: returns.confirm_address(b.case_awaiting_return(), SELLER, ("9 Quay",), T5),
    "sent back": lambda: returns.register_shipment(
        b.address_confirmed(b.case_awaiting_return()), BUYER, PARCEL, T5
    ),
    "the return delivered": lambda: returns.register_return_delivery(SENT, T5, T12),
    "the return accepted": lambda: returns.acknowledge(
        SENT, SELLER, Acknowledgement(ReturnCondition.ITEM_RECEIVED, "", ()), frozenset(), T5
    ),
    "the return refused": lambda: returns.acknowledge(
        SENT, SELLER, Acknowledgement(ReturnCondition.DAMAGED, "Torn.", ("ev-1",)), frozenset({"ev-1"}), T5
    ),
    "paid": lambda: paid(RefundStatus.SUCCEEDED, "re_1"),
    "paid without a reference": lambda: paid(RefundStatus.SUCCEEDED, ""),
    "not paid": lambda: paid(RefundStatus.FAILED, "card closed"),
    "may escalate": lambda: reminded(NEW),
    "a day is left": lambda: reminded(CLAIM),
    "time given back": lambda: given_time.give_time(CLAIM, "outage-7", 36, T5),
    "negotiated too long": lambda: due(NEW),
    "no evidence": lambda: due(CLAIM),
    "evidence enough": lambda: due(SHOWN),
    "no decision": lambda: due(REVIEW),
    "no address": lambda: due(b.case_awaiting_return()),
    "not sent back": lambda: due(b.address_confirmed(b.case_awaiting_return(decided=True))),
    "the return unseen": lambda: due(SENT),
    "the return unanswered": lambda: due(b.case_return_shipped(delivered=True)),
}


@pytest.mark.parametrize("what", MOVES)
def test_r25_the_timeline_says_exactly_what_happened(what: str) -> None:
    change = MOVES[what]()
    assert change is not None
    entry = change.entry
    written = f"{entry.actor.actor_id} {entry.type}", json.loads(json.dumps(entry.data))
    assert written == EXPECTED[what]
    assert (entry.dispute_id, entry.seq) == ("dp-1", change.before.timeline_seq + 1)
    assert (entry.prev_hash, entry.hash) == (change.before.timeline_hash, change.after.timeline_hash)
    assert first_break([entry]) == (None if change.is_opening else entry.seq)


@pytest.mark.parametrize("move", [MOVES["the return refused"], MOVES["the return unseen"]])
def test_r24_a_second_review_that_is_late_is_noted_like_the_first(
    move: Callable[[], Change | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "SENT", replace(SENT, missed_noted=True))
    change = move()
    assert change is not None
    change = due(change.after)
    assert change is not None
    assert change.after.missed_noted is False
    assert change.after.deadline == change.after.decision_due_at


def test_r36_what_was_ruled_is_kept_when_the_goods_are_never_sent_back() -> None:
    waiting = claim.decide(
        REVIEW, MANAGER, b.ruling(with_return=True, cites=("ev-1",)), frozenset({"ev-1"}), T12
    ).after
    change = due(b.address_confirmed(waiting))
    assert change is not None
    assert waiting.settlement is not None
    unsent = replace(waiting.settlement, code=OutcomeCode.RETURN_NOT_SHIPPED, refund=usd(0))
    assert (change.after.outcome, change.refund) == (unsent, None)


def test_r01_every_move_has_its_expected_entry() -> None:
    assert MOVES.keys() == EXPECTED.keys()
