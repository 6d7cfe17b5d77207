"""Taking an own item of evidence back while negotiating (R26): the row stays, the count falls, nobody else does it."""

from dataclasses import replace

import pytest

from buyer_protection.domain import evidence
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import EvidenceStatus, EvidenceType, MediaType, Role
from buyer_protection.domain.errors import ConflictError, ForbiddenError, NotFoundError
from buyer_protection.domain.evidence_item import Evidence, EvidenceFile
from buyer_protection.domain.timeline import Actor
from tests.support.builders import (
    BUYER,
    DAY,
    MANAGER,
    OPENED,
    SECOND,
    SELLER,
    case_in_claim,
    case_negotiating,
)

T1 = OPENED + DAY
T2 = OPENED + 2 * DAY


def given(actor: Actor, case: Dispute | None = None) -> tuple[Dispute, Evidence]:
    change = evidence.add_evidence(case or case_negotiating(), actor, EvidenceType.STATEMENT, "So.", None, T1)
    assert change.new_evidence is not None
    return change.after, change.new_evidence


@pytest.mark.parametrize(("actor", "other", "left"), [(BUYER, SELLER, (0, 1)), (SELLER, BUYER, (1, 0))])
def test_r26_a_withdrawn_item_counts_no_more_and_stays_in_the_timeline(
    actor: Actor, other: Actor, left: tuple[int, int]
) -> None:
    case, _ = given(other)
    case, item = given(actor, case)
    change = evidence.withdraw_evidence(case, actor, item, T2)
    assert (change.after.evidence_by_buyer, change.after.evidence_by_seller) == left
    assert change.changed_evidence == replace(item, counts=False, withdrawn_at=T2)
    assert change.changed_evidence.status is EvidenceStatus.WITHDRAWN
    assert (change.after.evidence_items, change.after.epoch) == (2, case.epoch)
    assert change.entry.at == T2


def test_r26_nobody_withdraws_the_other_sides_item() -> None:
    case, item = given(BUYER)
    for actor, where in ((SELLER, case), (MANAGER, case)):
        with pytest.raises(ForbiddenError) as refused:
            evidence.withdraw_evidence(where, actor, item, T2)
        assert refused.value.rule == "R26"


def test_r26_an_item_that_did_not_count_yet_takes_nothing_off_the_count() -> None:
    case, _ = given(BUYER)
    file = EvidenceFile("f-1", "a.jpg", MediaType.JPEG, 10, "0" * 64)
    waiting = evidence.add_evidence(case, BUYER, EvidenceType.PHOTO, "", None, T1, [file])
    change = evidence.withdraw_evidence(waiting.after, BUYER, waiting.new_evidence, T2)
    assert (change.after.evidence_by_buyer, change.after.pending_uploads) == (1, ())


@pytest.mark.parametrize(("says", "is_answered"), [(BUYER, False), (SELLER, True)])
def test_r24_saying_that_was_all_answers_ones_own_question_only(says: Actor, *, is_answered: bool) -> None:
    asked = replace(case_in_claim(), evidence_asked_of=Role.SELLER)
    after = evidence.complete_evidence(asked, says, OPENED + 5 * DAY).after
    assert (after.evidence_asked_of, after.evidence_answered) == (Role.SELLER, is_answered)
    # Who adds something after all may say again that this was the last of it.
    more = evidence.add_evidence(
        after, says, EvidenceType.STATEMENT, "And this.", None, OPENED + 6 * DAY
    ).after
    assert (more.buyer_complete, more.seller_complete) == (False, False)
    assert more.buyer_complete is not None
    assert evidence.complete_evidence(more, says, OPENED + 6 * DAY).after.version == more.version + 1


def test_r26_an_item_is_withdrawn_once() -> None:
    case, item = given(BUYER)
    change = evidence.withdraw_evidence(case, BUYER, item, T2)
    with pytest.raises(NotFoundError):
        evidence.withdraw_evidence(change.after, BUYER, change.changed_evidence, T2 + SECOND)


def test_r26_in_a_claim_and_at_the_end_of_the_window_nothing_is_withdrawn() -> None:
    case, item = given(BUYER)
    for where, now, code in (
        (case_in_claim(), OPENED + 5 * DAY, "WRONG_STATUS"),
        (case, OPENED + 15 * DAY, "TOO_LATE"),
    ):
        with pytest.raises(ConflictError) as refused:
            evidence.withdraw_evidence(where, BUYER, item, now)
        assert refused.value.code == code
