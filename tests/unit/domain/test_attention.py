"""Whose turn it is, and what each reader can do by when: what is listed works, what is not listed is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buyer_protection.domain import (
    claim,
    confirmations,
    evidence,
    messages,
    negotiation,
    parcels,
    proposals,
    returns,
)
from buyer_protection.domain.actions import GATES
from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.available_actions import (
    AvailableAction,
    available_actions,
    if_missed,
    must_act,
    other_party,
    party_state,
)
from buyer_protection.domain.claim import EvidenceQuestion
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import (
    Action,
    ClaimReason,
    EvidenceType,
    IfMissed,
    OfferType,
    OutcomeCode,
    PartyState,
    Reason,
    ReturnCondition,
    Role,
    Status,
    SubReason,
)
from buyer_protection.domain.errors import ConflictError, DisputeError
from buyer_protection.domain.permissions import check
from buyer_protection.domain.return_goods import ReturnParcel
from buyer_protection.domain.returns import Acknowledgement
from buyer_protection.domain.rulings import KeptRuling
from buyer_protection.domain.timeline import Actor
from tests.support.builders import (
    BUYER,
    DAY,
    MANAGER,
    OPENED,
    SELLER,
    actor_of,
    address_confirmed,
    case_awaiting_return,
    case_in,
    case_in_claim,
    case_negotiating,
    case_return_reviewed,
    case_under_review,
    delivery,
    ruling,
    usd,
)

Act = Callable[[Dispute, Actor, str, datetime], object]


def kept(decision_id: str, made_by: str) -> KeptRuling:
    """A ruling for the seller that waits for its confirmation."""
    outcome = Outcome(OutcomeCode.DECIDED_SELLER_FAVOUR, usd(0), False, Role.CASE_MANAGER, ("OTHER",), "No.")
    return KeptRuling(decision_id, made_by, OPENED, outcome, usd(1))


def proposed() -> Dispute:
    """A review in which the team has made a proposal."""
    case = case_under_review()
    return proposals.propose(case, MANAGER, OfferType.REFUND, usd(100), "", case.updated_at or OPENED).after


def given_back(case: Dispute, actor: Actor, _offer_id: str, now: datetime) -> Dispute:
    """The claim as nobody's. What is nobody's already is answered and left as it is: nothing that one would offer."""
    if case.assigned_to is None:
        raise ConflictError("nobody has it")
    return claim.unassign(case, actor, now)


ACTS: dict[Action, Act] = {
    Action.MAKE_OFFER: lambda c, a, _o, now: negotiation.make_offer(
        c, a, OfferType.REFUND, usd(100), "", now
    ),
    Action.ACCEPT_OFFER: lambda c, a, o, now: (
        proposals.take(c, a, now) if proposals.is_proposal(c, o) else negotiation.accept_offer(c, a, o, now)
    ),
    Action.DECLINE_OFFER: negotiation.decline_offer,
    Action.WITHDRAW_OFFER: negotiation.withdraw_offer,
    Action.ACCEPT_REQUEST: lambda c, a, _o, now: negotiation.accept_request(c, a, now),
    Action.ESCALATE: lambda c, a, _o, now: claim.escalate(
        c, a, confirm_no_agreement=True, claim_reason=ClaimReason.SELLER_REFUSED_REFUND, text="", now=now
    ),
    Action.CHANGE_REASON: lambda c, a, _o, now: parcels.change_reason(
        c,
        a,
        Reason.NOT_AS_DESCRIBED,
        SubReason.DAMAGED if c.sub_reason is not SubReason.DAMAGED else SubReason.POOR_QUALITY,
        None,
        now,
    ),
    Action.CANCEL: lambda c, a, _o, now: parcels.cancel(c, a, acknowledge_consequences=True, now=now),
    Action.ADD_EVIDENCE: lambda c, a, _o, now: evidence.add_evidence(
        c, a, EvidenceType.STATEMENT, "x", None, now
    ),
    Action.EVIDENCE_COMPLETE: lambda c, a, _o, now: evidence.complete_evidence(c, a, now),
    Action.SET_EVIDENCE_WINDOW: lambda c, a, _o, now: claim.set_evidence_window(c, a, now + DAY, now),
    Action.DECIDE: lambda c, a, _o, now: claim.decide(c, a, ruling(), frozenset(), now),
    Action.PROPOSE: lambda c, a, _o, now: proposals.propose(c, a, OfferType.REFUND, usd(100), "", now),
    Action.CONFIRM_DECISION: lambda c, a, o, now: confirmations.confirm(c, a, kept(o, "manager-2"), now),
    Action.REFUSE_DECISION: lambda c, a, o, now: confirmations.refuse(c, a, kept(o, "manager-2"), now),
    Action.WITHDRAW_DECISION: lambda c, a, o, now: confirmations.withdraw(c, a, kept(o, "manager-1"), now),
    Action.ASSIGN: lambda c, a, _o, now: claim.assign(c, a, "manager-2", now),
    Action.UNASSIGN: given_back,
    Action.WRITE_NOTE: lambda c, a, _o, now: check(c, a.role, Action.WRITE_NOTE, now),
    Action.REQUEST_EVIDENCE: lambda c, a, _o, now: claim.request_evidence(
        c, a, EvidenceQuestion(Role.BUYER, (EvidenceType.PHOTO,), now + DAY, "Where?"), now
    ),
    Action.SEND_MESSAGE: lambda c, a, _o, now: messages.send_message(c, a, "Hello.", now),
    Action.CONFIRM_RETURN_ADDRESS: lambda c, a, _o, now: returns.confirm_address(c, a, ("9 Quay",), now),
    Action.REGISTER_RETURN_SHIPMENT: lambda c, a, _o, now: returns.register_shipment(
        c, a, ReturnParcel("Post", "RT-1", now), now
    ),
    Action.ACKNOWLEDGE_RETURN: lambda c, a, _o, now: returns.acknowledge(
        c, a, Acknowledgement(ReturnCondition.ITEM_RECEIVED, "", ()), frozenset(), now
    ),
}
# Shown with what they are about, not with the case: each item of evidence that is the reader's, and the thread.
ELSEWHERE = {Action.WITHDRAW_EVIDENCE, Action.MARK_MESSAGES_READ}


def asked_of(party: Role) -> Dispute:
    """A review that stopped for a question to that party."""
    case = case_under_review()
    now = case.updated_at or OPENED
    question = EvidenceQuestion(party, (EvidenceType.PHOTO,), now + 5 * DAY, "Where?")
    return claim.request_evidence(case, MANAGER, question, now).after


def cases() -> list[Dispute]:
    """Every status, with and without offers, evidence and deliveries."""
    countered = negotiation.make_offer(case_negotiating(), SELLER, OfferType.REFUND, usd(5), "", OPENED).after
    silent = negotiation.withdraw_offer(case_negotiating(), BUYER, "of-1", OPENED).after
    delivered = delivery(case_negotiating(), OPENED, OPENED)
    assert delivered is not None
    offered_in_claim = negotiation.make_offer(
        case_in_claim(), SELLER, OfferType.REFUND, usd(5), "", OPENED + 4 * DAY
    ).after
    reviewed_and_delivered = delivery(case_under_review(), OPENED + 11 * DAY, OPENED + 11 * DAY)
    assert reviewed_and_delivered is not None
    return [
        *(case_in(status) for status in Status),
        countered,
        silent,
        delivered.after,
        offered_in_claim,
        reviewed_and_delivered.after,
        case_negotiating(Reason.NOT_AS_DESCRIBED),
        case_in_claim(evidence_by=SELLER),
        case_awaiting_return(decided=True),
        address_confirmed(case_awaiting_return()),
        case_return_reviewed(),
        case_return_reviewed(decided=True),
        asked_of(Role.BUYER),
        asked_of(Role.SELLER),
        replace(case_under_review(), evidence_requests=2),
        proposed(),
        confirmations.waiting(case_under_review(), kept("of-1", "manager-1")),
        messages.send_message(case_negotiating(), BUYER, "Hello.", OPENED).after,
    ]


CASES = cases()
offsets = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=40)) | st.sampled_from(
    [timedelta(0), 3 * DAY, 5 * DAY, 15 * DAY, 15 * DAY - timedelta(milliseconds=1), 7 * DAY, 10 * DAY]
)
READERS = [Role.BUYER, Role.SELLER, Role.CASE_MANAGER]


def works(case: Dispute, role: Role, action: Action, offer_id: str | None, now: datetime) -> bool:
    try:
        ACTS[action](case, actor_of(role), offer_id or "of-1", now)
    except DisputeError:
        return False
    return True


def is_open(offered: AvailableAction, now: datetime) -> bool:
    return offered.available_from <= now and (offered.due_at is None or now < offered.due_at)


@given(st.sampled_from(CASES), st.sampled_from(READERS), offsets)
def test_r16_what_is_listed_as_open_now_is_never_refused(
    case: Dispute, reader: Role, offset: timedelta
) -> None:
    now = (case.updated_at or OPENED) + offset
    for offered in available_actions(case, reader, now):
        if is_open(offered, now):
            assert works(case, reader, offered.action, offered.offer_id, now), offered
        elif offered.due_at is None or now < offered.due_at:
            assert not works(case, reader, offered.action, offered.offer_id, now), offered


@given(st.sampled_from(CASES), st.sampled_from(READERS), offsets)
def test_r25_what_is_not_listed_is_refused(case: Dispute, reader: Role, offset: timedelta) -> None:
    now = (case.updated_at or OPENED) + offset
    listed = {(offered.action, offered.offer_id) for offered in available_actions(case, reader, now)}
    for action in ACTS:
        for offer_id in ("of-1", "of-2"):
            if (action, offer_id) not in listed and (action, None) not in listed:
                assert not works(case, reader, action, offer_id, now), (action, offer_id)


def found(case: Dispute, reader: Role, action: Action, now: datetime = OPENED + DAY) -> AvailableAction:
    [one] = [a for a in available_actions(case, reader, now) if a.action is action]
    return one


def test_r16_an_escalation_that_is_not_open_yet_is_listed_with_its_future_instant() -> None:
    offered = found(case_negotiating(), Role.BUYER, Action.ESCALATE)
    assert (offered.available_from, offered.due_at) == (OPENED + 3 * DAY, OPENED + 15 * DAY)
    assert (offered.mandatory, offered.if_missed) == (False, IfMissed.AUTO_ESCALATE)


def test_r18_a_seller_sees_no_escalation_unless_the_policy_allows_one() -> None:
    case = case_negotiating()
    assert Action.ESCALATE not in {a.action for a in available_actions(case, Role.SELLER, OPENED)}
    allowing = replace(case, policy=replace(case.policy, seller_may_escalate=True))
    found(allowing, Role.SELLER, Action.ESCALATE)


def test_r14_the_side_that_has_to_answer_is_shown_so_and_what_happens_otherwise() -> None:
    case = case_negotiating()
    accept = found(case, Role.SELLER, Action.ACCEPT_OFFER)
    assert (accept.offer_id, accept.mandatory, accept.if_missed) == ("of-1", True, IfMissed.AUTO_ESCALATE)
    assert (accept.available_from, accept.due_at) == (OPENED, OPENED + 15 * DAY)
    withdraw = found(case, Role.BUYER, Action.WITHDRAW_OFFER)
    assert (withdraw.offer_id, withdraw.mandatory, withdraw.if_missed) == ("of-1", False, None)
    grant = found(case, Role.SELLER, Action.ACCEPT_REQUEST)
    assert (grant.mandatory, grant.due_at, grant.offer_id) == (False, OPENED + 15 * DAY, None)


def test_r22_evidence_is_mandatory_in_a_claim_for_whoever_gave_none() -> None:
    now = OPENED + 5 * DAY
    lonely = found(case_in_claim(evidence_by=SELLER), Role.BUYER, Action.ADD_EVIDENCE, now)
    assert (lonely.mandatory, lonely.if_missed) == (True, IfMissed.DECIDED_WITHOUT_YOU)
    given_already = found(case_in_claim(evidence_by=SELLER), Role.SELLER, Action.ADD_EVIDENCE, now)
    assert not given_already.mandatory
    nobody = found(case_in_claim(), Role.SELLER, Action.ADD_EVIDENCE, now)
    assert (nobody.if_missed, nobody.due_at) == (IfMissed.CLAIM_CANCELLED, OPENED + 11 * DAY)
    early = found(case_negotiating(), Role.BUYER, Action.ADD_EVIDENCE)
    assert (early.mandatory, early.if_missed) == (False, None)


def test_r27_changing_the_reason_shows_until_when_once_something_was_delivered() -> None:
    assert found(case_negotiating(), Role.BUYER, Action.CHANGE_REASON).if_missed is None
    delivered = delivery(case_negotiating(), OPENED, OPENED)
    assert delivered is not None
    offered = found(delivered.after, Role.BUYER, Action.CHANGE_REASON)
    assert (offered.due_at, offered.if_missed) == (OPENED + 5 * DAY, IfMissed.REASON_CHANGE_CLOSES)
    later = available_actions(delivered.after, Role.BUYER, OPENED + 5 * DAY)
    assert Action.CHANGE_REASON not in {a.action for a in later}


def test_r27_a_reason_change_that_is_over_is_not_listed_under_review_either() -> None:
    case = delivery(case_under_review(), OPENED + 11 * DAY, OPENED + 11 * DAY)
    assert case is not None
    late = available_actions(case.after, Role.BUYER, OPENED + 17 * DAY)
    assert Action.CHANGE_REASON not in {a.action for a in late}


def test_r24_a_late_decision_stays_on_the_teams_list() -> None:
    case = case_under_review()
    assert case.deadline is not None
    offered = found(case, Role.CASE_MANAGER, Action.DECIDE, case.deadline + DAY)
    assert (offered.mandatory, offered.due_at, offered.if_missed) == (
        True,
        case.deadline,
        IfMissed.DEADLINE_MISSED,
    )


@pytest.mark.parametrize(
    "case",
    [
        case_negotiating(),
        case_in_claim(),
        case_awaiting_return(),
        address_confirmed(case_awaiting_return()),
        case_in(Status.RETURN_SHIPPED),
    ],
)
def test_r50_nobodys_action_is_required_once_the_window_is_over_and_the_clock_is_late(case: Dispute) -> None:
    due = case.deadline
    assert due is not None
    assert must_act(case, due - timedelta(milliseconds=1))
    for reader in Role:
        assert available_actions(case, reader, due) == ()
        assert party_state(case, reader, due) is PartyState.REQUIRED_OTHER_PARTY_ACTION


def test_r14_who_has_made_twenty_offers_is_offered_no_more() -> None:
    case = replace(case_negotiating(), offers_by_seller=20)
    assert Action.MAKE_OFFER not in {a.action for a in available_actions(case, Role.SELLER, OPENED)}
    found(case, Role.BUYER, Action.MAKE_OFFER)


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.DECIDED, Status.CANCELLED])
@pytest.mark.parametrize("reader", READERS)
def test_r25_a_closed_case_asks_nothing_of_anybody(status: Status, reader: Role) -> None:
    case = case_in(status)
    assert available_actions(case, reader, OPENED) == ()
    assert party_state(case, reader, OPENED) is PartyState.RESOLVED
    assert (must_act(case, OPENED), if_missed(case, reader)) == (frozenset(), None)


B, S, M = Role.BUYER, Role.SELLER, Role.CASE_MANAGER
COUNTERED = negotiation.make_offer(case_negotiating(), SELLER, OfferType.REFUND, usd(5), "", OPENED).after


@pytest.mark.parametrize(
    ("case", "turn", "missed"),
    [
        (case_negotiating(), {S}, IfMissed.AUTO_ESCALATE),
        (COUNTERED, {B}, IfMissed.AUTO_ESCALATE),
        (
            negotiation.withdraw_offer(case_negotiating(), BUYER, "of-1", OPENED).after,
            {B, S},
            IfMissed.AUTO_ESCALATE,
        ),
        (case_in_claim(), {B, S}, IfMissed.CLAIM_CANCELLED),
        (case_in_claim(evidence_by=BUYER), {S}, IfMissed.DECIDED_WITHOUT_YOU),
        (replace(case_in_claim(), buyer_complete=True), {S}, IfMissed.CLAIM_CANCELLED),
        (replace(case_in_claim(), seller_complete=True), {B}, IfMissed.CLAIM_CANCELLED),
        (case_under_review(), {M}, IfMissed.DEADLINE_MISSED),
        (asked_of(Role.BUYER), {B}, IfMissed.DECIDED_WITHOUT_YOU),
        (asked_of(Role.SELLER), {S}, IfMissed.DECIDED_WITHOUT_YOU),
        (case_return_reviewed(), {M}, IfMissed.DEADLINE_MISSED),
        (case_awaiting_return(), {S}, IfMissed.REFUND_WITHOUT_RETURN),
        (address_confirmed(case_awaiting_return()), {B}, IfMissed.RETURN_NOT_SHIPPED),
        (case_in(Status.RETURN_SHIPPED), {S}, IfMissed.REFUND_ON_DELIVERY),
    ],
)
def test_r15_r22_r24_r36_whose_turn_it_is_and_what_silence_leads_to(
    case: Dispute, turn: set[Role], missed: IfMissed
) -> None:
    assert must_act(case, OPENED) == turn
    for reader in (B, S, M):
        of_review = case.status is Status.UNDER_REVIEW and reader is not M
        assert if_missed(case, reader) is (IfMissed.DECIDED_WITHOUT_YOU if of_review else missed)
        state = party_state(case, reader, OPENED)
        if reader in turn:
            assert state is PartyState.REQUIRED_ACTION
        elif case.status is Status.UNDER_REVIEW:
            assert state is PartyState.UNDER_REVIEW
        else:
            assert state is PartyState.REQUIRED_OTHER_PARTY_ACTION


def test_r14_the_other_party_is_the_other_party() -> None:
    assert (other_party(B), other_party(S)) == (S, B)


def test_r24_every_action_that_changes_something_is_listed_for_somebody_somewhere() -> None:
    listed = {
        offered.action
        for case in CASES
        for reader in READERS
        for offered in available_actions(case, reader, (case.updated_at or OPENED) + timedelta(seconds=1))
    }
    changing = {action for action, rule in GATES.items() if not rule.is_read}
    assert listed == changing - ELSEWHERE, "list it in domain/available_actions.py, or name it in ELSEWHERE"
    assert listed == set(ACTS)
    assert MANAGER.role is Role.CASE_MANAGER
