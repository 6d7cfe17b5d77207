"""The claim: escalation, evidence and the team's window (R15 to R22, R26, R33, R35)."""

from datetime import timedelta

import pytest

from buyer_protection.domain import claim, evidence, window_table
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    ClaimReason,
    EventType,
    EvidenceType,
    MediaType,
    OfferStatus,
    Role,
    Stage,
    Status,
)
from buyer_protection.domain.errors import (
    ConflictError,
    DisputeError,
    ForbiddenError,
    ImpossibleError,
    InvalidRequestError,
    LimitReachedError,
    WindowClosedError,
    WindowNotOpenError,
)
from buyer_protection.domain.evidence_item import EvidenceFile
from buyer_protection.domain.timeline import Actor, instant
from tests.support.builders import (
    BUYER,
    DAY,
    MANAGER,
    OPENED,
    SECOND,
    SELLER,
    case_in,
    case_in_claim,
    case_negotiating,
    with_evidence,
)

T4 = OPENED + 4 * DAY
T5 = OPENED + 5 * DAY
T12 = OPENED + 12 * DAY
TEXT = {EvidenceType.STATEMENT, EvidenceType.CHAT_LOG, EvidenceType.OTHER}


def escalate(
    case: Dispute,
    actor: Actor = BUYER,
    *,
    confirmed: bool = True,
    reason: ClaimReason = ClaimReason.SELLER_NOT_RESPONDING,
    text: str = "",
    now: object = T4,
) -> Change:
    return claim.escalate(
        case,
        actor,
        confirm_no_agreement=confirmed,
        claim_reason=reason,
        text=text,
        now=now,  # type: ignore[arg-type]
    )


def refusal(error: type[DisputeError], act: object, *args: object, **kwargs: object) -> DisputeError:
    with pytest.raises(error) as refused:
        act(*args, **kwargs)  # type: ignore[operator]
    return refused.value


def test_r16_escalating_at_3d_minus_1s_is_too_early_with_available_at() -> None:
    refused = refusal(WindowNotOpenError, escalate, case_negotiating(), now=OPENED + 3 * DAY - SECOND)
    assert (refused.code, refused.rule, refused.available_at) == ("TOO_EARLY", "R16", OPENED + 3 * DAY)


@pytest.mark.parametrize("now", [OPENED + 3 * DAY, OPENED + 15 * DAY - SECOND])
def test_r16_escalating_at_3d_and_at_15d_minus_1s_is_allowed(now: object) -> None:
    change = escalate(case_negotiating(), now=now)
    assert (change.after.status, change.after.escalated_by) == (Status.CLAIM_EVIDENCE, Role.BUYER)


def test_r16_escalating_at_15d_is_too_late_for_the_clock_wins() -> None:
    refused = refusal(WindowClosedError, escalate, case_negotiating(), now=OPENED + 15 * DAY)
    assert (refused.code, refused.rule, refused.deadline) == ("TOO_LATE", "R15", OPENED + 15 * DAY)


def test_r18_the_seller_cannot_escalate() -> None:
    refused = refusal(ForbiddenError, escalate, case_negotiating(), SELLER)
    assert (refused.code, refused.rule) == ("FORBIDDEN", "R18")


def test_r19_escalating_without_stating_that_there_is_no_agreement_is_malformed() -> None:
    refused = refusal(InvalidRequestError, escalate, case_negotiating(), confirmed=False)
    assert (refused.code, refused.rule) == ("VALIDATION_FAILED", "R19")
    assert refused.fields == (("/confirm_no_agreement", "MUST_BE_TRUE"),)
    assert escalate(case_negotiating()).after.no_agreement_confirmed_at == T4


@pytest.mark.parametrize("text", ["", "  \n"])
def test_r20_the_reason_other_needs_a_text(text: str) -> None:
    refused = refusal(InvalidRequestError, escalate, case_negotiating(), reason=ClaimReason.OTHER, text=text)
    assert (refused.rule, refused.fields) == ("R20", (("/text", "REQUIRED"),))
    change = escalate(case_negotiating(), reason=ClaimReason.OTHER, text="He left.")
    assert (change.after.claim_reason, change.entry.data["claim_text"]) == (ClaimReason.OTHER, "He left.")


