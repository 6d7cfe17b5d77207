"""Random lives of one order's disputes, by all actors at any time, held against a small model (Q6)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from buyer_protection.application.actions import claim, messages, negotiation, orders, parcels
from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.actions.execute import Caller
from buyer_protection.application.ports.errors import OrderHeldError, RefundExceedsPaidError
from buyer_protection.application.schemas.requests import (
    ChangeReasonRequest,
    ConfirmReceiptRequest,
    EvidenceQuestionRequest,
    EvidenceWindowRequest,
    MessageRequest,
    ReadRequest,
)
from buyer_protection.application.workers.sweep import sweep
from buyer_protection.application.workers.sweep_round import Sweeper
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import (
    TERMINAL,
    DecisionOutcome,
    EvidenceType,
    OfferType,
    OutcomeCode,
    Reason,
    ReturnCondition,
    Role,
    Status,
)
from buyer_protection.domain.errors import DisputeError
from buyer_protection.domain.timeline import first_break
from tests.support.builders import DAY, PAID, order
from tests.support.sampling import examples
from tests.unit.application.helpers import (
    BUYER,
    MANAGER,
    SELLER,
    acknowledged,
    address_confirmed,
    call,
    cancel,
    decide,
    escalate,
    evidence,
    offer,
    opened,
    return_delivered,
    shipped_back,
    take_claim,
    world,
)

sides = st.sampled_from([BUYER, SELLER])
amounts = st.integers(1, PAID + 1)
# What ends a case must not end every life before it has begun.
rarely = st.integers(0, 5).map(lambda number: number == 3)

# Where a case can go from each status; whatever else happens is a fault.
ALLOWED = {
    None: {Status.NEGOTIATION},
    Status.NEGOTIATION: {Status.CLAIM_EVIDENCE, Status.RESOLVED, Status.AWAITING_RETURN, Status.CANCELLED},
    Status.CLAIM_EVIDENCE: {Status.UNDER_REVIEW, Status.RESOLVED, Status.CANCELLED},
    Status.UNDER_REVIEW: {
        Status.DECIDED,
        Status.RESOLVED,
        Status.AWAITING_RETURN,
        Status.CANCELLED,
        Status.CLAIM_EVIDENCE,
    },
    Status.AWAITING_RETURN: {Status.RESOLVED, Status.DECIDED, Status.RETURN_SHIPPED},
    Status.RETURN_SHIPPED: {Status.RESOLVED, Status.DECIDED, Status.CLAIM_EVIDENCE},
}


class Lives(RuleBasedStateMachine):
    """The model: per case its last status, version, epoch and end; over all cases the money."""

    def __init__(self) -> None:
        super().__init__()
        self.of = world(order(120))
        self.seen: dict[str, Dispute] = {}
        self.current = ""

    def _try(self, act: Callable[[], object]) -> None:
        writes = self.of.writes
        try:
            act()
        except DisputeError:
            assert self.of.writes == writes, "a refused command wrote something"
        except (OrderHeldError, RefundExceedsPaidError) as leak:
            raise AssertionError("the ledger refused what the domain allowed") from leak

    def _take_claim(self) -> None:
        """R47: the manager who works on a claim has it."""
        self._try(lambda: take_claim(self.of, self.current))

    @initialize(reason=st.sampled_from(Reason))
    def begin(self, reason: Reason) -> None:
        self.open(reason, PAID)

    @rule(reason=st.sampled_from(Reason), refund=amounts)
    def open(self, reason: Reason, refund: int) -> None:
        def act() -> None:
            self.current = opened(self.of, reason, refund)

        self._try(act)

    @rule(side=sides, refund=amounts, kind=st.sampled_from(OfferType))
    def make_offer(self, side: object, refund: int, kind: OfferType) -> None:
        amount = None if kind is OfferType.NO_REFUND else refund
        self._try(lambda: offer(self.of, side, amount, kind, self.current))  # type: ignore[arg-type]

    @rule(
        side=sides,
        act=st.sampled_from(
            [negotiation.accept_offer, negotiation.decline_offer, negotiation.withdraw_offer]
        ),
        back=st.integers(0, 2),
        indeed=rarely,
    )
    def answer(self, side: object, act: Callable[..., object], back: int, *, indeed: bool) -> None:
        if act is negotiation.accept_offer and not indeed:
            return
        offer_id = f"of-{len(self.of.offers[self.current]) - back}"
        self._try(lambda: act(self.of.context, call(side), self.current, offer_id))  # type: ignore[arg-type]

    @rule(side=sides, indeed=rarely)
    def grant(self, side: object, *, indeed: bool) -> None:
        if indeed:
            self._try(lambda: negotiation.accept_request(self.of.context, call(side), self.current))  # type: ignore[arg-type]

    @rule()
    def escalate(self) -> None:
        self._try(lambda: escalate(self.of, self.current))

    @rule(side=sides)
    def add_evidence(self, side: object) -> None:
        self._try(lambda: evidence(self.of, side, self.current))  # type: ignore[arg-type]

    @rule(side=sides)
    def complete(self, side: object) -> None:
        self._try(lambda: giving.complete_evidence(self.of.context, call(side), self.current))  # type: ignore[arg-type]

    @rule(days=st.integers(-1, 31))
    def set_window(self, days: int) -> None:
        asked = EvidenceWindowRequest(self.of.clock.at + days * DAY)
        self._take_claim()
        self._try(lambda: claim.set_evidence_window(self.of.context, call(MANAGER), self.current, asked))

    @rule(outcome=st.sampled_from(DecisionOutcome), refund=st.none() | amounts, with_return=st.booleans())
    def decide(self, outcome: DecisionOutcome, refund: int | None, *, with_return: bool) -> None:
        self._take_claim()
        self._try(lambda: decide(self.of, outcome, refund, with_return=with_return, case=self.current))

    @rule()
    def change_reason(self) -> None:
        asked = ChangeReasonRequest(Reason.NOT_AS_DESCRIBED)
        self._try(lambda: parcels.change_reason(self.of.context, call(BUYER), self.current, asked))

    @rule(indeed=rarely)
    def cancel(self, *, indeed: bool) -> None:
        if indeed:
            self._try(lambda: cancel(self.of, self.current))

    @rule(number=st.integers(1, 3), side=sides)
    def withdraw_evidence(self, number: int, side: object) -> None:
        self._try(
            lambda: giving.withdraw_evidence(self.of.context, call(side), self.current, f"ev-{number}")  # type: ignore[arg-type]
        )

    @rule(party=st.sampled_from(["BUYER", "SELLER"]), days=st.integers(0, 31))
    def ask_for_evidence(self, party: Literal["BUYER", "SELLER"], days: int) -> None:
        due_at = self.of.clock.at + days * DAY
        asked = EvidenceQuestionRequest(party, [EvidenceType.PHOTO], due_at, "Where?")
        self._take_claim()
        self._try(lambda: claim.request_evidence(self.of.context, call(MANAGER), self.current, asked))

    @rule(who=st.sampled_from([BUYER, SELLER, MANAGER]), writes=st.booleans())
    def talk(self, who: Caller, *, writes: bool) -> None:
        context = self.of.context
        if writes:
            said = MessageRequest("Hello.")
            self._try(lambda: messages.send_message(context, call(who), self.current, said))
        else:
            read = ReadRequest(f"ms-{max(1, self.of.cases_kept[self.current].messages)}")
            self._try(lambda: messages.mark_messages_read(context, call(who), self.current, read))

    @rule(step=st.sampled_from([address_confirmed, shipped_back]))
    def send_back(self, step: Callable[..., object]) -> None:
        self._try(lambda: step(self.of, self.current))

    @rule()
    def carrier_brings_it_back(self) -> None:
        number = len(self.of.timeline[self.current])
        self._try(lambda: return_delivered(self.of, f"r-{number}", self.current))

    @rule(condition=st.sampled_from(ReturnCondition), number=st.integers(1, 4))
    def acknowledge(self, condition: ReturnCondition, number: int) -> None:
        self._try(lambda: acknowledged(self.of, condition, (f"ev-{number}",), case=self.current))

    @rule(indeed=rarely)
    def confirm_receipt(self, *, indeed: bool) -> None:
        if indeed:
            self._try(
                lambda: orders.confirm_receipt(
                    self.of.context, call(BUYER), "order-1", ConfirmReceiptRequest(True)
                )
            )

    @rule(hours=st.sampled_from([1, 24, 72, 7 * 24, 15 * 24]), swept=st.booleans())
    def time_passes(self, hours: int, *, swept: bool) -> None:
        self.of.clock.at += timedelta(hours=hours)
        if swept:
            self.sweep()

    @rule()
    def sweep(self) -> None:
        of = self.of
        sweeper = Sweeper(
            of.cases,
            of.timers,
            of.refunds,
            of.executions,
            of.queue,
            of.bus,
            of.clock,
            of.orders,
            of.webhook_queue,
        )
        done = sweep(sweeper)
        assert not [name for name in done if name.startswith("failed_")]
        for case in of.cases_kept.values():
            assert case.deadline is None or case.deadline > of.clock.at
        writes = of.writes
        sweep(sweeper)
        assert of.writes == writes

    @invariant()
    def every_case_went_where_the_model_allows(self) -> None:
        for dispute_id, case in self.of.cases_kept.items():
            before = self.seen.get(dispute_id)
            assert case.version >= (before.version if before else 0)
            assert case.epoch >= (before.epoch if before else 0)
            # A sweep may take several steps at once.
            if before is None or before.status is not case.status:
                assert _reachable(before.status if before else None, case.status)
            if before is not None and before.status in TERMINAL:
                assert case == before
            self.seen[dispute_id] = case

    @invariant()
    def money_is_conserved(self) -> None:
        cases = self.of.cases_kept.values()
        paid = [c.outcome.refund.amount_minor for c in cases if c.outcome is not None]
        asked = [refund.amount.amount_minor for refund, _ in self.of.refunds_kept.values()]
        books = self.of.ledger("order-1")
        assert sum(paid) == sum(asked) == books.refunded_minor <= PAID
        assert all(c.outcome.refund.amount_minor <= c.max_refundable.amount_minor for c in cases if c.outcome)

    @invariant()
    def at_most_one_dispute_is_open_and_the_ledger_names_it(self) -> None:
        alive = [dispute_id for dispute_id, case in self.of.cases_kept.items() if not case.is_closed]
        books = self.of.ledger("order-1")
        assert alive == ([books.active_dispute_id] if books.active_dispute_id else [])
        assert books.disputes_opened == len(self.of.cases_kept) <= 3

    @invariant()
    def the_timeline_folds_to_the_state(self) -> None:
        for dispute_id, case in self.of.cases_kept.items():
            entries = self.of.timeline[dispute_id]
            assert first_break(entries) is None
            assert (len(entries), entries[-1].hash) == (case.timeline_seq, case.timeline_hash)
            assert case.evidence_items == len(self.of.evidence[dispute_id])
            assert case.offers_by_buyer + case.offers_by_seller == len(self.of.offers[dispute_id])
            standing = {o.offer_id for o in (case.buyer_offer, case.seller_offer) if o}
            assert standing == {o.offer_id for o in self.of.offers[dispute_id].values() if o.status == "OPEN"}
            if case.outcome is not None and case.outcome.code is OutcomeCode.CANCELLED_NO_EVIDENCE:
                assert not any(item.counts for item in self.of.evidence[dispute_id].values())
            for role, count in ((Role.BUYER, case.evidence_by_buyer), (Role.SELLER, case.evidence_by_seller)):
                mine = [
                    one for one in self.of.evidence[dispute_id].values() if one.party is role and one.counts
                ]
                assert len(mine) == count
            assert case.messages == len(self.of.messages[dispute_id])


def _reachable(source: Status | None, target: Status) -> bool:
    reached, todo = set(), [source]
    while todo:
        for following in ALLOWED.get(todo.pop(), set()):
            if following not in reached:
                reached.add(following)
                todo.append(following)
    return target in reached


class Returns(Lives):
    """Lives that begin where the goods are to go back, some of them with an address, or a parcel, already."""

    @initialize(refund=st.integers(1, PAID), steps=st.integers(0, 2))
    def begin(self, refund: int, steps: int) -> None:
        self.open(Reason.NOT_AS_DESCRIBED, PAID)
        self.of.clock.at += DAY
        offer(self.of, SELLER, refund, OfferType.REFUND_WITH_RETURN, self.current)
        negotiation.accept_offer(self.of.context, call(BUYER), self.current, "of-2")
        for step in (address_confirmed, shipped_back)[:steps]:
            step(self.of, self.current)


pytestmark = pytest.mark.sampled
TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=examples(300, 75), stateful_step_count=50, deadline=None)
TestReturns = Returns.TestCase
TestReturns.settings = settings(max_examples=examples(200, 50), stateful_step_count=30, deadline=None)
