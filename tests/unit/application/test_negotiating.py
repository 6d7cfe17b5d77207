"""The negotiation's calls: offers, the request, escalation, evidence, and their answers (R14 to R26)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from buyer_protection.application.actions import claim, negotiation, parcels
from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.schemas.requests import (
    CancelRequest,
    ChangeReasonRequest,
    EscalateRequest,
    EvidenceWindowRequest,
)
from buyer_protection.domain.enums import ClaimReason, DecisionOutcome, OfferType, Reason, Status, SubReason
from buyer_protection.domain.errors import (
    ConflictError,
    ForbiddenError,
    ImpossibleError,
    InvalidRequestError,
    NotFoundError,
    StaleVersionError,
    WindowClosedError,
    WindowNotOpenError,
)
from tests.support.builders import DAY, OPENED, PAID, SECOND
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    SELLER,
    STAFF,
    call,
    case_of,
    decide,
    doc,
    escalate,
    evidence,
    offer,
    opened,
    tick,
    wait_until_due,
    world,
    world_in,
)


def test_r14_an_offer_is_created_and_replaces_its_makers_own() -> None:
    of = world_in(Status.NEGOTIATION)
    first, second = offer(of, SELLER, 500), offer(of, STAFF, 700)
    assert (first.status, first.location) == (201, "/v1/disputes/dp-1/offers")
    assert (second.location, second.version) == ("/v1/disputes/dp-1/offers", 3)
    made = doc(second)
    assert (made["made_by"], made["refund"], made["note"], made["status"]) == (
        "SELLER",
        {"amount_minor": 700, "currency": "USD"},
        "a note",
        "OPEN",
    )
    kept = {o.offer_id: o.status.value for o in of.cases.offers(CASE)}
    assert kept == {"of-1": "OPEN", "of-2": "REPLACED", "of-3": "OPEN"}


def test_r14_accepting_answers_200_with_the_dispute_as_resolved() -> None:
    of = world_in(Status.NEGOTIATION)
    offer(of, SELLER, 500)
    answer = negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")
    body = doc(answer)
    assert (answer.status, body["status"], body["party_state"]) == (200, "RESOLVED", "RESOLVED")
    assert body["outcome"]["code"] == "AGREED_PARTIAL_REFUND"
    assert (body["available_actions"], body["current_offer"]) == ([], None)
    assert of.ledgers["order-1"].refunded_minor == 500
    assert of.ledgers["order-1"].finished_by == CASE


def test_r14_own_offers_403_unknown_ones_404_and_stale_ones_409() -> None:
    of = world_in(Status.NEGOTIATION)
    offer(of, SELLER, 500)
    offer(of, SELLER, 600)
    with pytest.raises(ForbiddenError):
        negotiation.accept_offer(of.context, call(STAFF), CASE, "of-3")
    with pytest.raises(NotFoundError):
        negotiation.accept_offer(of.context, call(BUYER), CASE, "of-9")
    with pytest.raises(ConflictError) as refused:
        negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")
    assert refused.value.code == "OFFER_NOT_CURRENT"
    assert case_of(of).status is Status.NEGOTIATION


def test_r14_declining_and_withdrawing_close_the_offer_and_nothing_else() -> None:
    of = world_in(Status.NEGOTIATION)
    offer(of, SELLER, 500)
    assert doc(negotiation.decline_offer(of.context, call(BUYER), CASE, "of-2"))["status"] == "NEGOTIATION"
    assert doc(negotiation.withdraw_offer(of.context, call(BUYER), CASE, "of-1"))["current_offer"] is None
    kept = {o.offer_id: o.status.value for o in of.cases.offers(CASE)}
    assert kept == {"of-1": "WITHDRAWN", "of-2": "DECLINED"}


def test_r14_the_seller_grants_the_request() -> None:
    of = world_in(Status.NEGOTIATION)
    body = doc(negotiation.accept_request(of.context, call(SELLER), CASE))
    assert (body["outcome"]["code"], body["outcome"]["refund"]["amount_minor"]) == (
        "AGREED_FULL_REFUND",
        PAID,
    )
    refund, _ = of.refunds_kept[CASE]
    assert refund.refund_id == "rf-dp-1"


def test_r36_a_return_that_was_agreed_on_is_waited_for() -> None:
    of = world_in(Status.NEGOTIATION, Reason.NOT_AS_DESCRIBED)
    offer(of, SELLER, 500, OfferType.REFUND_WITH_RETURN)
    body = doc(negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2"))
    assert (body["status"], body["outcome"]) == ("AWAITING_RETURN", None)
    assert body["return_shipment_due_at"] == "2026-03-20T13:00:00.000Z"
    assert CASE not in of.refunds_kept
    assert of.ledgers["order-1"].active_dispute_id == CASE


@pytest.mark.parametrize(
    ("after", "error"),
    [
        (3 * DAY - SECOND, WindowNotOpenError),
        (3 * DAY, None),
        (15 * DAY - SECOND, None),
        (15 * DAY, WindowClosedError),
    ],
)
def test_r16_escalating_at_each_edge_of_its_window(after: timedelta, error: type[Exception] | None) -> None:
    of = world()
    opened(of)
    of.clock.at = OPENED + after
    if error is not None:
        with pytest.raises(error):
            escalate(of)
        return
    body = doc(escalate(of))
    assert (body["status"], body["stage"], body["escalated_by"]) == ("CLAIM_EVIDENCE", "CLAIM", "BUYER")
    claim_text = of.cases.dossier(case_of(of).dispute_id).timeline[-1].said["claim_text"]
    assert (body["claim_reason"], claim_text) == ("OTHER", "No answer.")


def test_r15_an_offer_accepted_at_15d_minus_1s_wins_and_at_15d_the_clock_does() -> None:
    for late, status in ((-SECOND, Status.RESOLVED), (timedelta(0), Status.CLAIM_EVIDENCE)):
        of = world()
        opened(of)
        offer(of, SELLER, 500)
        of.clock.at = OPENED + 15 * DAY + late
        try:
            negotiation.accept_offer(of.context, call(BUYER), CASE, "of-2")
        except WindowClosedError:
            tick(of)
        assert case_of(of).status is status


def test_r18_r19_the_seller_is_refused_and_so_is_who_confirms_nothing() -> None:
    of = world_in(Status.NEGOTIATION)
    asked = EscalateRequest(ClaimReason.SELLER_NOT_RESPONDING, True)
    with pytest.raises(ForbiddenError):
        claim.escalate_dispute(of.context, call(SELLER), CASE, asked)
    with pytest.raises(InvalidRequestError):
        claim.escalate_dispute(
            of.context, call(BUYER), CASE, EscalateRequest(ClaimReason.SELLER_NOT_RESPONDING)
        )


def test_r26_evidence_is_created_with_its_place() -> None:
    of = world_in(Status.NEGOTIATION)
    answer = evidence(of, BUYER)
    assert (answer.status, answer.location) == (201, "/v1/disputes/dp-1/evidence/ev-1")
    assert (doc(answer)["party"], doc(answer)["counts"]) == ("BUYER", True)


def test_r22_both_complete_starts_the_review_early() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    evidence(of, SELLER)
    assert doc(giving.complete_evidence(of.context, call(BUYER), CASE))["status"] == "CLAIM_EVIDENCE"
    body = doc(giving.complete_evidence(of.context, call(SELLER), CASE))
    assert (body["status"], body["party_state"]) == ("UNDER_REVIEW", "UNDER_REVIEW")


def test_r22_after_the_team_extended_the_window_the_old_timer_does_nothing() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    old = case_of(of).deadline
    assert old is not None
    asked = EvidenceWindowRequest(old + 5 * DAY + timedelta(microseconds=1500))
    body = doc(claim.set_evidence_window(of.context, call(MANAGER), CASE, asked))
    assert body["evidence_due_at"].endswith(".001Z")
    of.clock.at = old
    alarm = tick(of)
    assert (alarm.epoch, case_of(of).status) == (case_of(of).epoch, Status.CLAIM_EVIDENCE)
    wait_until_due(of)
    assert case_of(of).status is Status.CANCELLED


def test_r22_no_evidence_at_all_cancels_and_one_item_by_the_seller_is_reviewed() -> None:
    of = world_in(Status.CLAIM_EVIDENCE)
    wait_until_due(of)
    outcome = case_of(of).outcome
    assert outcome is not None
    assert outcome.code == "CANCELLED_NO_EVIDENCE"
    of = world_in(Status.CLAIM_EVIDENCE)
    evidence(of, SELLER)
    wait_until_due(of)
    assert case_of(of).status is Status.UNDER_REVIEW


def test_r24_the_decision_cites_what_both_could_see() -> None:
    of = world_in(Status.UNDER_REVIEW)
    with pytest.raises(ImpossibleError) as refused:
        decide(of, cites=("ev-1", "ev-7"))
    assert refused.value.code == "EVIDENCE_NOT_SHARED"
    body = doc(decide(of, DecisionOutcome.PARTIAL, 999, cites=("ev-1",)))
    assert body["outcome"] == {
        "code": "DECIDED_PARTIAL",
        "refund": {"amount_minor": 999, "currency": "USD"},
        "return_required": False,
        "decided_by": "CASE_MANAGER",
        "reasons": ["NOT_DELIVERED"],
        "rationale": "No proof.",
        "evidence_ids": ["ev-1"],
    }


@pytest.mark.parametrize("refund", [0, PAID, None])
def test_r24_partial_with_zero_or_with_all_is_422(refund: int | None) -> None:
    of = world_in(Status.UNDER_REVIEW)
    with pytest.raises(ImpossibleError) as refused:
        decide(of, DecisionOutcome.PARTIAL, refund)
    assert refused.value.code == "OUTCOME_MISMATCH"


def test_r24_an_item_that_does_not_count_yet_cannot_be_cited() -> None:
    of = world_in(Status.UNDER_REVIEW)
    of.evidence[CASE]["ev-1"] = replace(of.evidence[CASE]["ev-1"], counts=False)
    with pytest.raises(ImpossibleError) as refused:
        decide(of, cites=("ev-1",))
    assert refused.value.code == "EVIDENCE_NOT_SHARED"


def test_r27_the_reason_is_changed_and_the_answer_says_when_it_came() -> None:
    of = world_in(Status.NEGOTIATION)
    asked = ChangeReasonRequest(Reason.NOT_AS_DESCRIBED, SubReason.DAMAGED, "Broken.")
    body = doc(parcels.change_reason(of.context, call(BUYER), CASE, asked))
    assert (body["reason"], body["sub_reason"], body["description"]) == (
        "NOT_AS_DESCRIBED",
        "DAMAGED",
        "Broken.",
    )
    assert body["buyer_received_at"] == "2026-03-10T13:00:00.000Z"


def test_r28_cancelling_says_until_when_a_new_dispute_is_possible() -> None:
    of = world_in(Status.NEGOTIATION)
    with pytest.raises(InvalidRequestError):
        parcels.cancel_dispute(of.context, call(BUYER), CASE, CancelRequest())
    body = doc(parcels.cancel_dispute(of.context, call(BUYER), CASE, CancelRequest(True)))
    assert (body["status"], body["can_reopen_until"]) == ("CANCELLED", "2026-04-10T12:00:00.000Z")
    assert of.ledgers["order-1"].active_dispute_id is None
    assert of.ledgers["order-1"].finished_at is None


def test_r14_if_match_of_another_version_is_412_and_of_this_one_goes_through() -> None:
    of = world_in(Status.NEGOTIATION)
    with pytest.raises(StaleVersionError):
        negotiation.accept_request(of.context, call(SELLER, if_match=9), CASE)
    assert negotiation.accept_request(of.context, call(SELLER, if_match=1), CASE).version == 2