@pytest.mark.parametrize("reason", [r for r in ClaimReason if r is not ClaimReason.OTHER])
def test_r20_every_other_reason_stands_alone(reason: ClaimReason) -> None:
    assert escalate(case_negotiating(), reason=reason).after.claim_reason is reason


def test_r22_escalating_opens_a_window_of_7_days_for_evidence_and_lets_proposals_lapse() -> None:
    change = escalate(case_negotiating())
    case = change.after
    assert (case.escalated_at, case.evidence_due_at, case.deadline) == (T4, T4 + 7 * DAY, T4 + 7 * DAY)
    assert (case.stage, case.buyer_offer, case.current_offer) == (Stage.CLAIM, None, None)
    assert change.closed_offers == {"of-1": OfferStatus.LAPSED}
    assert case.epoch == change.before.epoch + 1
    assert (change.entry.type, dict(change.entry.data)) == (
        EventType.ESCALATED,
        {
            "escalated_by": "BUYER",
            "claim_reason": "SELLER_NOT_RESPONDING",
            "claim_text": None,
            "evidence_due_at": instant(T4 + 7 * DAY),
            "lapsed_offers": ["of-1"],
            "asked_minor": 2500,
            "currency": "USD",
        },
    )


def add(
    case: Dispute, actor: Actor = BUYER, kind: EvidenceType = EvidenceType.STATEMENT, item: str | None = None
) -> Change:
    return evidence.add_evidence(case, actor, kind, "See.", item, T5)


def test_r26_evidence_counts_from_the_opening_on_and_is_counted_by_party() -> None:
    case = with_evidence(case_negotiating(), SELLER, OPENED)
    change = add(case, item="mug")
    item = change.new_evidence
    assert item is not None
    assert (item.evidence_id, item.party, item.type, item.text) == (
        "ev-2",
        Role.BUYER,
        EvidenceType.STATEMENT,
        "See.",
    )
    assert (item.item_id, item.added_at, item.counts) == ("mug", T5, True)
    after = change.after
    assert (after.evidence_by_buyer, after.evidence_by_seller, after.evidence_items) == (1, 1, 2)
    assert dict(change.entry.data) == {
        "evidence_id": "ev-2",
        "evidence_type": "STATEMENT",
        "item_id": "mug",
        "in_claim": False,
    }
    assert add(case_in_claim()).entry.data["in_claim"] is True


def test_r21_evidence_from_the_negotiation_carries_over_to_the_claim() -> None:
    case = escalate(with_evidence(case_negotiating(), BUYER, OPENED)).after
    assert window_table.has_evidence(case)
    assert not window_table.has_evidence(case_in_claim())


@pytest.mark.parametrize("kind", EvidenceType)
def test_r22_r33_r35_text_alone_is_taken_only_for_what_text_can_prove(kind: EvidenceType) -> None:
    if kind in TEXT:
        assert add(case_negotiating(), kind=kind).new_evidence
    else:
        refused = refusal(InvalidRequestError, add, case_negotiating(), kind=kind)
        assert (refused.rule, refused.fields) == ("R22", (("/type", "NEEDS_FILE"),))


@pytest.mark.parametrize("kind", [EvidenceType.ADDRESS_CHANGE_CONSENT, EvidenceType.CUSTOMS_DOCUMENT])
@pytest.mark.parametrize("actor", [BUYER, SELLER])
def test_r33_r35_a_consent_and_a_customs_document_are_given_as_files_and_count_for_the_claim(
    actor: Actor, kind: EvidenceType
) -> None:
    file = EvidenceFile("f-1", "scan.pdf", MediaType.PDF, 9, "a" * 64)
    given = evidence.add_evidence(case_in_claim(), actor, kind, "", None, T5, [file])
    assert given.new_evidence is not None
    seen = evidence.verify(given.after, given.new_evidence, "f-1", "v-1", None, T5)
    assert seen is not None
    assert (seen.entry.type, seen.entry.data["evidence_type"]) == (EventType.EVIDENCE_ADDED, kind)
    assert seen.after.side(actor.role).evidence == 1
    assert window_table.can_be_judged(seen.after)


