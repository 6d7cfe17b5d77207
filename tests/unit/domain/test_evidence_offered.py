"""What is offered around evidence and reasons, and what can be taken back: C5, C11, C14 (R26, R27, R50)."""

from dataclasses import replace
from datetime import datetime

import pytest

from buyer_protection.domain import evidence, parcels
from buyer_protection.domain.available_actions import AvailableAction, available_actions
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import (
    Action,
    EventType,
    IfMissed,
    Reason,
    Role,
    Status,
    SubReason,
)
from buyer_protection.domain.errors import ConflictError, DisputeError, ForbiddenError
from buyer_protection.domain.evidence_window import heard_until, opened, window_until
from buyer_protection.domain.timeline import Actor
from tests.support.builders import (
    BUYER,
    DAY,
    MANAGER,
    OPENED,
    POLICY,
    SECOND,
    SELLER,
    case_in_claim,
    case_negotiating,
    case_under_review,
    with_evidence,
)
from tests.unit.domain.evidence_moves import (
    END,
    FIVE_MINUTES,
    T5,
    announced,
    arrives,
    done,
    ticks,
)

# --- C5 ---


def test_c5_r22_a_refusal_for_files_under_way_says_when_it_is_over() -> None:
    case, _ = announced(case_in_claim(), BUYER, T5)
    with pytest.raises(ConflictError) as refused:
        done(case, BUYER, T5 + SECOND)
    assert (refused.value.code, refused.value.available_at) == ("UPLOAD_PENDING", T5 + FIVE_MINUTES)


def test_c5_r50_nothing_more_to_add_is_not_offered_while_it_would_be_refused() -> None:
    case, item = announced(case_in_claim(), BUYER, T5)
    assert Action.EVIDENCE_COMPLETE not in actions(case, Role.BUYER, T5 + SECOND)
    assert Action.EVIDENCE_COMPLETE in actions(case, Role.SELLER, T5 + SECOND)
    assert Action.EVIDENCE_COMPLETE in actions(case, Role.BUYER, T5 + FIVE_MINUTES)
    came = arrives(case, item, T5 + 2 * SECOND).after
    assert Action.EVIDENCE_COMPLETE in actions(came, Role.BUYER, T5 + 3 * SECOND)


def test_c5_r50_nothing_at_its_limit_is_offered() -> None:
    full = replace(
        case_in_claim(),
        evidence_made_by_buyer=POLICY.max_evidence_per_party,
        messages=POLICY.max_messages,
        messages_by={"BUYER": POLICY.max_messages},
    )
    offered = actions(full, Role.BUYER, T5)
    assert not {Action.ADD_EVIDENCE, Action.SEND_MESSAGE} & offered.keys()
    assert Action.ADD_EVIDENCE in actions(full, Role.SELLER, T5)
    # R46: one side's messages use up no other's.
    assert Action.SEND_MESSAGE in actions(full, Role.SELLER, T5)
    assert Action.SEND_MESSAGE in actions(full, Role.CASE_MANAGER, T5)


def test_c5_r50_evidence_is_offered_for_as_long_as_it_is_taken_from_the_reader() -> None:
    case = with_evidence(done(case_in_claim(), BUYER, T5), SELLER, END - SECOND)
    dues = [actions(case, role, T5)[Action.ADD_EVIDENCE].due_at for role in (Role.BUYER, Role.SELLER)]
    assert dues == [END + DAY - SECOND, END]
    assert Action.ADD_EVIDENCE not in actions(case, Role.SELLER, END)
    assert Action.ADD_EVIDENCE in actions(case, Role.BUYER, END)


@pytest.mark.parametrize("where", ["negotiation", "claim", "review", "waited for"])
def test_c5_r26_an_item_whose_files_have_not_come_can_be_given_up(where: str) -> None:
    case, item = announced(case_negotiating() if where == "negotiation" else case_in_claim(), BUYER, T5)
    now = T5 + SECOND
    if where == "review":
        case, now = replace(case, status=Status.UNDER_REVIEW, decision_due_at=END), END + DAY
    if where == "waited for":
        case, item = announced(case, BUYER, END - SECOND)
        case, now = ticks(case, END).after, END + SECOND
    change = evidence.withdraw_evidence(case, BUYER, item, now)
    assert change.entry.type is EventType.EVIDENCE_WITHDRAWN
    assert change.changed_evidence is not None
    assert change.changed_evidence.withdrawn_at == now
    assert item.evidence_id not in {upload.evidence_id for upload in change.after.pending_uploads}
    assert evidence.under_way(change.after, Role.BUYER, now) == evidence.under_way(
        replace(case, pending_uploads=change.after.pending_uploads), Role.BUYER, now
    )


