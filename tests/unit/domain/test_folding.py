"""The timeline by itself says where a case stands: status, outcome, money, and what the payment system answered."""

from dataclasses import replace

import pytest

from buyer_protection.domain import claim, evidence, negotiation, parcels, returns
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    DecisionOutcome,
    EvidenceType,
    OfferType,
    Reason,
    RefundStatus,
    ReturnCondition,
    Status,
)
from buyer_protection.domain.refunds import RefundAnswer, note_answer
from buyer_protection.domain.replay import Snapshot, replay, snapshot_of
from buyer_protection.domain.return_goods import ReturnParcel
from buyer_protection.domain.timeline import TimelineEntry
from buyer_protection.domain.windows import close_window
from tests.support.builders import BUYER, DAY, MANAGER, OPENED, SELLER, opening_change, request, ruling, usd


class Life:
    """A case and its entries, change by change; after each, the entries add up to the case."""

    def __init__(self, reason: Reason = Reason.NOT_AS_DESCRIBED) -> None:
        self.entries: list[TimelineEntry] = []
        self.now = OPENED
        self.take(opening_change(request(reason=reason)))

    def take(self, change: Change | None) -> "Life":
        assert change is not None
        self.case: Dispute = change.after
        self.entries.append(change.entry)
        replayed = replay(self.entries)
        assert replace(replayed, is_ruled=False) == snapshot_of(self.case)
        return self

    def later(self, days: float = 1) -> "Life":
        self.now += days * DAY
        return self

    def at_deadline(self) -> "Life":
        assert self.case.deadline is not None
        self.now = self.case.deadline
        return self.take(close_window(self.case, self.now))


def life_in_review() -> Life:
    life = Life()
    life.at_deadline()
    life.take(evidence.add_evidence(life.case, SELLER, EvidenceType.STATEMENT, "So it was.", None, life.now))
    return life.at_deadline()


def life_awaiting_return() -> Life:
    life = Life().later()
    life.take(negotiation.make_offer(life.case, SELLER, OfferType.REFUND_WITH_RETURN, usd(900), "", life.now))
    life.take(negotiation.accept_offer(life.case, BUYER, "of-2", life.now))
    assert life.case.status is Status.AWAITING_RETURN
    return life


def life_shipped() -> Life:
    life = life_awaiting_return()
    life.take(returns.confirm_address(life.case, SELLER, ("9 Quay",), life.now))
    parcel_back = ReturnParcel("Post", "RT-1", life.now)
    return life.take(returns.register_shipment(life.case, BUYER, parcel_back, life.now))


def test_nothing_says_nothing() -> None:
    assert replay([]) == Snapshot()


def test_r14_an_agreement_and_the_payment_systems_words() -> None:
    life = Life().later()
    life.take(negotiation.accept_request(life.case, SELLER, life.now))
    outcome = life.case.outcome
    assert outcome is not None
    assert life.case.refund_status is RefundStatus.REQUESTED
    for status in (RefundStatus.FAILED, RefundStatus.SUCCEEDED):
        life.take(note_answer(life.case, RefundAnswer(status, outcome.refund, life.now), life.now))
    assert replay(life.entries).refund_status == "SUCCEEDED"


def test_r22_a_claim_without_evidence_is_cancelled_without_money() -> None:
    life = Life().at_deadline().at_deadline()
    assert life.case.status is Status.CANCELLED
    replayed = replay(life.entries)
    assert (replayed.outcome, replayed.refund_minor, replayed.refund_status) == (
        "CANCELLED_NO_EVIDENCE",
        0,
        None,
    )


def test_r22_a_review_starts_once_both_sides_have_finished_and_not_before() -> None:
    life = Life().at_deadline()
    life.take(evidence.add_evidence(life.case, SELLER, EvidenceType.STATEMENT, "So it was.", None, life.now))
    for party, status in ((BUYER, Status.CLAIM_EVIDENCE), (SELLER, Status.UNDER_REVIEW)):
        life.take(evidence.complete_evidence(life.case, party, life.now))
        assert replay(life.entries).status is status


@pytest.mark.parametrize("with_return", [False, True])
def test_r24_a_decision_with_and_without_a_return(with_return: bool) -> None:
    life = life_in_review()
    decided = ruling(DecisionOutcome.BUYER_FAVOUR, with_return=with_return)
    life.case = claim.assign(life.case, MANAGER, MANAGER.actor_id, life.now)
    life.take(claim.decide(life.case, MANAGER, decided, frozenset(), life.now))
    assert life.case.status is (Status.AWAITING_RETURN if with_return else Status.DECIDED)
    if with_return:
        life.at_deadline()
    # A return that the team ruled on ends as decided, not as agreed.
    assert (life.case.status, replay(life.entries).is_ruled) == (Status.DECIDED, True)


@pytest.mark.parametrize("ending", ["received", "not shipped", "silent"])
def test_r36_a_return_ends_as_it_was_agreed(ending: str) -> None:
    if ending == "not shipped":
        life = life_awaiting_return()
        life.take(returns.confirm_address(life.case, SELLER, ("9 Quay",), life.now))
        life.at_deadline()
    else:
        life = life_shipped()
        if ending == "silent":
            for status in (Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW):
                life.at_deadline()
                assert life.case.status is replay(life.entries).status is status
            return
        said = returns.Acknowledgement(ReturnCondition.ITEM_RECEIVED, "", ())
        life.take(returns.acknowledge(life.case, SELLER, said, frozenset(), life.now))
    assert (life.case.status, replay(life.entries).is_ruled) == (Status.RESOLVED, False)


def test_r28_the_buyer_cancels() -> None:
    life = Life(Reason.NOT_RECEIVED)
    life.take(parcels.cancel(life.case, BUYER, acknowledge_consequences=True, now=life.now))
    assert replay(life.entries).outcome == "CANCELLED_BY_BUYER"