def test_r01_evidence_speaks_of_items_in_dispute() -> None:
    refused = refusal(InvalidRequestError, add, case_negotiating(), item="plate")
    assert (refused.rule, refused.fields) == ("R1", (("/item_id", "NOT_IN_DISPUTE"),))


@pytest.mark.parametrize("actor", [BUYER, SELLER])
def test_r26_each_side_adds_at_most_fifty_items(actor: Actor) -> None:
    case = case_negotiating()
    for _ in range(50):
        case = add(case, actor).after
    refused = refusal(LimitReachedError, add, case, actor)
    assert (refused.code, refused.rule) == ("LIMIT_REACHED", "R26")
    add(case, SELLER if actor is BUYER else BUYER)


def test_r22_the_review_starts_at_once_when_both_have_nothing_more_to_add() -> None:
    case = case_in_claim(evidence_by=SELLER)
    first = evidence.complete_evidence(case, BUYER, T5)
    assert (first.after.status, first.after.buyer_complete, first.after.seller_complete) == (
        Status.CLAIM_EVIDENCE,
        True,
        False,
    )
    assert dict(first.entry.data) == {"party": "BUYER", "review_started": False}
    second = evidence.complete_evidence(first.after, SELLER, T5 + SECOND)
    due = T5 + SECOND + 7 * DAY
    assert (second.after.status, second.after.decision_due_at) == (Status.UNDER_REVIEW, due)
    assert dict(second.entry.data) == {
        "party": "SELLER",
        "review_started": True,
        "decision_due_at": instant(due),
    }


def test_r22_two_who_have_nothing_to_add_and_gave_nothing_start_no_review() -> None:
    case = evidence.complete_evidence(case_in_claim(), SELLER, T5).after
    change = evidence.complete_evidence(case, BUYER, T5)
    assert (change.after.status, change.after.deadline) == (Status.CLAIM_EVIDENCE, case.deadline)
    assert change.entry.data["review_started"] is False


def test_r22_the_team_sets_another_date_before_the_window_ends() -> None:
    case = case_in_claim()
    change = claim.set_evidence_window(case, MANAGER, T5 + 20 * DAY, T5)
    assert change.after.deadline == T5 + 20 * DAY
    assert change.after.epoch == case.epoch + 1
    assert dict(change.entry.data) == {
        "evidence_due_at": instant(T5 + 20 * DAY),
        "previous_due_at": instant(T4 + 7 * DAY),
    }
    refused = refusal(
        WindowClosedError, claim.set_evidence_window, case, MANAGER, T5 + 20 * DAY, T4 + 7 * DAY
    )
    assert refused.rule == "R22"


def test_c2_r22_the_new_date_lies_a_day_ahead_at_least_and_within_thirty() -> None:
    case = case_in_claim()
    for due in (
        T5,
        T5 - SECOND,
        T5 + DAY - timedelta(milliseconds=1),
        T5 + 30 * DAY + timedelta(milliseconds=1),
    ):
        refused = refusal(ImpossibleError, claim.set_evidence_window, case, MANAGER, due, T5)
        assert (refused.code, refused.rule) == ("DATE_OUT_OF_RANGE", "R22")
    for due in (T5 + DAY, T5 + 30 * DAY):
        assert claim.set_evidence_window(case, MANAGER, due, T5).after.deadline == due


def test_r22_who_has_said_that_this_was_all_cannot_say_it_twice_but_may_after_adding_more() -> None:
    case = case_in(Status.CLAIM_EVIDENCE)
    now = (case.updated_at or case.opened_at) + SECOND
    done = evidence.complete_evidence(case, BUYER, now).after
    with pytest.raises(ConflictError) as refused:
        evidence.complete_evidence(done, BUYER, now)
    assert (refused.value.code, refused.value.rule) == ("WRONG_STATUS", "R22")
    more = evidence.add_evidence(done, BUYER, EvidenceType.STATEMENT, "And this.", None, now).after
    assert not more.buyer_complete
    assert evidence.complete_evidence(more, BUYER, now).after.buyer_complete
