"""The team's decision: amounts, citations, who decides and when (R24, R25, R31, R35, R36)."""

from dataclasses import replace

import pytest

from buyer_protection.domain import claim, negotiation, windows
from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    DecisionOutcome,
    DecisionReason,
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
)
from buyer_protection.domain.timeline import Actor
from tests.support.builders import (
    BUYER,
    DAY,
    MANAGER,
    OPENED,
    PAID,
    SELLER,
    case_decided,
    case_in_claim,
    case_negotiating,
    case_return_reviewed,
    case_under_review,
    escalated,
    ruling,
    usd,
    with_evidence,
)

T12 = OPENED + 12 * DAY


def refusal(error: type[DisputeError], act: object, *args: object, **kwargs: object) -> DisputeError:
    with pytest.raises(error) as refused:
        act(*args, **kwargs)  # type: ignore[operator]
    return refused.value


def decide(case: Dispute, shared: frozenset[str] = frozenset(), **how: object) -> Change:
    return claim.decide(case, MANAGER, ruling(**how), shared, T12)  # type: ignore[arg-type]


def test_r24_a_decision_for_the_buyer_is_all_that_was_asked_for() -> None:
    change = decide(case_under_review(), frozenset({"ev-1"}), cites=["ev-1"])
    assert change.after.outcome == Outcome(
        OutcomeCode.DECIDED_BUYER_FAVOUR,
        usd(PAID),
        False,
        Role.CASE_MANAGER,
        (DecisionReason.NOT_DELIVERED,),
        "No proof of delivery.",
        ("ev-1",),
    )
    assert (change.after.status, change.after.closed_at) == (Status.DECIDED, T12)
    assert change.refund is not None
    assert change.refund.amount == usd(PAID)
    assert change.finishes_order
    assert dict(change.entry.data) == {
        "order_id": "order-1",
        "outcome": "DECIDED_BUYER_FAVOUR",
        "refund_minor": PAID,
        "currency": "USD",
        "reasons": ["NOT_DELIVERED"],
        "evidence_ids": ["ev-1"],
    }


@pytest.mark.parametrize(
    ("outcome", "stated", "paid", "code"),
    [
        (DecisionOutcome.BUYER_FAVOUR, None, PAID, OutcomeCode.DECIDED_BUYER_FAVOUR),
        (DecisionOutcome.BUYER_FAVOUR, PAID, PAID, OutcomeCode.DECIDED_BUYER_FAVOUR),
        (DecisionOutcome.SELLER_FAVOUR, None, 0, OutcomeCode.DECIDED_SELLER_FAVOUR),
        (DecisionOutcome.SELLER_FAVOUR, 0, 0, OutcomeCode.DECIDED_SELLER_FAVOUR),
        (DecisionOutcome.PARTIAL, 1, 1, OutcomeCode.DECIDED_PARTIAL),
        (DecisionOutcome.PARTIAL, PAID - 1, PAID - 1, OutcomeCode.DECIDED_PARTIAL),
    ],
)
def test_r24_each_outcome_goes_with_its_amounts(
    outcome: DecisionOutcome, stated: int | None, paid: int, code: OutcomeCode
) -> None:
    change = decide(case_under_review(), outcome=outcome, refund=stated)
    assert change.after.outcome is not None
    assert (change.after.outcome.refund, change.after.outcome.code) == (usd(paid), code)
    assert (change.refund is not None) == (paid > 0)


@pytest.mark.parametrize(
    ("outcome", "stated"),
    [
        (DecisionOutcome.PARTIAL, 0),
        (DecisionOutcome.PARTIAL, PAID),
        (DecisionOutcome.PARTIAL, None),
        (DecisionOutcome.BUYER_FAVOUR, PAID - 1),
        (DecisionOutcome.BUYER_FAVOUR, 0),
        (DecisionOutcome.SELLER_FAVOUR, 1),
    ],
)
def test_r24_partial_with_zero_or_with_all_and_every_other_mismatch_is_impossible(
    outcome: DecisionOutcome, stated: int | None
) -> None:
    refused = refusal(ImpossibleError, decide, case_under_review(), outcome=outcome, refund=stated)
    assert (refused.code, refused.rule) == ("OUTCOME_MISMATCH", "R24")


