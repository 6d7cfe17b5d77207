"""The process, enumerated whole: the domain's own functions walk each row of TRANSITIONS and nothing else."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from buyer_protection.domain import claim, evidence, messages, negotiation, parcels, proposals, returns
from buyer_protection.domain.claim import EvidenceQuestion
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    ClaimReason,
    DecisionOutcome,
    EventType,
    EvidenceType,
    OfferType,
    Reason,
    RefundKind,
    ReturnCondition,
    Role,
    Status,
)
from buyer_protection.domain.errors import DisputeError
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.ledger import RefundElsewhere, with_given_back
from buyer_protection.domain.order_changes import cause_of, follow
from buyer_protection.domain.return_goods import ReturnParcel
from buyer_protection.domain.returns import Acknowledgement
from buyer_protection.domain.timeline import CARRIER, CLOCK, MEDIATION, PAYMENT, SHOP, UPLOADS, Actor
from buyer_protection.domain.transitions import TRANSITIONS, find_transition
from buyer_protection.domain.windows import close_window
from tests.support.builders import (
    BUYER,
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
    case_return_shipped,
    case_under_review,
    delivery,
    ledger,
    opening_change,
    order,
    ruling,
    usd,
    with_evidence,
)

# from, to, event, by whom: written out by hand beside the contract's own table.
EXPECTED = {
    (None, "NEGOTIATION", "DISPUTE_OPENED", "BUYER"),
    ("NEGOTIATION", "RESOLVED", "OFFER_ACCEPTED", "BUYER SELLER"),
    ("NEGOTIATION", "AWAITING_RETURN", "OFFER_ACCEPTED", "BUYER SELLER"),
    ("NEGOTIATION", "CLAIM_EVIDENCE", "ESCALATED", "BUYER SYSTEM"),
    ("NEGOTIATION", "CANCELLED", "CANCELLED", "BUYER SYSTEM"),
    ("CLAIM_EVIDENCE", "CANCELLED", "CANCELLED", "BUYER SYSTEM"),
    ("AWAITING_RETURN", "CANCELLED", "CANCELLED", "SYSTEM"),
    ("RETURN_SHIPPED", "CANCELLED", "CANCELLED", "SYSTEM"),
    ("CLAIM_EVIDENCE", "UNDER_REVIEW", "REVIEW_STARTED", "SYSTEM"),
    ("CLAIM_EVIDENCE", "UNDER_REVIEW", "EVIDENCE_COMPLETED", "BUYER SELLER"),
    ("CLAIM_EVIDENCE", "RESOLVED", "OFFER_ACCEPTED", "BUYER SELLER"),
    ("CLAIM_EVIDENCE", "AWAITING_RETURN", "OFFER_ACCEPTED", "BUYER SELLER"),
    ("UNDER_REVIEW", "AWAITING_RETURN", "OFFER_ACCEPTED", "BUYER SELLER"),
    ("UNDER_REVIEW", "DECIDED", "DECIDED", "CASE_MANAGER"),
    ("UNDER_REVIEW", "AWAITING_RETURN", "DECIDED", "CASE_MANAGER"),
    ("UNDER_REVIEW", "RESOLVED", "OFFER_ACCEPTED", "BUYER SELLER"),
    ("UNDER_REVIEW", "CANCELLED", "CANCELLED", "BUYER SYSTEM"),
    ("UNDER_REVIEW", "CLAIM_EVIDENCE", "EVIDENCE_REQUESTED", "CASE_MANAGER"),
    ("AWAITING_RETURN", "RETURN_SHIPPED", "RETURN_SHIPPED", "BUYER"),
    ("AWAITING_RETURN", "RESOLVED", "RETURN_CLOSED", "SYSTEM"),
    ("AWAITING_RETURN", "DECIDED", "RETURN_CLOSED", "SYSTEM"),
    ("RETURN_SHIPPED", "RESOLVED", "RETURN_CLOSED", "SELLER SYSTEM"),
    ("RETURN_SHIPPED", "DECIDED", "RETURN_CLOSED", "SELLER SYSTEM"),
    ("RETURN_SHIPPED", "CLAIM_EVIDENCE", "RETURN_PROBLEM", "SELLER SYSTEM"),
    ("UNDER_REVIEW", "CLAIM_EVIDENCE", "REASON_CHANGED", "BUYER"),
}

Move = Callable[[Dispute, Actor, datetime], Change | None]


def _escalate(case: Dispute, actor: Actor, now: datetime) -> Change:
    reason = ClaimReason.SELLER_REFUSED_REFUND
    return claim.escalate(case, actor, confirm_no_agreement=True, claim_reason=reason, text="", now=now)


def _take(case: Dispute, actor: Actor, now: datetime) -> Change | None:
    """The yes of one side after the other's."""
    if case.proposal is None:
        return None
    other = Role.SELLER if actor.role is Role.BUYER else Role.BUYER
    said = replace(case, proposal=replace(case.proposal, taken_by=other))
    taken = proposals.take(said, actor, now)
    return taken if isinstance(taken, Change) else None


