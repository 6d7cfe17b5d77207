"""Offers: propose, counter, accept, decline, withdraw (R14), with a return only where one is possible (R36)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from buyer_protection.domain import negotiation
from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    EventType,
    OfferStatus,
    OfferType,
    OutcomeCode,
    Reason,
    Role,
    Status,
)
from buyer_protection.domain.errors import (
    ConflictError,
    DisputeError,
    ForbiddenError,
    ImpossibleError,
    LimitReachedError,
    NotFoundError,
    WindowClosedError,
)
from buyer_protection.domain.numbers import evidence_number, offer_number
from buyer_protection.domain.sides import OpenOffer
from buyer_protection.domain.timeline import Actor
from tests.support.builders import (
    BUYER,
    DAY,
    OPENED,
    PAID,
    SECOND,
    SELLER,
    case_in_claim,
    case_negotiating,
    opening_change,
    request,
    usd,
)

T1 = OPENED + DAY
END = OPENED + 15 * DAY


def offer(
    case: Dispute,
    by: Actor,
    refund: int | None = 1000,
    kind: OfferType = OfferType.REFUND,
    now: datetime = T1,
    currency: str = "USD",
) -> Change:
    amount = None if refund is None else replace(usd(refund), currency=currency)
    return negotiation.make_offer(case, by, kind, amount, "a note", now)


def refusal(error: type[DisputeError], act: object, *args: object, **kwargs: object) -> DisputeError:
    with pytest.raises(error) as refused:
        act(*args, **kwargs)  # type: ignore[operator]
    return refused.value


def test_r14_a_counter_offer_stands_beside_the_request_and_is_the_current_one() -> None:
    change = offer(case_negotiating(), SELLER)
    case, made = change.after, change.new_offer
    assert made is not None
    assert (made.offer_id, made.made_by, made.refund, made.note) == ("of-2", Role.SELLER, usd(1000), "a note")
    assert (made.type, made.made_at, made.status) == (OfferType.REFUND, T1, OfferStatus.OPEN)
    assert change.closed_offers is None
    assert case.seller_offer is not None
    assert case.current_offer == case.seller_offer
    assert case.buyer_offer is not None
    assert (case.offers_by_buyer, case.offers_by_seller, case.request_standing) == (1, 1, True)
    assert dict(change.entry.data) == {
        "offer_id": "of-2",
        "offer_type": "REFUND",
        "refund_minor": 1000,
        "currency": "USD",
    }
    assert (change.entry.type, change.entry.actor) == (EventType.OFFER_MADE, SELLER)


def test_r14_a_new_offer_replaces_its_makers_standing_one_only() -> None:
    first = offer(case_negotiating(), SELLER)
    second = offer(first.after, SELLER, 1500)
    assert second.closed_offers == {"of-2": OfferStatus.REPLACED}
    assert second.entry.data["replaces"] == "of-2"
    assert second.after.seller_offer is not None
    assert second.after.seller_offer.offer_id == "of-3"
    assert second.after.offers_by_seller == 2
    assert second.after.buyer_offer == first.after.buyer_offer


def test_r14_a_buyer_who_asks_for_less_has_replaced_the_request() -> None:
    change = offer(case_negotiating(), BUYER, 900)
    assert change.closed_offers == {"of-1": OfferStatus.REPLACED}
    assert not change.after.request_standing
    assert change.after.offers_by_buyer == 2
    refused = refusal(ConflictError, negotiation.accept_request, change.after, SELLER, T1)
    assert (refused.code, refused.rule) == ("OFFER_NOT_CURRENT", "R14")


@pytest.mark.parametrize("by", [BUYER, SELLER])
def test_r14_each_side_makes_at_most_twenty_offers_the_request_included(by: Actor) -> None:
    case = case_negotiating()
    for _ in range(19 if by is BUYER else 20):
        case = offer(case, by).after
    refused = refusal(LimitReachedError, offer, case, by)
    assert (refused.code, refused.rule) == ("LIMIT_REACHED", "R14")
    offer(case, SELLER if by is BUYER else BUYER)


@pytest.mark.parametrize("minor", [0, -5, PAID + 1])
def test_r11_an_offer_lies_between_a_cent_and_what_is_refundable(minor: int) -> None:
    refused = refusal(ImpossibleError, offer, case_negotiating(), SELLER, minor)
    assert (refused.code, refused.rule) == ("AMOUNT_OUT_OF_RANGE", "R11")


@pytest.mark.parametrize("minor", [1, PAID])
def test_r11_an_offer_of_the_least_or_of_everything_is_possible(minor: int) -> None:
    change = offer(case_negotiating(refund=100), SELLER, minor)
    assert change.after.seller_offer is not None
    assert change.after.seller_offer.refund == usd(minor)


def test_r11_an_offer_in_another_currency_is_a_mismatch() -> None:
    assert (
        refusal(ImpossibleError, offer, case_negotiating(), SELLER, currency="EUR").code
        == "CURRENCY_MISMATCH"
    )


def test_r14_an_offer_to_refund_names_an_amount() -> None:
    refused = refusal(ImpossibleError, offer, case_negotiating(), SELLER, None)
    assert (refused.code, refused.rule) == ("AMOUNT_OUT_OF_RANGE", "R14")


def test_r14_an_offer_of_no_refund_is_worth_nothing_and_may_say_so() -> None:
    for stated in (None, 0):
        change = offer(case_negotiating(), SELLER, stated, OfferType.NO_REFUND)
        assert change.new_offer is not None
        assert change.new_offer.refund == usd(0)
    refused = refusal(ImpossibleError, offer, case_negotiating(), SELLER, 1, OfferType.NO_REFUND)
    assert refused.rule == "R14"
    wrong = refusal(
        ImpossibleError, offer, case_negotiating(), SELLER, 0, OfferType.NO_REFUND, currency="EUR"
    )
    assert wrong.code == "CURRENCY_MISMATCH"


def test_r36_a_return_can_be_offered_only_for_what_was_received() -> None:
    refused = refusal(ImpossibleError, offer, case_negotiating(), SELLER, 100, OfferType.REFUND_WITH_RETURN)
    assert (refused.code, refused.rule) == ("RETURN_NOT_APPLICABLE", "R36")
    received = case_negotiating(Reason.NOT_AS_DESCRIBED)
    assert offer(received, SELLER, 100, OfferType.REFUND_WITH_RETURN).new_offer


def test_r36_a_return_can_be_agreed_only_while_negotiating() -> None:
    in_claim = case_in_claim(Reason.NOT_AS_DESCRIBED)
    late = OPENED + 5 * DAY
    refused = refusal(ConflictError, offer, in_claim, SELLER, 100, OfferType.REFUND_WITH_RETURN, late)
    assert (refused.code, refused.rule) == ("WRONG_STATUS", "R36")
    assert offer(in_claim, SELLER, 100, now=late).new_offer


def test_r14_accepting_the_other_sides_offer_resolves_the_case_and_pays_that_amount() -> None:
    case = offer(case_negotiating(), SELLER, 1000).after
    change = negotiation.accept_offer(case, BUYER, "of-2", T1 + SECOND)
    after = change.after
    assert (after.status, after.closed_at) == (Status.RESOLVED, T1 + SECOND)
    assert after.outcome == Outcome(OutcomeCode.AGREED_PARTIAL_REFUND, usd(1000), False, Role.BUYER)
    assert change.closed_offers == {"of-1": OfferStatus.LAPSED, "of-2": OfferStatus.ACCEPTED}
    assert change.refund is not None
    assert (change.refund.refund_id, change.refund.amount) == ("rf-dp-1", usd(1000))
    assert (change.refund.dispute_id, change.refund.order_id) == ("dp-1", "order-1")
    assert change.refund.requested_at == T1 + SECOND
    assert (change.finishes_order, change.releases_order) == (True, False)
    assert (after.buyer_offer, after.seller_offer, after.deadline) == (None, None, None)
    assert dict(change.entry.data) == {
        "order_id": "order-1",
        "outcome": "AGREED_PARTIAL_REFUND",
        "refund_minor": 1000,
        "currency": "USD",
        "offer_id": "of-2",
        "offer_type": "REFUND",
    }


@pytest.mark.parametrize(
    ("kind", "minor", "code"),
    [
        (OfferType.REFUND, PAID, OutcomeCode.AGREED_FULL_REFUND),
        (OfferType.REFUND, PAID - 1, OutcomeCode.AGREED_PARTIAL_REFUND),
        (OfferType.NO_REFUND, None, OutcomeCode.AGREED_NO_REFUND),
    ],
)
def test_r14_the_outcome_speaks_of_the_money_measured_by_what_was_paid(
    kind: OfferType, minor: int | None, code: OutcomeCode
) -> None:
    case = offer(case_negotiating(refund=100), SELLER, minor, kind).after
    change = negotiation.accept_offer(case, BUYER, "of-2", T1)
    assert change.after.outcome is not None
    assert change.after.outcome.code is code
    assert (change.refund is None) == (minor is None)


def test_r36_accepting_a_return_waits_ten_days_for_the_parcel_and_pays_nothing_yet() -> None:
    case = case_negotiating(Reason.NOT_AS_DESCRIBED)
    case = offer(case, SELLER, 2000, OfferType.REFUND_WITH_RETURN).after
    change = negotiation.accept_offer(case, BUYER, "of-2", T1)
    after = change.after
    assert (after.status, after.deadline) == (Status.AWAITING_RETURN, T1 + 10 * DAY)
    assert after.settlement == Outcome(OutcomeCode.AGREED_REFUND_WITH_RETURN, usd(2000), True, Role.BUYER)
    assert (change.refund, change.finishes_order, change.releases_order, after.outcome) == (
        None,
        False,
        False,
        None,
    )
    assert change.closed_offers == {"of-1": OfferStatus.LAPSED, "of-2": OfferStatus.ACCEPTED}
    assert (after.buyer_offer, after.seller_offer) == (None, None)
    assert dict(change.entry.data) == {
        "outcome": "AGREED_REFUND_WITH_RETURN",
        "refund_minor": 2000,
        "currency": "USD",
        "return_required": True,
        "offer_id": "of-2",
        "offer_type": "REFUND_WITH_RETURN",
    }


def test_r14_nobody_accepts_declines_or_withdraws_what_is_not_theirs_to() -> None:
    case = offer(case_negotiating(), SELLER).after
    for act, actor, offer_id in (
        (negotiation.accept_offer, BUYER, "of-1"),
        (negotiation.accept_offer, SELLER, "of-2"),
        (negotiation.decline_offer, BUYER, "of-1"),
        (negotiation.withdraw_offer, BUYER, "of-2"),
    ):
        refused = refusal(ForbiddenError, act, case, actor, offer_id, T1)
        assert (refused.code, refused.rule) == ("FORBIDDEN", "R14")


@pytest.mark.parametrize(
    "act", [negotiation.accept_offer, negotiation.decline_offer, negotiation.withdraw_offer]
)
def test_r14_an_offer_that_never_was_is_404_and_one_that_no_longer_stands_409(act: object) -> None:
    case = offer(offer(case_negotiating(), SELLER).after, SELLER).after
    gone = refusal(ConflictError, act, case, BUYER, "of-2", T1)
    assert (gone.code, gone.rule) == ("OFFER_NOT_CURRENT", "R14")
    for never in ("of-4", "of-0", "of-02", "xx-1", "", "of-1x", "ev-1"):
        assert refusal(NotFoundError, act, case, BUYER, never, T1).rule == "R14"


def test_r14_declining_lets_the_talking_go_on() -> None:
    case = offer(case_negotiating(), SELLER).after
    change = negotiation.decline_offer(case, BUYER, "of-2", T1)
    assert change.closed_offers == {"of-2": OfferStatus.DECLINED}
    assert (change.after.status, change.after.seller_offer) == (Status.NEGOTIATION, None)
    assert change.after.buyer_offer is not None
    assert (change.entry.type, dict(change.entry.data)) == (EventType.OFFER_DECLINED, {"offer_id": "of-2"})


def test_r14_a_declined_request_can_still_be_granted_but_a_withdrawn_one_cannot() -> None:
    declined = negotiation.decline_offer(case_negotiating(), SELLER, "of-1", T1).after
    assert declined.request_standing
    change = negotiation.accept_request(declined, SELLER, T1)
    assert change.closed_offers == {"of-1": OfferStatus.ACCEPTED}
    withdrawn = negotiation.withdraw_offer(case_negotiating(), BUYER, "of-1", T1)
    assert withdrawn.closed_offers == {"of-1": OfferStatus.WITHDRAWN}
    assert withdrawn.entry.type is EventType.OFFER_WITHDRAWN
    assert (
        refusal(ConflictError, negotiation.accept_request, withdrawn.after, SELLER, T1).code
        == "OFFER_NOT_CURRENT"
    )


def test_r14_withdrawing_a_counter_offer_leaves_the_request_standing() -> None:
    case = offer(case_negotiating(), SELLER).after
    change = negotiation.withdraw_offer(case, SELLER, "of-2", T1)
    assert change.after.request_standing
    assert change.after.seller_offer is None
    assert change.after.current_offer == change.after.buyer_offer


def test_r14_granting_the_request_pays_what_was_asked_for() -> None:
    change = negotiation.accept_request(opening_change(request(1200)).after, SELLER, T1)
    assert change.after.outcome == Outcome(OutcomeCode.AGREED_PARTIAL_REFUND, usd(1200), False, Role.SELLER)
    assert change.entry.data["offer_id"] == "of-1"


def test_r14_the_parties_may_still_agree_in_a_claim() -> None:
    now = OPENED + 5 * DAY
    change = negotiation.accept_request(case_in_claim(), SELLER, now)
    assert (change.after.status, change.closed_offers) == (Status.RESOLVED, {"of-1": OfferStatus.ACCEPTED})


def test_r15_an_offer_can_be_accepted_at_15d_minus_1s_and_not_at_15d() -> None:
    case = offer(case_negotiating(), SELLER).after
    assert negotiation.accept_offer(case, BUYER, "of-2", END - SECOND).after.status is Status.RESOLVED
    refused = refusal(WindowClosedError, negotiation.accept_offer, case, BUYER, "of-2", END)
    assert (refused.code, refused.rule, refused.deadline) == ("TOO_LATE", "R15", END)


def test_r17_a_proposal_moves_neither_escalation_nor_deadline_and_wakes_nobody() -> None:
    before = case_negotiating()
    after = offer(offer(before, SELLER).after, BUYER, 900, now=OPENED + 9 * DAY).after
    assert after.escalation_available_at == before.escalation_available_at
    assert after.deadline == before.deadline
    assert after.epoch == before.epoch
    assert after.version == before.version + 2


def test_r14_ids_are_counted_in_one_spelling_only() -> None:
    assert [offer_number(t) for t in ("of-1", "of-20", "of-01", "of-", "of-٣", "of-12345", "1", "ev-1")] == [
        1,
        20,
        0,
        0,
        0,
        0,
        0,
        0,
    ]
    assert offer_number("of-9999") == 9999
    assert [evidence_number(t) for t in ("ev-7", "of-7", "ev--7")] == [7, 0, 0]


@pytest.mark.parametrize("answer", [negotiation.decline_offer, negotiation.withdraw_offer])
def test_r14_what_is_declined_or_withdrawn_stands_no_more_and_the_other_sides_does(answer: Any) -> None:
    case = negotiation.make_offer(case_negotiating(), SELLER, OfferType.REFUND, usd(5), "", OPENED).after
    by = {negotiation.decline_offer: (SELLER, BUYER), negotiation.withdraw_offer: (BUYER, SELLER)}[answer]
    first = answer(case, by[0], "of-1", OPENED + DAY).after
    assert (first.buyer_offer, first.seller_offer) == (None, case.seller_offer)
    second = answer(case, by[1], "of-2", OPENED + DAY).after
    assert (second.buyer_offer, second.seller_offer) == (case.buyer_offer, None)
    # Declined, the request can still be granted; withdrawn, it cannot.
    assert first.request_standing is (answer is negotiation.decline_offer)


def test_r14_each_side_has_its_standing_proposal_and_the_team_has_none() -> None:
    case = negotiation.make_offer(
        case_negotiating(), SELLER, OfferType.REFUND, usd(5), "", OPENED + DAY
    ).after
    assert case.side(Role.BUYER).offer == OpenOffer("of-1", OfferType.REFUND, usd(PAID), OPENED)
    assert case.side(Role.SELLER).offer == OpenOffer("of-2", OfferType.REFUND, usd(5), OPENED + DAY)
    assert case.side(Role.CASE_MANAGER).offer is None