@pytest.mark.parametrize("stated", [PAID + 1, -1])
def test_r24_no_decision_pays_more_than_was_asked_for_or_less_than_nothing(stated: int) -> None:
    refused = refusal(
        ImpossibleError, decide, case_under_review(), outcome=DecisionOutcome.PARTIAL, refund=stated
    )
    assert (refused.code, refused.rule) == ("AMOUNT_OUT_OF_RANGE", "R24")


def test_r24_evidence_that_one_side_could_not_see_cannot_be_cited() -> None:
    refused = refusal(
        ImpossibleError, decide, case_under_review(), frozenset({"ev-1"}), cites=["ev-1", "ev-2"]
    )
    assert (refused.code, refused.rule) == ("EVIDENCE_NOT_SHARED", "R24")
    assert "ev-2" in refused.detail
    assert "ev-1" not in refused.detail


def test_r24_what_a_decision_names_twice_is_kept_once() -> None:
    twice = ruling(cites=["ev-1", "ev-1"])._replace(reasons=[DecisionReason.OTHER, DecisionReason.OTHER])
    after = claim.decide(case_under_review(), MANAGER, twice, frozenset({"ev-1"}), T12).after
    assert after.outcome is not None
    assert (after.outcome.reasons, after.outcome.evidence_ids) == ((DecisionReason.OTHER,), ("ev-1",))


@pytest.mark.parametrize("actor", [BUYER, SELLER])
def test_r24_only_a_case_manager_decides(actor: Actor) -> None:
    assert (
        refusal(ForbiddenError, claim.decide, case_under_review(), actor, ruling(), frozenset(), T12).rule
        == "R24"
    )


def test_r24_nothing_is_decided_before_the_review() -> None:
    assert refusal(ConflictError, decide, case_in_claim()).code == "WRONG_STATUS"


def test_r25_a_decision_is_final() -> None:
    refused = refusal(ConflictError, decide, case_decided())
    assert (refused.code, refused.rule) == ("DISPUTE_CLOSED", "R25")


def test_r36_a_refund_against_a_return_is_decided_only_for_what_was_received_and_is_paid_back() -> None:
    change = decide(case_under_review(Reason.NOT_AS_DESCRIBED), with_return=True)
    after = change.after
    assert (after.status, after.deadline, change.refund) == (Status.AWAITING_RETURN, T12 + 10 * DAY, None)
    assert after.settlement is not None
    assert (after.settlement.code, after.settlement.return_required) == (
        OutcomeCode.DECIDED_BUYER_FAVOUR,
        True,
    )
    assert change.entry.data["return_required"] is True
    for case, outcome in (
        (case_under_review(), DecisionOutcome.BUYER_FAVOUR),
        (case_under_review(Reason.NOT_AS_DESCRIBED), DecisionOutcome.SELLER_FAVOUR),
    ):
        refused = refusal(ImpossibleError, decide, case, outcome=outcome, with_return=True)
        assert (refused.code, refused.rule) == ("RETURN_NOT_APPLICABLE", "R36")


@pytest.mark.parametrize("reason", [DecisionReason.BUYER_IMPORT_DUTY, DecisionReason.BUYER_DID_NOT_COLLECT])
def test_r31_r35_a_ruling_names_the_duty_or_the_parcel_that_the_buyer_did_not_take(
    reason: DecisionReason,
) -> None:
    decision = ruling(DecisionOutcome.SELLER_FAVOUR)._replace(reasons=(reason,))
    change = claim.decide(case_under_review(), MANAGER, decision, frozenset(), T12)
    assert change.after.outcome is not None
    assert (change.after.outcome.reasons, change.entry.data["reasons"]) == ((reason,), [reason])
    assert change.after.outcome.refund.is_zero()


# --- C8: what the buyer asked for last ---


def claimed(offer: int | None, kind: OfferType = OfferType.REFUND, refund: int = 1000) -> Dispute:
    """A review of a claim before which the buyer asked for `refund`, and then offered that."""
    case = case_negotiating(Reason.NOT_AS_DESCRIBED, refund)
    if offer is not None:
        amount = usd(offer) if offer else None
        case = negotiation.make_offer(case, BUYER, kind, amount, "", OPENED + DAY).after
    case = with_evidence(escalated(case), SELLER, OPENED + 5 * DAY)
    change = windows.close_window(case, case.deadline or OPENED)
    assert change is not None
    return change.after