def _given_back(case: Dispute, _actor: Actor, now: datetime) -> Change | None:
    """R51: the shop gave everything back itself; only a case that is open hears of it."""
    if case.is_closed:
        return None
    refund = RefundElsewhere("g-1", RefundKind.CHARGEBACK, case.order_paid, now)
    books = with_given_back(ledger(disputes_opened=1), refund)
    return follow(case, order(), books, cause_of(refund), now).change


CAME = Acknowledgement(ReturnCondition.ITEM_RECEIVED, "", ())
BROKEN = Acknowledgement(ReturnCondition.DAMAGED, "It is broken.", ("ev-1",))

MOVES: dict[str, Move] = {
    "offer": lambda c, a, now: negotiation.make_offer(c, a, OfferType.REFUND, usd(100), "", now),
    "offer with return": lambda c, a, now: negotiation.make_offer(
        c, a, OfferType.REFUND_WITH_RETURN, usd(100), "", now
    ),
    "accept of-1": lambda c, a, now: negotiation.accept_offer(c, a, "of-1", now),
    "accept of-2": lambda c, a, now: negotiation.accept_offer(c, a, "of-2", now),
    "decline of-2": lambda c, a, now: negotiation.decline_offer(c, a, "of-2", now),
    "withdraw of-1": lambda c, a, now: negotiation.withdraw_offer(c, a, "of-1", now),
    "accept request": negotiation.accept_request,
    "propose return": lambda c, a, now: proposals.propose(
        c, a, OfferType.REFUND_WITH_RETURN, usd(100), "", now
    ),
    "take the proposal": _take,
    "escalate": _escalate,
    "evidence": lambda c, a, now: evidence.add_evidence(c, a, EvidenceType.STATEMENT, "x", None, now),
    "complete": evidence.complete_evidence,
    "window": lambda c, a, now: claim.set_evidence_window(c, a, now + timedelta(days=9), now),
    "decide": lambda c, a, now: claim.decide(c, a, ruling(), frozenset(), now),
    "decide return": lambda c, a, now: claim.decide(c, a, ruling(with_return=True), frozenset(), now),
    "decide seller": lambda c, a, now: claim.decide(
        c, a, ruling(DecisionOutcome.SELLER_FAVOUR), frozenset(), now
    ),
    "change reason": lambda c, a, now: parcels.change_reason(c, a, Reason.NOT_AS_DESCRIBED, None, None, now),
    "cancel": lambda c, a, now: parcels.cancel(c, a, acknowledge_consequences=True, now=now),
    "delivered": lambda c, _a, now: delivery(c, now, now),
    "ask": lambda c, a, now: claim.request_evidence(
        c, a, EvidenceQuestion(Role.BUYER, (EvidenceType.PHOTO,), now + timedelta(days=5), "Where?"), now
    ),
    "message": lambda c, a, now: messages.send_message(c, a, "Hello.", now),
    "read": lambda c, a, now: messages.mark_read(c, a, f"ms-{c.messages}", now),
    "address": lambda c, a, now: returns.confirm_address(c, a, ("9 Quay",), now),
    "ship back": lambda c, a, now: returns.register_shipment(c, a, ReturnParcel("Post", "RT-1", now), now),
    "given back": _given_back,
    "return delivered": lambda c, _a, now: returns.register_return_delivery(c, now, now),
    "return came": lambda c, a, now: returns.acknowledge(c, a, CAME, frozenset(), now),
    "return broken": lambda c, a, now: returns.acknowledge(c, a, BROKEN, frozenset({"ev-1"}), now),
    "clock": lambda c, _a, now: close_window(c, now),
}


def seeds() -> Iterator[Dispute]:
    """Cases in every status and of every kind."""
    for status in Status:
        yield case_in(status)
    for reason in Reason:
        yield case_negotiating(reason)
        yield case_in_claim(reason, BUYER)
        yield replace(case_in_claim(reason, SELLER), buyer_complete=True)
        yield replace(case_in_claim(reason, SELLER), seller_complete=True)
        yield case_under_review(reason)
    for decided in (False, True):
        yield case_awaiting_return(decided=decided)
        yield address_confirmed(case_awaiting_return(decided=decided))
        yield case_return_shipped(decided=decided)
        yield case_return_shipped(decided=decided, delivered=True)
        yield case_return_reviewed(decided=decided)
    nad = case_negotiating(Reason.NOT_AS_DESCRIBED)
    yield negotiation.make_offer(nad, SELLER, OfferType.REFUND_WITH_RETURN, usd(100), "", OPENED).after
    yield negotiation.make_offer(nad, BUYER, OfferType.REFUND_WITH_RETURN, usd(100), "", OPENED).after
    yield with_evidence(case_negotiating(), BUYER, OPENED)


def instants(case: Dispute) -> list[datetime]:
    soon = max(case.updated_at or case.opened_at, case.escalation_available_at)
    return [soon, case.deadline, soon + timedelta(days=60)] if case.deadline else [soon]