def test_c5_r26_only_ones_own_and_only_what_has_not_come() -> None:
    case, item = announced(case_in_claim(), BUYER, T5)
    for actor in (SELLER, MANAGER):
        with pytest.raises((ConflictError, ForbiddenError)):
            evidence.withdraw_evidence(case, actor, item, T5 + SECOND)
    came = arrives(case, item, T5 + SECOND)
    with pytest.raises(ConflictError) as refused:
        evidence.withdraw_evidence(came.after, BUYER, came.changed_evidence, T5 + 2 * SECOND)
    assert refused.value.code == "WRONG_STATUS"
    with pytest.raises(ConflictError) as closed:
        evidence.withdraw_evidence(replace(case, status=Status.CANCELLED), BUYER, item, T5 + SECOND)
    assert closed.value.code == "DISPUTE_CLOSED"


# --- C11 ---


def actions(case: Dispute, reader: Role, now: datetime) -> dict[Action, AvailableAction]:
    return {one.action: one for one in available_actions(case, reader, now)}


@pytest.mark.parametrize(
    ("by", "buyer", "seller"),
    [
        (None, (True, IfMissed.CLAIM_CANCELLED), (False, IfMissed.CLAIM_CANCELLED)),
        (BUYER, (False, IfMissed.DECIDED_WITHOUT_YOU), (True, IfMissed.DECIDED_WITHOUT_YOU)),
        (SELLER, (True, IfMissed.DECIDED_WITHOUT_YOU), (False, IfMissed.DECIDED_WITHOUT_YOU)),
    ],
)
def test_c11_what_is_mandatory_is_what_silence_loses_the_reader(
    by: Actor | None, buyer: tuple[bool, IfMissed], seller: tuple[bool, IfMissed]
) -> None:
    case = case_in_claim(evidence_by=by)
    for role, expected in ((Role.BUYER, buyer), (Role.SELLER, seller)):
        offered = actions(case, role, T5 + SECOND)[Action.ADD_EVIDENCE]
        assert (offered.mandatory, offered.if_missed) == expected


# --- C14 ---


@pytest.mark.parametrize(
    ("reason", "before", "after"),
    [
        (Reason.NOT_RECEIVED, None, SubReason.CUSTOMS_HELD),
        (Reason.NOT_AS_DESCRIBED, None, SubReason.DAMAGED),
        (Reason.NOT_AS_DESCRIBED, SubReason.DAMAGED, SubReason.COUNTERFEIT),
    ],
)
@pytest.mark.parametrize("status", ["negotiation", "claim", "review"])
def test_c14_r27_a_wrong_sub_reason_is_corrected_within_the_reason(
    status: str, reason: Reason, before: SubReason | None, after: SubReason
) -> None:
    built = {"negotiation": case_negotiating, "claim": case_in_claim, "review": case_under_review}[status]
    case = replace(built(reason), sub_reason=before)
    now = OPENED + 12 * DAY if status == "review" else T5
    change = parcels.change_reason(case, BUYER, reason, after, None, now)
    assert (change.after.reason, change.after.sub_reason) == (reason, after)
    # It opens no window: it can be done more than once.
    assert (change.after.status, change.after.deadline) == (case.status, case.deadline)
    assert change.entry.type is EventType.REASON_CHANGED
    assert change.entry.data["previous_sub_reason"] == before


@pytest.mark.parametrize("reason", [Reason.NOT_RECEIVED, Reason.NOT_AS_DESCRIBED])
def test_c14_r27_while_the_reason_may_be_changed_and_no_longer(reason: Reason) -> None:
    sub_reason = SubReason.IN_TRANSIT if reason is Reason.NOT_RECEIVED else SubReason.DAMAGED
    case = replace(case_negotiating(reason), delivered_at=OPENED)
    parcels.change_reason(case, BUYER, reason, sub_reason, None, T5 - SECOND)
    with pytest.raises(ConflictError) as refused:
        parcels.change_reason(case, BUYER, reason, sub_reason, None, T5)
    assert (refused.value.code, refused.value.deadline) == ("REASON_CHANGE_CLOSED", T5)


