"""The reference model and the product side by side: each move is made on both, and what must hold is looked at (Q6)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from buyer_protection.domain.order import Order
from buyer_protection.domain.timeline import first_break
from buyer_protection.domain.transitions import find_transition
from tests.model.model import Model
from tests.model.real import Domain, at, policy
from tests.model.reference import LEGAL, Numbers, Parcel, Shop, Verdict, moves_version
from tests.model.seen import folded, of_model, of_product
from tests.support.builders import ITEMS, order, shipment

# The pin's one unit is worth half a cent: a case about it has nothing to refund.
PIN = ("pin", 2, 1)
# Two of three parcels carry spoons.
CARRIED = {"sh-1": ("mug",), "sh-2": ("spoon", "pin"), "sh-3": ("spoon",)}
LINES = {it.item_id: (it.quantity, it.amount_minor) for it in ITEMS} | {PIN[0]: PIN[1:]}

WALKED: Counter[tuple[str, str, str]] = Counter()
"""How often each change of status was made, over all examples: what was never walked was not tested."""


class SideBySide(RuleBasedStateMachine):
    """One order and all its disputes; the moves themselves are in `life`."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = Numbers()
        self.start(40)

    def start(self, promise_days: int) -> None:
        parcels = {name: Parcel(frozenset(items)) for name, items in CARRIED.items()}
        self.model = Model(Shop(dict(LINES), promise_days, parcels=parcels), self.numbers)
        lines = (*ITEMS, type(ITEMS[0])(PIN[0], "Pin", PIN[1], PIN[2]))
        shipments = tuple(shipment(shipment_id=name, item_ids=items) for name, items in CARRIED.items())
        self.real = self.product(order(promise_days, items=lines, shipments=shipments))

    def product(self, of: Order) -> Domain:
        """What is held against the model."""
        return Domain(of, policy(self.numbers))

    # Moves.

    def both(self, move: str, *args: Any) -> None:
        """The same move on both sides; the same answer, or the example has found something."""
        before = self.model.case.status if self.model.case else ""
        wanted: Verdict = getattr(self.model, move)(*args)
        found: Verdict = getattr(self.real, move)(*args)
        assert found == wanted, f"{move}{args} at {self.model.now}: {found} instead of {wanted}"
        if wanted is None and self.model.case and move != "open" and self.model.case.status != before:
            WALKED[before, self.model.case.status, self.model.case.events[-1]] += 1

    def pass_time(self, to: int) -> None:
        self.model.now = max(self.model.now, to)
        self.real.now = at(self.model.now)

    def has_case(self) -> bool:
        return self.model.case is not None

    def case_is(self, *statuses: str) -> bool:
        return self.model.case is not None and self.model.case.status in statuses

    def is_open(self) -> bool:
        return self.model.case is not None and not self.model.case.is_closed

    def instants(self) -> list[int]:
        """Every instant from now on at which a rule begins or ends."""
        shop, case, n = self.model.shop, self.model.case, self.numbers
        found = [shop.opens_at(n), shop.completion_at]
        if case is not None:
            found += [case.opened_at + n.escalate_after, case.opened_at + n.negotiation]
            found += [it for it in (case.reason_due(n),) if it is not None]
            found += [it.until for it in case.exhibits if it.until is not None]
            found += [*case.replies.values(), case.window_end]
            wakes = [] if case.is_closed else [case.deadline, self.model.wakes_at()]
            found += [it for it in wakes if it is not None]
        return sorted({it for it in found if it + 1 > self.model.now})

    # What holds after every move.

    @invariant()
    def model_and_product_agree(self) -> None:
        assert of_product(self.real) == of_model(self.model)

    @invariant()
    def only_legal_transitions(self) -> None:
        for change in self.real.changes[-2:]:
            if change.is_opening:
                continue
            before, after = change.before, change.after
            row = find_transition(before.status, after.status, change.entry.type)
            moved = before.status is not after.status
            assert not moved or ((before.status, after.status) in LEGAL and row is not None)
            assert row is None or change.entry.actor.role in row.by
            # The epoch rises exactly when status or deadline change, and by one.
            changed = (before.status, before.deadline) != (after.status, after.deadline)
            assert after.epoch - before.epoch == changed

    @invariant()
    def a_closed_case_stays_as_it_ended(self) -> None:
        for change in self.real.changes[-2:]:
            before, after = change.before, change.after
            if before.is_closed:
                kept = (before.status, before.outcome, before.epoch, before.closed_at, None)
                assert (after.status, after.outcome, after.epoch, after.closed_at, after.deadline) == kept
                assert change.entry.type in {
                    "REFUND_SUCCEEDED",
                    "REFUND_FAILED",
                    "REFUND_RETURNED",
                }
                assert change.refund is None

    @invariant()
    def money_is_conserved(self) -> None:
        ledger = self.real.ledger
        assert ledger.refunded_minor == sum(self.real.refunds.values()) <= self.real.order.paid().amount_minor
        if self.real.case and self.real.case.outcome:
            due = self.real.case.outcome.refund.amount_minor
            assert self.real.refunds.get(f"rf-{self.real.case.dispute_id}", 0) == due

    @invariant()
    def the_timeline_gives_the_state(self) -> None:
        case = self.real.case
        if case is None:
            return
        replayed = folded(self.real.timeline)
        assert (replayed["status"], replayed["reason"]) == (case.status, case.reason)
        quiet = sum(not moves_version(entry.type) for entry in self.real.timeline)
        assert len(self.real.timeline) == case.version + quiet == case.timeline_seq
        ended = case.outcome or case.settlement
        assert replayed["money"] == ((ended.code, ended.refund.amount_minor) if ended else None)
        team = case.proposal.offer if case.proposal else None
        assert replayed["standing"] == {
            it.offer_id for it in (case.buyer_offer, case.seller_offer, team) if it
        }
        assert sorted(replayed["evidence"].values()) == (
            ["BUYER"] * case.evidence_by_buyer + ["SELLER"] * case.evidence_by_seller
        )

    @invariant()
    def the_chain_of_hashes_holds(self) -> None:
        assert first_break(self.real.timeline) is None
        assert self.real.case is None or self.real.timeline[-1].hash == self.real.case.timeline_hash