@pytest.mark.parametrize(
    ("offer", "kind", "asked"),
    [
        (None, OfferType.REFUND, 1000),
        (PAID, OfferType.REFUND, PAID),
        (500, OfferType.REFUND, 500),
        (2000, OfferType.REFUND_WITH_RETURN, 2000),
        (0, OfferType.NO_REFUND, 1000),
    ],
)
def test_c8_r24_a_decision_for_the_buyer_is_what_was_asked_for_last(
    offer: int | None, kind: OfferType, asked: int
) -> None:
    change = decide(claimed(offer, kind))
    assert change.after.asked == usd(asked)
    assert change.refund is not None
    assert change.refund.amount == usd(asked)


@pytest.mark.parametrize("offer", [None, PAID, 500])
def test_c8_r24_what_was_withdrawn_or_is_offered_in_the_claim_is_not_what_was_asked_for(
    offer: int | None,
) -> None:
    withdrawn = negotiation.make_offer(
        case_negotiating(refund=1000), BUYER, OfferType.REFUND, usd(2000), "", OPENED + DAY
    ).after
    withdrawn = negotiation.withdraw_offer(withdrawn, BUYER, "of-2", OPENED + 2 * DAY).after
    claim_of_1000 = with_evidence(escalated(withdrawn), SELLER, OPENED + 5 * DAY)
    if offer is not None:
        claim_of_1000 = negotiation.make_offer(
            claim_of_1000, BUYER, OfferType.REFUND, usd(offer), "", OPENED + 6 * DAY
        ).after
    assert claim_of_1000.asked == usd(1000)


def test_c8_r24_the_sellers_offer_is_not_what_the_buyer_asked_for() -> None:
    case = negotiation.make_offer(
        case_negotiating(refund=1000), SELLER, OfferType.REFUND, usd(300), "", OPENED + DAY
    )
    assert escalated(case.after).asked == usd(1000)


@pytest.mark.parametrize("stated", [1, 999, 1001, PAID])
def test_c8_r24_partial_is_any_other_amount_up_to_what_is_left(stated: int) -> None:
    change = decide(claimed(None), outcome=DecisionOutcome.PARTIAL, refund=stated)
    assert change.refund is not None
    assert change.refund.amount == usd(stated)


@pytest.mark.parametrize(
    ("left", "outcome", "stated", "expected"),
    [
        (600, DecisionOutcome.BUYER_FAVOUR, None, 600),
        (600, DecisionOutcome.BUYER_FAVOUR, 600, 600),
        (600, DecisionOutcome.PARTIAL, 600, "OUTCOME_MISMATCH"),
        (600, DecisionOutcome.PARTIAL, 599, 599),
        (600, DecisionOutcome.PARTIAL, 601, "MORE_THAN_IS_LEFT"),
        (600, DecisionOutcome.BUYER_FAVOUR, 1000, "MORE_THAN_IS_LEFT"),
        (1500, DecisionOutcome.PARTIAL, 1500, 1500),
        (1500, DecisionOutcome.PARTIAL, 1501, "MORE_THAN_IS_LEFT"),
        (1500, DecisionOutcome.PARTIAL, PAID + 1, "AMOUNT_OUT_OF_RANGE"),
    ],
)
def test_c8_r24_r39_no_outcome_grants_more_than_is_left(
    left: int, outcome: DecisionOutcome, stated: int | None, expected: int | str
) -> None:
    case = replace(claimed(None), left=usd(left))
    if isinstance(expected, str):
        with pytest.raises(DisputeError) as refused:
            decide(case, outcome=outcome, refund=stated)
        assert refused.value.code == expected
        return
    change = decide(case, outcome=outcome, refund=stated)
    assert change.refund is not None
    assert change.refund.amount == usd(expected)


@pytest.mark.parametrize("stated", [2001, PAID])
def test_c8_r36_a_review_of_a_return_stays_bounded_by_what_was_settled(stated: int) -> None:
    case = case_return_reviewed()
    with pytest.raises(ImpossibleError) as refused:
        claim.decide(case, MANAGER, ruling(DecisionOutcome.PARTIAL, stated), frozenset(), OPENED + 30 * DAY)
    assert refused.value.code == "AMOUNT_OUT_OF_RANGE"
