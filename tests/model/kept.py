"""The domain's changes committed to the in-memory store: what the domain allows, the write's own conditions pass too.

The store checks version, window, order and money once more, as the table's conditions do; a change that it refuses, or
a row that then differs, is a difference like any other.
"""

from __future__ import annotations

from buyer_protection.application.ports.beside import ProposalTaken
from buyer_protection.application.ports.cases import Assignment
from buyer_protection.application.ports.orders import OrderChange
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import EventType
from buyer_protection.domain.ledger import RefundElsewhere
from buyer_protection.domain.order import Order, OrderLedger
from buyer_protection.domain.policy import Policy
from buyer_protection.domain.tracking import Followed
from buyer_protection.domain.windows import alarm_status, wake_at
from tests.model.life import Life
from tests.model.real import Domain, policy
from tests.model.reference import NOTHING, Verdict
from tests.support.builders import SHIPPED
from tests.support.fakes import FixedClock, World


class Kept(Domain):
    """Each change goes through the store's conditions, the way its use case commits it."""

    def __init__(self, order: Order, of: Policy) -> None:
        super().__init__(order, of)
        self.world = World(FixedClock(SHIPPED), of)
        self.world.orders_kept[order.order_id] = order

    def keep(self, change: Change) -> None:
        if change.entry.type in {EventType.DELIVERED, EventType.DELIVERY_CORRECTED}:
            # Noted beside the row of a carrier's report.
            self.world.cases._check_version(change)
            self.world.keep_change(change)
        else:
            self.world.cases.commit(change, now=self.now)
        super().keep(change)
        self.compare()

    def hear(self, name: str, ago: int, corrects: bool) -> Verdict:
        verdict = super().hear(name, ago, corrects)
        self.world.ledgers[self.order.order_id] = self.ledger
        if verdict == NOTHING and self.case is not None:
            self.world.cases_kept[self.it.dispute_id] = self.it
        return verdict

    def confirm_receipt(self) -> Verdict:
        before = self.ledger
        verdict = super().confirm_receipt()
        if verdict is None:
            self.world.orders.finish(before, self.ledger)
        return verdict

    def keep_refund(self, refund: RefundElsewhere, ledger: OrderLedger, followed: Followed | None) -> None:
        order, orders = self.order, self.world.orders
        before = orders.load(order.order_id)
        assert before is not None
        orders.change(OrderChange(before, order, ledger, self.now, followed, refund))
        super().keep_refund(refund, ledger, followed)
        self.ledger = self.world.ledger(order.order_id)
        if self.case is not None:
            self.compare()

    def given(self, case: Dispute) -> None:
        step = Assignment(case.dispute_id, "manager-1", case.assigned_to, self.it.assigned_to)
        self.world.cases.keep_assignment(step, now=self.now)
        super().given(case)
        self.compare()

    def took(self, case: Dispute) -> None:
        before, after, window = self.it.proposal, case.proposal, case.window
        assert before is not None
        assert after is not None
        if before != after:
            strict = window is not None and window.is_strict
            self.world.cases.keep_beside(ProposalTaken(case.dispute_id, before, after, strict), now=self.now)
        super().took(case)
        self.compare()

    def compare(self) -> None:
        """The rows that the store keeps are what the changes add up to."""
        case, world = self.it, self.world
        assert world.cases_kept[case.dispute_id] == case
        assert world.timeline[case.dispute_id] == self.timeline
        assert world.evidence[case.dispute_id] == self.evidence
        statuses = {key: it.status for key, it in world.offers[case.dispute_id].items()}
        assert statuses == {key: it.status for key, it in self.offers.items()}
        books, mine = world.ledger(case.order_id), self.ledger
        assert (books.active_dispute_id, books.finished_at) == (mine.active_dispute_id, mine.finished_at)
        assert (books.disputes_opened, books.refunded_minor) == (mine.disputes_opened, mine.refunded_minor)
        timer = world.timers_kept[case.dispute_id]
        assert (timer.epoch, timer.wake_at, timer.status) == (case.epoch, wake_at(case), alarm_status(case))
        if case.refund_status is not None:
            refund, _ = world.refunds_kept[case.dispute_id]
            assert (refund.status, refund.amount) == (
                case.refund_status,
                case.outcome and case.outcome.refund,
            )


class KeptLife(Life):
    """The same lives, with every change committed."""

    def product(self, of: Order) -> Kept:
        return Kept(of, policy(self.numbers))
