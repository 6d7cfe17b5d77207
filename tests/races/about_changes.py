"""The world changes while a case ends: the shop lowers the order, or a carrier reports (R29, R39)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from bench import scene
from tests.races import ground
from tests.races.among_persons import CLOSED, decision
from tests.races.ground import Scene, check_answers, check_rows, days, require
from tests.races.runner import Json, Racer, Result, Stage
from tests.races.variant import AT_ONCE, Mode, Variant, person, several

HALF = AT_ONCE // 2
# What the first line is worth once the shop has lowered it, and the order with it.
LOWERED_LINE = 1_000
LOWERED = LOWERED_LINE + 1_990


class LoweredOrAccepted(Variant):
    """R39: the shop lowers the order while the seller grants the request for all of it. The order is lowered whatever
    wins; what was granted before stays granted, and afterwards no more than what is left can be."""

    name = "lower or accept"

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        dispute_id = ground.opened(stage, order_id, opening)
        return ground.ready(stage, order_id, dispute_id, opening + days(1))

    def calls(self, found: Scene) -> Sequence[Racer]:
        # As it was shipped ten days before the opening, a day before this.
        lowered = scene.order(found.instant - days(11))
        lowered["items"][0]["amount_minor"] = LOWERED_LINE
        return [
            *several(lambda: person("lowered", "put_order", "backend", lowered, order_id=found.order_id)),
            *several(lambda: person("accepted", "accept_request", "seller", {}, dispute_id=found.dispute_id)),
        ]

    def judge(self, stage: Stage, found: Scene, mode: Mode, results: Sequence[Result]) -> str:
        accepted = check_answers(results, CLOSED | {"MORE_THAN_IS_LEFT"})
        names = [result.name for result in accepted]
        require(names.count("lowered") == HALF, f"the order was not taken each time: {names}")
        require(names.count("accepted") <= 1, "more than one agreement")
        is_granted = "accepted" in names
        entries = ground.timeline_of(stage, found)
        state = check_rows(found, entries, raised=int(is_granted))
        require(len(entries) == found.entries + 1, "more happened than one thing")
        require(state["status"] == ("RESOLVED" if is_granted else "NEGOTIATION"), f"{state['status']}")
        require(("left" in state) is not is_granted, "the case says wrongly what is left")
        ledger = ground.ledger_of(found.order_id)
        granted = int(ledger.get("refunded_minor", 0))
        require(granted == (scene.PAID if is_granted else 0), f"{granted} granted")
        if not is_granted:
            require(str(state["left"]).split()[0] == str(LOWERED), f"left: {state['left']}")
            require(state["ledger_version"] == ledger["version"], "the case knows another ledger")
        return "accepted" if is_granted else "lowered"


class ReportedOrEnded(Variant):
    """R29, R30: a carrier reports while the case ends. The report is taken once and the case ends once, whatever comes
    first; the case knows of the parcel what came before its end."""

    status: ClassVar[str]
    kind: ClassVar[str]
    by_status: ClassVar[str]
    amount: ClassVar[int]

    def calls(self, found: Scene) -> Sequence[Racer]:
        said = _report("race", self.status, found.instant)
        path = {"order_id": found.order_id}
        return [
            *several(lambda: person("reported", "record_tracking_event", "backend", said, **path)),
            *several(self.ending(found)),
        ]

    def ending(self, found: Scene) -> Callable[[], Racer]:
        """How the case ends."""
        raise NotImplementedError

    def judge(self, stage: Stage, found: Scene, mode: Mode, results: Sequence[Result]) -> str:
        accepted = check_answers(results, CLOSED)
        reported = [result.status for result in accepted if result.name == "reported"]
        require(sorted(reported) == [*[200] * (HALF - 1), 201], f"reported: {reported}")
        ended = [result for result in accepted if result.name == "ended"]
        require(len(ended) == 1, f"ended {len(ended)} times")
        entries = ground.timeline_of(stage, found)
        state = check_rows(found, entries, raised=1)
        noted = [entry["type"] for entry in entries[found.entries :]]
        is_first = noted[0] == self.kind
        require(len(noted) == 1 + is_first and self.kind not in noted[1:], f"noted: {noted}")
        require(state["status"] == self.by_status, f"the case is {state['status']}")
        ledger = ground.ledger_of(found.order_id)
        require(int(ledger["refunded_minor"]) == self.amount, "another sum is paid back")
        require(f'"status":"{self.status}"' in ledger["tracking"], "the ledger has not heard of it")
        require(ended[0].body["version"] == state["version"], "the answer is of another version")
        return "reported first" if is_first else "ended first"


class DeliveredOrAccepted(ReportedOrEnded):
    """The last parcel arrives while the seller grants the request."""

    name = "deliver or accept"
    status, kind, by_status, amount = "DELIVERED", "DELIVERED", "RESOLVED", scene.PAID

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        ground.shipped(stage, order_id, opening)
        opened = stage.act("open_dispute", "buyer", scene.opening(order_id, "NOT_RECEIVED"))
        return ground.ready(stage, order_id, str(opened["dispute_id"]), opening + days(1))

    def ending(self, found: Scene) -> Callable[[], Racer]:
        return lambda: person("ended", "accept_request", "seller", {}, dispute_id=found.dispute_id)


class CorrectedOrDecided(ReportedOrEnded):
    """A delivery is taken back while the team decides."""

    name = "correct or decide"
    status, kind, by_status, amount = "DELIVERY_CORRECTED", "DELIVERY_CORRECTED", "DECIDED", 6_000

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        dispute_id = ground.under_review(stage, order_id, opening)
        said = _report("first", "DELIVERED", opening + days(3))
        stage.act("record_tracking_event", scene.BACKEND, said, order_id=order_id)
        return ground.ready(stage, order_id, dispute_id, opening + days(4))

    def ending(self, found: Scene) -> Callable[[], Racer]:
        return lambda: decision("ended", found, "PARTIAL")


def _report(event_id: str, status: str, at: datetime) -> Json:
    return {"event_id": event_id, "shipment_id": "s-1", "status": status, "occurred_at": at.isoformat()}