def changes() -> Iterator[Change]:
    """Everything that every function of the domain does to any of these cases, two moves deep."""
    known: dict[tuple[object, ...], Dispute] = {}
    for case in seeds():
        for change in _one_move(case):
            yield change
            after = change.after
            kind = (
                after.status,
                after.reason,
                after.buyer_offer is None,
                after.seller_offer,
                after.buyer_complete,
                after.proposal is None,
            )
            known.setdefault((*kind, after.evidence_items, after.settlement is None), after)
    for case in known.values():
        yield from _one_move(case)


def _one_move(case: Dispute) -> Iterator[Change]:
    for (move, role), now in itertools.product(itertools.product(MOVES.values(), Role), instants(case)):
        try:
            change = move(case, actor_of(role), now)
        except DisputeError:
            continue
        if change is not None:
            yield change


def test_r15_the_table_of_transitions_is_the_contracts() -> None:
    found = {(t.source, t.target.value, t.event.value, frozenset(t.by)) for t in TRANSITIONS}
    assert found == {(s, t, e, frozenset(Role(r) for r in by.split())) for s, t, e, by in EXPECTED}
    assert len(TRANSITIONS) == len(EXPECTED)
    assert all(t.rule.startswith("R") for t in TRANSITIONS)


def test_r25_walking_every_function_reaches_every_row_and_nothing_beside_the_table() -> None:
    opened = opening_change()
    walked: set[tuple[Status | None, Status, EventType, Role]] = {
        (None, opened.after.status, opened.entry.type, opened.entry.actor.role)
    }
    for change in changes():
        if change.before.status is not change.after.status:
            walked.add(
                (change.before.status, change.after.status, change.entry.type, change.entry.actor.role)
            )
    rows = {(t.source, t.target, t.event, role) for t in TRANSITIONS for role in t.by}
    assert walked == rows


def test_r25_nothing_leads_out_of_a_terminal_status_and_nothing_but_the_opening_leads_in_from_nowhere() -> (
    None
):
    ended = {Status.RESOLVED, Status.DECIDED, Status.CANCELLED}
    assert not [t for t in TRANSITIONS if t.source in ended]
    assert [t.target for t in TRANSITIONS if t.source is None] == [Status.NEGOTIATION]


@pytest.mark.parametrize("target", Status)
@pytest.mark.parametrize("source", [None, *Status])
def test_r25_every_pair_that_is_not_in_the_table_is_illegal(source: Status | None, target: Status) -> None:
    events = {e for s, t, e, _ in EXPECTED if (s, t) == (source, target.value)}
    for event in EventType:
        assert (find_transition(source, target, event) is not None) == (event.value in events)


def test_r24_a_change_by_somebody_the_row_does_not_name_is_a_breach() -> None:
    change = claim.decide(case_under_review(), MANAGER, ruling(), frozenset(), OPENED + timedelta(days=12))
    for entry in (replace(change.entry, actor=SELLER), replace(change.entry, type=EventType.CANCELLED)):
        with pytest.raises(AssertionError, match="no transition"):
            replace(change, entry=entry)


def test_r25_no_change_can_be_made_that_the_table_does_not_name_by_whomever() -> None:
    case, now = case_negotiating(), OPENED + timedelta(days=1)
    judged = replace(case, status=Status.DECIDED)
    for actor in (BUYER, MANAGER, CLOCK, MEDIATION, UPLOADS, CARRIER, PAYMENT):
        with pytest.raises(AssertionError, match="no transition"):
            case.record(now, actor, EventType.DECIDED, {}, judged)


def test_r18_the_sellers_escalation_is_named_by_the_policys_flag_alone() -> None:
    case, now = case_negotiating(), OPENED + timedelta(days=4)
    claimed = replace(case, status=Status.CLAIM_EVIDENCE)
    with pytest.raises(AssertionError, match="no transition"):
        case.record(now, SELLER, EventType.ESCALATED, {}, claimed)
    allowed = replace(case, policy=replace(case.policy, seller_may_escalate=True))
    assert _escalate(allowed, SELLER, now).after.status is Status.CLAIM_EVIDENCE


def test_r15_r22_r36_each_change_is_guarded_on_its_own_side_of_the_windows_end() -> None:
    """The clock's end of a window after it, what people do before it, what is only noted at any time."""
    noted = {"ESCALATION_AVAILABLE", "REMINDED", "DELIVERED"}
    for change in changes():
        strict = change.before.window is not None and change.before.window.is_strict
        if change.entry.type.value in noted or change.entry.actor == SHOP:
            wanted = Guard.NONE
        elif change.entry.actor == CLOCK:
            wanted = Guard.AFTER_DEADLINE
        else:
            wanted = Guard.BEFORE_DEADLINE if strict else Guard.NONE
        assert change.guard is wanted, change.entry.type
    assert opening_change().guard is Guard.NONE
