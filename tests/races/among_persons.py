"""Persons against each other on one case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from bench import scene
from tests.races import ground
from tests.races.ground import Scene, check_answers, check_rows, days, require
from tests.races.runner import Json, Racer, Result, Stage
from tests.races.variant import Mode, Variant, person, several

CLOSED = frozenset({"DISPUTE_CLOSED", "WRONG_STATUS", "OFFER_NOT_CURRENT"})


class ByPersons(Variant):
    """Persons only: of all that race exactly one is accepted, and the case ends as that one said."""

    losing: ClassVar[frozenset[str]] = CLOSED
    statuses: ClassVar[dict[str, str]]
    # What each of them would pay back; nothing where it is not named.
    amounts: ClassVar[dict[str, int]] = {}

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        dispute_id = ground.opened(stage, order_id, opening)
        return ground.ready(stage, order_id, dispute_id, opening + days(1))

    def judge(self, stage: Stage, found: Scene, mode: Mode, results: Sequence[Result]) -> str:
        accepted = check_answers(results, self.losing)
        require(len(accepted) == 1, f"{len(accepted)} won")
        entries = ground.timeline_of(stage, found)
        state = check_rows(found, entries, raised=1)
        require(len(entries) == found.entries + 1, "more happened than one thing")
        require(state["status"] == self.statuses[accepted[0].name], f"the case is {state['status']}")
        require(accepted[0].body["version"] == state["version"], "the answer is of another version")
        winner = accepted[0].name
        refunded = int(ground.ledger_of(found.order_id)["refunded_minor"])
        require(refunded == self.amounts.get(winner, 0), f"{refunded} is paid back for {winner}")
        return winner


class CancelOrAccept(ByPersons):
    """R14, R28."""

    name = "cancel or accept"
    statuses: ClassVar = {"buyer cancels": "CANCELLED", "seller accepts": "RESOLVED"}
    amounts: ClassVar = {"seller accepts": scene.PAID}

    def calls(self, found: Scene) -> Sequence[Racer]:
        agreed, path = {"acknowledge_consequences": True}, {"dispute_id": found.dispute_id}
        return [
            *several(lambda: person("buyer cancels", "cancel_dispute", "buyer", agreed, **path)),
            *several(lambda: person("seller accepts", "accept_request", "seller", {}, **path)),
        ]


class TwoAccepts(ByPersons):
    """R14: each accepts the other's offer; one agreement, one refund, of that offer's amount."""

    name = "two accepts"
    statuses: ClassVar = {"buyer accepts": "RESOLVED", "seller accepts": "RESOLVED"}
    amounts: ClassVar = {"buyer accepts": 3_000, "seller accepts": 7_000}

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        dispute_id = ground.opened(stage, order_id, opening)
        stage.act("make_offer", "seller", scene.offer(3_000), dispute_id=dispute_id)
        stage.act("make_offer", "buyer", scene.offer(7_000), dispute_id=dispute_id)
        return ground.ready(stage, order_id, dispute_id, opening + days(1))

    def calls(self, found: Scene) -> Sequence[Racer]:
        def accept(who: str, offer_id: str) -> Racer:
            path = {"dispute_id": found.dispute_id, "offer_id": offer_id}
            return person(f"{who} accepts", "accept_offer", who, {}, **path)

        return [*several(lambda: accept("buyer", "of-2")), *several(lambda: accept("seller", "of-3"))]


RULINGS: dict[str, Json] = {
    "PARTIAL": {"refund": scene.money(6_000), "reasons": ["ITEM_DIFFERENT"]},
    "SELLER_FAVOUR": {"reasons": ["BUYER_EVIDENCE_INSUFFICIENT"]},
}


def decision(name: str, found: Scene, outcome: str) -> Racer:
    body = {"outcome": outcome, "rationale": scene.TEXT, "evidence_ids": ["ev-1"], **RULINGS[outcome]}
    return person(name, "decide_claim", "case_manager", body, dispute_id=found.dispute_id)


class UnderReview(ByPersons):
    """A claim that is ready to be decided."""

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        dispute_id = ground.under_review(stage, order_id, opening)
        return ground.ready(stage, order_id, dispute_id, opening + days(4))


class DecideOrCancel(UnderReview):
    """R24, R28."""

    name = "decide or cancel"
    statuses: ClassVar = {"the team decides": "DECIDED", "buyer cancels": "CANCELLED"}
    amounts: ClassVar = {"the team decides": 6_000}

    def calls(self, found: Scene) -> Sequence[Racer]:
        agreed = {"acknowledge_consequences": True}
        path = {"dispute_id": found.dispute_id}
        return [
            *several(lambda: decision("the team decides", found, "PARTIAL")),
            *several(lambda: person("buyer cancels", "cancel_dispute", "buyer", agreed, **path)),
        ]


class TwoDecisions(UnderReview):
    """R24, R25, R47: two decisions that contradict each other, by who has the claim; the first is final."""

    name = "two decisions"
    statuses: ClassVar = {"one decision": "DECIDED", "the other": "DECIDED"}
    amounts: ClassVar = {"one decision": 6_000}

    def calls(self, found: Scene) -> Sequence[Racer]:
        return [
            *several(lambda: decision("one decision", found, "PARTIAL")),
            *several(lambda: decision("the other", found, "SELLER_FAVOUR")),
        ]


class EveryWayToARefund(ByPersons):
    """R11, R14: grant the request, accept either offer; the order's ledger has room for one refund only."""

    name = "every way to a refund on one ledger"
    statuses: ClassVar = {
        "the request": "RESOLVED",
        "seller's offer": "RESOLVED",
        "buyer's offer": "RESOLVED",
    }
    amounts: ClassVar = {"the request": scene.PAID, "seller's offer": 9_000, "buyer's offer": scene.PAID}

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        dispute_id = ground.opened(stage, order_id, opening)
        stage.act("make_offer", "seller", scene.offer(9_000), dispute_id=dispute_id)
        return ground.ready(stage, order_id, dispute_id, opening + days(1))

    def calls(self, found: Scene) -> Sequence[Racer]:
        path = {"dispute_id": found.dispute_id}

        def accept(name: str, who: str, offer_id: str) -> Racer:
            return person(name, "accept_offer", who, {}, **path, offer_id=offer_id)

        return [
            *several(lambda: person("the request", "accept_request", "seller", {}, **path), 3),
            *several(lambda: accept("seller's offer", "buyer", "of-2"), 3),
            *several(lambda: accept("buyer's offer", "seller", "of-1"), 2),
        ]
