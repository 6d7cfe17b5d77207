"""Sending the goods back: address, shipment, acknowledgement, and what the team and the clock make of it (R36)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from buyer_protection.domain import claim, evidence, returns
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    DecisionOutcome,
    EventType,
    EvidenceType,
    OutcomeCode,
    ReturnCondition,
    Role,
    Stage,
    Status,
)
from buyer_protection.domain.errors import (
    ConflictError,
    ForbiddenError,
    ImpossibleError,
    InvalidRequestError,
    LimitReachedError,
    WindowClosedError,
)
from buyer_protection.domain.return_goods import ReturnParcel
from buyer_protection.domain.returns import Acknowledgement
from buyer_protection.domain.timeline import CARRIER, Actor, instant
from buyer_protection.domain.windows import close_window
from tests.support.builders import (
    BUYER,
    DAY,
    MANAGER,
    OPENED,
    SECOND,
    SELLER,
    address_confirmed,
    case_awaiting_return,
    case_in,
    case_return_evidence,
    case_return_reviewed,
    case_return_shipped,
    ruling,
    usd,
    with_evidence,
)

# The builders agree on 20.00 against a return two days after the opening.
AGREED = OPENED + 2 * DAY
REFUND = usd(2000)
PARCEL = ReturnParcel("Post", "RT-1", AGREED + 3 * DAY)
PROBLEMS = [one for one in ReturnCondition if one is not ReturnCondition.ITEM_RECEIVED]
ENDS = [(False, Status.RESOLVED), (True, Status.DECIDED)]


def confirmed(case: Dispute, now: datetime = AGREED + DAY) -> Change:
    return returns.confirm_address(case, SELLER, ("9 Quay", "2000 CN"), now)


def said(condition: ReturnCondition = ReturnCondition.ITEM_RECEIVED, *evidence_ids: str) -> Acknowledgement:
    return Acknowledgement(condition, "Look.", evidence_ids)


def acknowledged(case: Dispute, what: Acknowledgement, *own: str, actor: Actor = SELLER) -> Change:
    return returns.acknowledge(case, actor, what, frozenset(own), (case.updated_at or OPENED) + DAY)


def test_r36_the_seller_confirms_an_address_and_the_buyer_has_ten_days_from_then_on() -> None:
    change = confirmed(case_awaiting_return())
    after = change.after
    assert (after.status, after.return_address) == (Status.AWAITING_RETURN, ("9 Quay", "2000 CN"))
    assert (after.return_address_confirmed_at, after.deadline) == (AGREED + DAY, AGREED + 11 * DAY)
    assert after.epoch == change.before.epoch + 1
    assert (change.entry.type, change.entry.actor) == (EventType.RETURN_ADDRESS_CONFIRMED, SELLER)
    assert dict(change.entry.data) == {
        "return_shipment_due_at": instant(AGREED + 11 * DAY),
        "address_id": "ra-1",
        "address_sha256": after.return_addresses[0].digest,
    }


def test_r36_a_corrected_address_opens_the_window_anew_until_something_is_shipped() -> None:
    first = confirmed(case_awaiting_return()).after
    again = returns.confirm_address(first, SELLER, ("10 Quay",), AGREED + 4 * DAY).after
    assert (again.return_address, again.deadline) == (("10 Quay",), AGREED + 14 * DAY)
    with pytest.raises(ConflictError) as refused:
        confirmed(case_return_shipped())
    assert (refused.value.code, refused.value.rule) == ("WRONG_STATUS", "R36")


def test_r36_nothing_is_sent_back_before_the_address_is_confirmed() -> None:
    with pytest.raises(ConflictError) as refused:
        returns.register_shipment(case_awaiting_return(), BUYER, PARCEL, AGREED + 3 * DAY)
    assert (refused.value.code, refused.value.rule) == ("RETURN_ADDRESS_UNCONFIRMED", "R36")


def test_r36_a_registered_shipment_gives_the_seller_ten_days_to_acknowledge_it() -> None:
    case, now = confirmed(case_awaiting_return()).after, AGREED + 3 * DAY
    change = returns.register_shipment(case, BUYER, PARCEL, now)
    after = change.after
    assert (after.status, after.deadline, after.return_parcel) == (
        Status.RETURN_SHIPPED,
        now + 10 * DAY,
        replace(PARCEL, address_id="ra-1"),
    )
    assert (after.epoch, change.refund, after.outcome) == (case.epoch + 1, None, None)
    assert dict(change.entry.data) == {
        "return_receipt_due_at": instant(now + 10 * DAY),
        "carrier": "Post",
        "tracking_number": "RT-1",
        "shipment_id": "return-dp-1",
        "address_id": "ra-1",
    }


@pytest.mark.parametrize("actor", [SELLER, MANAGER])
def test_r36_only_the_buyer_ships(actor: Actor) -> None:
    with pytest.raises(ForbiddenError) as refused:
        returns.register_shipment(address_confirmed(case_awaiting_return()), actor, PARCEL, AGREED + DAY)
    assert refused.value.rule == "R36"


@pytest.mark.parametrize("actor", [BUYER, MANAGER])
def test_r36_only_the_seller_names_the_address_and_says_what_came_back(actor: Actor) -> None:
    with pytest.raises(ForbiddenError):
        returns.confirm_address(case_awaiting_return(), actor, ("9 Quay",), AGREED + DAY)
    with pytest.raises(ForbiddenError):
        acknowledged(case_return_shipped(), said(), actor=actor)


def test_r36_the_buyer_ships_until_the_tenth_day_and_at_its_end_the_clock_wins() -> None:
    case = address_confirmed(case_awaiting_return())
    due = case.deadline
    assert due == AGREED + 10 * DAY
    returns.register_shipment(case, BUYER, PARCEL, due - SECOND)
    assert close_window(replace(case, reminded_until=due - SECOND), due - SECOND) is None
    with pytest.raises(WindowClosedError) as refused:
        returns.register_shipment(case, BUYER, PARCEL, due)
    assert (refused.value.code, refused.value.rule, refused.value.deadline) == ("TOO_LATE", "R36", due)
    change = close_window(case, due)
    assert change is not None
    assert change.after.outcome is not None
    assert (change.after.outcome.code, change.refund) == (OutcomeCode.RETURN_NOT_SHIPPED, None)


def test_r36_the_seller_acknowledges_until_the_tenth_day_and_at_its_end_the_clock_wins() -> None:
    case = case_return_shipped()
    due = case.deadline
    assert due is not None
    returns.acknowledge(case, SELLER, said(), frozenset(), due - SECOND)
    with pytest.raises(WindowClosedError) as refused:
        returns.acknowledge(case, SELLER, said(), frozenset(), due)
    assert (refused.value.rule, refused.value.deadline) == ("R36", due)


@pytest.mark.parametrize(("decided", "end"), ENDS)
def test_r36_item_received_ends_the_case_as_settled_and_pays(*, decided: bool, end: Status) -> None:
    case = case_return_shipped(decided=decided)
    change = acknowledged(case, said())
    assert (change.after.status, change.after.outcome) == (end, case.settlement)
    assert case.settlement is not None
    assert change.refund is not None
    assert change.refund.amount == case.settlement.refund
    assert change.finishes_order
    assert (change.entry.type, change.entry.data["cause"]) == (EventType.RETURN_CLOSED, "RECEIVED")


@pytest.mark.parametrize("condition", PROBLEMS)
def test_c1_r42_a_return_that_is_not_in_order_opens_a_window_for_the_evidence_of_both(
    condition: ReturnCondition,
) -> None:
    case = case_return_shipped()
    now = (case.updated_at or OPENED) + DAY
    change = acknowledged(case, said(condition, "ev-1"), "ev-1")
    after = change.after
    assert (after.status, after.deadline) == (Status.CLAIM_EVIDENCE, now + 5 * DAY)
    for actor in (BUYER, SELLER):
        heard = with_evidence(after, actor, now + 5 * DAY - SECOND)
        assert heard.evidence_items == after.evidence_items + 1
    assert (after.stage, after.settlement, change.refund) == (Stage.CLAIM, case.settlement, None)
    assert dict(change.entry.data) == {
        "condition": condition,
        "note": "Look.",
        "evidence_ids": ["ev-1"],
        "evidence_due_at": instant(now + 5 * DAY),
    }


def test_r36_an_item_that_an_acknowledgement_names_twice_is_kept_once() -> None:
    change = acknowledged(case_return_shipped(), said(ReturnCondition.DAMAGED, "ev-1", "ev-1"), "ev-1")
    assert change.entry.data["evidence_ids"] == ["ev-1"]


@pytest.mark.parametrize("condition", PROBLEMS)
def test_r36_a_return_that_is_not_in_order_needs_evidence(condition: ReturnCondition) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        acknowledged(case_return_shipped(), said(condition))
    assert (refused.value.rule, refused.value.fields) == ("R36", (("/evidence_ids", "REQUIRED"),))


def test_r36_the_evidence_for_it_is_the_sellers_own_and_complete() -> None:
    with pytest.raises(ImpossibleError) as refused:
        acknowledged(case_return_shipped(), said(ReturnCondition.DAMAGED, "ev-1", "ev-2"), "ev-1")
    assert (refused.value.code, refused.value.rule) == ("EVIDENCE_NOT_SHARED", "R36")
    assert "ev-2" in refused.value.detail
    assert "ev-1" not in refused.value.detail


def test_r36_the_carriers_delivery_of_the_return_is_noted_once_and_moves_no_window() -> None:
    case, at = case_return_shipped(), OPENED + 6 * DAY
    change = returns.register_return_delivery(case, at - SECOND, at)
    assert change is not None
    after = change.after
    assert (after.return_delivered_at, after.status, after.deadline) == (
        at - SECOND,
        Status.RETURN_SHIPPED,
        case.deadline,
    )
    assert (after.epoch, change.entry.actor, change.entry.type) == (
        case.epoch,
        CARRIER,
        EventType.RETURN_DELIVERED,
    )
    assert after.delivered_at == case.delivered_at
    assert returns.register_return_delivery(after, at, at) is None


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.RETURN_SHIPPED])
def test_r36_a_delivery_of_a_return_that_is_not_on_its_way_changes_nothing(status: Status) -> None:
    assert returns.register_return_delivery(case_in(status), OPENED, OPENED + DAY) is None


@pytest.mark.parametrize("decided", [False, True])
def test_r36_a_review_of_a_return_decides_on_what_was_to_be_paid_for_it(*, decided: bool) -> None:
    case = case_return_reviewed(decided=decided)
    assert case.settlement is not None
    now, full = (case.updated_at or OPENED) + DAY, case.settlement.refund
    outcomes = {
        DecisionOutcome.BUYER_FAVOUR: (None, full, OutcomeCode.DECIDED_BUYER_FAVOUR),
        DecisionOutcome.SELLER_FAVOUR: (None, usd(0), OutcomeCode.DECIDED_SELLER_FAVOUR),
        DecisionOutcome.PARTIAL: (700, usd(700), OutcomeCode.DECIDED_PARTIAL),
    }
    for outcome, (stated, paid, code) in outcomes.items():
        change = claim.decide(case, MANAGER, ruling(outcome, stated), frozenset(), now)
        assert change.after.status is Status.DECIDED
        assert change.after.outcome is not None
        assert (change.after.outcome.code, change.after.outcome.refund) == (code, paid)
        assert (change.refund.amount if change.refund else usd(0)) == paid


def test_r36_a_partial_decision_on_a_return_lies_below_what_was_to_be_paid_for_it() -> None:
    case = case_return_reviewed()
    now = (case.updated_at or OPENED) + DAY
    for stated, code in ((REFUND.amount_minor, "OUTCOME_MISMATCH"), (2001, "AMOUNT_OUT_OF_RANGE")):
        with pytest.raises(ImpossibleError) as refused:
            claim.decide(case, MANAGER, ruling(DecisionOutcome.PARTIAL, stated), frozenset(), now)
        assert (refused.value.code, refused.value.rule) == (code, "R24")


@pytest.mark.parametrize("decided", [False, True])
def test_r36_there_is_no_second_return(*, decided: bool) -> None:
    case = case_return_reviewed(decided=decided)
    now = (case.updated_at or OPENED) + DAY
    with pytest.raises(ImpossibleError) as refused:
        claim.decide(case, MANAGER, ruling(with_return=True), frozenset(), now)
    assert (refused.value.code, refused.value.rule) == ("RETURN_NOT_APPLICABLE", "R36")


def test_r24_a_late_decision_on_a_return_is_noted_once_and_is_still_to_be_made() -> None:
    case = case_return_reviewed(decided=True)
    assert case.deadline is not None
    missed = close_window(case, case.deadline)
    assert missed is not None
    assert (missed.entry.type, missed.after.status) == (EventType.DEADLINE_MISSED, Status.UNDER_REVIEW)
    assert close_window(missed.after, case.deadline + 9 * DAY) is None
    claim.decide(missed.after, MANAGER, ruling(), frozenset(), case.deadline + 10 * DAY)


def test_r36_a_return_is_for_something() -> None:
    with pytest.raises(AssertionError):
        returns.settlement_of(case_in(Status.NEGOTIATION))
    settlement = returns.settlement_of(case_awaiting_return())
    assert (settlement.code, settlement.refund, settlement.decided_by) == (
        OutcomeCode.AGREED_REFUND_WITH_RETURN,
        REFUND,
        Role.BUYER,
    )
    assert timedelta(days=10) == case_awaiting_return().policy.days(10)


def test_r36_what_was_agreed_before_a_return_is_not_lost_for_want_of_more_evidence() -> None:
    reviewed = case_return_reviewed()
    later = (reviewed.updated_at or OPENED) + DAY
    asked = claim.EvidenceQuestion(Role.SELLER, [EvidenceType.STATEMENT], later + DAY, "What came?")
    waiting = claim.request_evidence(reviewed, MANAGER, asked, later).after
    after = close_window(waiting, later + DAY)
    assert after is not None
    assert (after.after.status, after.after.outcome) == (Status.UNDER_REVIEW, None)


@pytest.mark.parametrize("decided", [False, True])
def test_c1_r42_the_window_about_a_return_never_cancels_and_ends_as_soon_as_both_are_done(
    *, decided: bool
) -> None:
    case = case_return_evidence(decided=decided)
    now = (case.updated_at or OPENED) + DAY
    assert (case.stage, case.buyer_complete, case.seller_complete) == (Stage.CLAIM, False, False)
    assert case.window is not None
    assert case.window.turn(case, now) == {Role.BUYER, Role.SELLER}
    assert case.window.if_missed(case, Role.BUYER) == "DECIDED_WITHOUT_YOU"
    first = evidence.complete_evidence(case, SELLER, now).after
    assert (first.status, case.window.turn(first, now)) == (Status.CLAIM_EVIDENCE, {Role.BUYER})
    second = evidence.complete_evidence(first, BUYER, now).after
    assert (second.status, second.settlement) == (Status.UNDER_REVIEW, case.settlement)


def test_c1_r42_the_team_may_ask_twice_in_the_disputes_review_and_twice_more_in_the_returns() -> None:
    case = replace(case_return_reviewed(decided=True), evidence_requests=2)
    for count in (1, 2):
        now = (case.updated_at or OPENED) + DAY
        asked = claim.EvidenceQuestion(Role.BUYER, [EvidenceType.PHOTO], now + 2 * DAY, "What did you pack?")
        waiting = claim.request_evidence(case, MANAGER, asked, now).after
        assert (waiting.evidence_requests, waiting.return_evidence_requests) == (2, count)
        reviewed = close_window(waiting, now + 2 * DAY)
        assert reviewed is not None
        case = reviewed.after
    late = (case.updated_at or OPENED) + DAY
    with pytest.raises(LimitReachedError) as refused:
        claim.request_evidence(case, MANAGER, replace(asked, due_at=late + 2 * DAY), late)
    assert refused.value.rule == "R24"


def test_r29_the_carriers_word_on_a_return_is_noted_also_once_the_team_looks_at_it() -> None:
    shipped = case_return_shipped()
    silent = close_window(shipped, shipped.return_receipt_due_at or OPENED)
    assert silent is not None
    noted = returns.register_return_delivery(silent.after, silent.entry.at, silent.entry.at + DAY)
    assert noted is not None
    assert noted.after.return_delivered_at == silent.entry.at
