"""Every POST repeated with its key: one effect, the same answer; another body 422; another caller is another key."""

from collections.abc import Callable

import pytest

from buyer_protection.application.actions import claim, evidence, negotiation, orders, parcels
from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import (
    CancelRequest,
    ChangeReasonRequest,
    DecisionRequest,
    EscalateRequest,
    EvidenceRequest,
    EvidenceWindowRequest,
    MoneyModel,
    OfferRequest,
    TrackingRequest,
)
from buyer_protection.domain.enums import (
    ClaimReason,
    DecisionOutcome,
    DecisionReason,
    EvidenceType,
    OfferType,
    Reason,
    Status,
    TrackingStatus,
)
from buyer_protection.domain.errors import ConflictError, IdempotencyKeyReusedError
from tests.support.builders import DAY, OPENED
from tests.support.fakes import World
from tests.unit.application.helpers import (
    BUYER,
    CASE,
    MANAGER,
    OTHER_BUYER,
    SELLER,
    SHOP,
    call,
    offer,
    wish,
    world,
    world_in,
)

Post = Callable[[World, Command], Answer]
REFUND = OfferRequest(OfferType.REFUND, MoneyModel(100, "USD"))
RULING = DecisionRequest(DecisionOutcome.BUYER_FAVOUR, [DecisionReason.OTHER], "So it is.")


def answering(of: World, act: Callable[..., Answer], by: Command) -> Answer:
    """Acts on the seller's offer, which is made once."""
    if "of-2" not in of.offers[CASE]:
        offer(of, SELLER, 100)
    return act(of.context, by, CASE, "of-2")


POSTS: dict[str, tuple[Status | None, Caller, Post]] = {
    "open": (None, BUYER, lambda w, c: open_dispute(w.context, c, wish())),
    "offer": (Status.NEGOTIATION, SELLER, lambda w, c: negotiation.make_offer(w.context, c, CASE, REFUND)),
    "accept": (Status.NEGOTIATION, BUYER, lambda w, c: answering(w, negotiation.accept_offer, c)),
    "decline": (Status.NEGOTIATION, BUYER, lambda w, c: answering(w, negotiation.decline_offer, c)),
    "withdraw": (Status.NEGOTIATION, SELLER, lambda w, c: answering(w, negotiation.withdraw_offer, c)),
    "grant": (Status.NEGOTIATION, SELLER, lambda w, c: negotiation.accept_request(w.context, c, CASE)),
    "escalate": (
        Status.NEGOTIATION,
        BUYER,
        lambda w, c: claim.escalate_dispute(
            w.context, c, CASE, EscalateRequest(ClaimReason.SELLER_REFUSED_REFUND, True)
        ),
    ),
    "evidence": (
        Status.CLAIM_EVIDENCE,
        BUYER,
        lambda w, c: giving.add_evidence(
            w.context, w.files, c, CASE, EvidenceRequest(EvidenceType.STATEMENT, "x")
        ),
    ),
    "complete": (Status.CLAIM_EVIDENCE, BUYER, lambda w, c: evidence.complete_evidence(w.context, c, CASE)),
    "window": (
        Status.CLAIM_EVIDENCE,
        MANAGER,
        lambda w, c: claim.set_evidence_window(w.context, c, CASE, EvidenceWindowRequest(OPENED + 20 * DAY)),
    ),
    "decide": (
        Status.UNDER_REVIEW,
        MANAGER,
        lambda w, c: claim.decide_claim(w.context, c, CASE, RULING),
    ),
    "reason": (
        Status.NEGOTIATION,
        BUYER,
        lambda w, c: parcels.change_reason(w.context, c, CASE, ChangeReasonRequest(Reason.NOT_AS_DESCRIBED)),
    ),
    "cancel": (
        Status.NEGOTIATION,
        BUYER,
        lambda w, c: parcels.cancel_dispute(w.context, c, CASE, CancelRequest(True)),
    ),
    "tracking": (
        Status.NEGOTIATION,
        SHOP,
        lambda w, c: orders.record_tracking_event(
            w.context, c, "order-1", TrackingRequest("e-1", "sh-1", TrackingStatus.DELIVERED, OPENED)
        ),
    ),
}


def ready(name: str) -> tuple[World, Caller, Post]:
    status, caller, post = POSTS[name]
    return (world() if status is None else world_in(status)), caller, post


@pytest.mark.parametrize("name", POSTS)
def test_r12_every_post_repeated_with_its_key_gives_the_same_answer_and_has_one_effect(name: str) -> None:
    of, caller, post = ready(name)
    first = post(of, call(caller, "key-1"))
    writes, events = of.writes, {case: len(entries) for case, entries in of.timeline.items()}
    for _ in range(5):
        of.clock.at += DAY
        assert post(of, call(caller, "key-1")) == first
    assert of.writes == writes
    assert {case: len(entries) for case, entries in of.timeline.items()} == events


@pytest.mark.parametrize("name", POSTS)
def test_r12_the_same_key_with_another_body_is_422(name: str) -> None:
    of, caller, post = ready(name)
    post(of, call(caller, "key-1"))
    writes = of.writes
    with pytest.raises(IdempotencyKeyReusedError) as refused:
        post(of, call(caller, "key-1", body="another"))
    assert refused.value.code == "IDEMPOTENCY_KEY_REUSED"
    assert of.writes == writes


@pytest.mark.parametrize("name", POSTS)
def test_r12_two_calls_with_one_key_at_the_same_time_have_one_effect_and_one_answer(name: str) -> None:
    of, caller, post = ready(name)
    if name in {"accept", "decline", "withdraw"}:
        offer(of, SELLER, 100)
    first: list[Answer] = []
    of.before_commit = lambda: first.append(post(of, call(caller, "key-1")))
    second = post(of, call(caller, "key-1"))
    assert [second] == first


def test_r12_another_callers_key_never_meets_mine() -> None:
    of = world_in(Status.NEGOTIATION)
    mine = negotiation.make_offer(of.context, call(SELLER, "key-1"), CASE, REFUND)
    theirs = negotiation.make_offer(of.context, call(BUYER, "key-1"), CASE, REFUND)
    assert mine.body != theirs.body
    assert OTHER_BUYER.caller_id != BUYER.caller_id


def test_r25_a_new_key_after_the_end_is_refused_while_the_old_one_still_gets_its_answer() -> None:
    of = world_in(Status.NEGOTIATION)
    granted = negotiation.accept_request(of.context, call(SELLER, "key-1"), CASE)
    with pytest.raises(ConflictError) as refused:
        negotiation.accept_request(of.context, call(SELLER, "key-2"), CASE)
    assert refused.value.code == "DISPUTE_CLOSED"
    assert negotiation.accept_request(of.context, call(SELLER, "key-1"), CASE) == granted


def test_r12_a_refused_command_leaves_its_key_free() -> None:
    of = world(at=OPENED - DAY)
    with pytest.raises(ConflictError):
        open_dispute(of.context, call(BUYER, "key-1"), wish())
    of.clock.at = OPENED
    assert open_dispute(of.context, call(BUYER, "key-1"), wish()).status == 201