@pytest.mark.parametrize("reason", Reason)
def test_c14_r46_r50_a_sub_reason_is_corrected_three_times_and_listed_as_long_as_it_may_be(
    reason: Reason,
) -> None:
    """Each correction is a mail to the seller."""
    one, other = {
        Reason.NOT_RECEIVED: (SubReason.IN_TRANSIT, SubReason.CUSTOMS_HELD),
        Reason.NOT_AS_DESCRIBED: (SubReason.DAMAGED, SubReason.DIFFERENT),
    }[reason]
    case = case_negotiating(reason)
    for sub_reason in (one, other, one):
        assert Action.CHANGE_REASON in actions(case, Role.BUYER, T5)
        case = parcels.change_reason(case, BUYER, reason, sub_reason, None, T5).after
    assert case.reason_corrections == parcels.MAX_CORRECTIONS
    with pytest.raises(ConflictError) as refused:
        parcels.change_reason(case, BUYER, reason, other, None, T5)
    assert (refused.value.code, refused.value.rule) == ("LIMIT_REACHED", "R27")
    # The reason itself can still be changed.
    is_listed = Action.CHANGE_REASON in actions(case, Role.BUYER, T5)
    assert is_listed is (reason is Reason.NOT_RECEIVED)
    if is_listed:
        parcels.change_reason(case, BUYER, Reason.NOT_AS_DESCRIBED, None, None, T5)


def test_c14_r50_a_sub_reason_is_listed_to_be_corrected_until_its_date() -> None:
    case = replace(case_negotiating(Reason.NOT_AS_DESCRIBED), delivered_at=OPENED)
    assert actions(case, Role.BUYER, T5 - SECOND)[Action.CHANGE_REASON].due_at == T5
    assert Action.CHANGE_REASON not in actions(case, Role.BUYER, T5)


@pytest.mark.parametrize(
    ("reason", "sub_reason", "error"),
    [
        (Reason.NOT_RECEIVED, SubReason.IN_TRANSIT, "REASON_CHANGE_CLOSED"),
        (Reason.NOT_RECEIVED, None, "REASON_CHANGE_CLOSED"),
        (Reason.NOT_RECEIVED, SubReason.DAMAGED, "VALIDATION_FAILED"),
    ],
)
def test_c14_r10_r27_the_same_again_and_that_of_another_reason_are_refused(
    reason: Reason, sub_reason: SubReason | None, error: str
) -> None:
    case = replace(case_negotiating(), sub_reason=SubReason.IN_TRANSIT)
    with pytest.raises(DisputeError) as refused:
        parcels.change_reason(case, BUYER, reason, sub_reason, None, T5)
    assert refused.value.code == error


def test_r43_a_reason_that_changes_while_the_buyer_alone_is_asked_gives_the_seller_a_day() -> None:
    asked = opened(case_under_review(), T5 + 5 * DAY, Role.BUYER)
    changed = parcels.change_reason(asked, BUYER, Reason.NOT_AS_DESCRIBED, None, "Broken.", T5).after
    assert changed.seller_reply_until == T5 + DAY
    done_now = done(changed, BUYER, T5 + SECOND)
    assert done_now.status is Status.CLAIM_EVIDENCE


def test_r43_a_reason_that_changes_in_the_last_moment_of_the_window_gives_the_seller_a_day() -> None:
    case = with_evidence(case_in_claim(), SELLER, T5)
    late = window_until(case) - SECOND
    changed = parcels.change_reason(case, BUYER, Reason.NOT_AS_DESCRIBED, None, None, late).after
    assert changed.seller_reply_until == late + DAY
    assert changed.evidence_due_at == late + DAY


def test_r43_r50_page_and_mail_name_the_same_date_for_an_answer() -> None:
    case = with_evidence(done(case_in_claim(), BUYER, T5), SELLER, T5 + SECOND)
    answer = T5 + SECOND + DAY
    assert heard_until(case, Role.BUYER) == answer
    assert actions(case, Role.BUYER, T5 + 2 * SECOND)[Action.ADD_EVIDENCE].due_at == answer
    # It is taken until the window's end, if the review has not begun by then.
    assert actions(case, Role.BUYER, answer)[Action.ADD_EVIDENCE].due_at == END


def test_r43_r50_no_date_is_named_that_is_the_other_sides_alone() -> None:
    case = with_evidence(done(case_in_claim(), SELLER, T5), BUYER, END - SECOND)
    assert case.evidence_due_at == END - SECOND + DAY
    assert heard_until(case, Role.BUYER) == END
    assert heard_until(case, Role.SELLER) == END - SECOND + DAY
    assert Action.ADD_EVIDENCE not in actions(case, Role.BUYER, END)
