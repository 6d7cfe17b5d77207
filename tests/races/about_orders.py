"""Races about an order, and about the answers of the payment system."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from bench import scene
from tests.races import ground
from tests.races.among_persons import CLOSED
from tests.races.ground import Scene, check_answers, check_rows, days, require
from tests.races.runner import Json, Racer, Result, Stage
from tests.races.variant import AT_ONCE, Mode, Variant, person, several

SURE = {"acknowledge_consequences": True}


class Openings(Variant):
    """An order that nobody disputes yet; whatever wins, at most one case is there afterwards."""

    losing: ClassVar[frozenset[str]] = frozenset({"DISPUTE_EXISTS", "DISPUTE_OPEN", "ORDER_COMPLETED"})

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        ground.shipped(stage, order_id, opening)
        return Scene(order_id, "", opening)

    def judge(self, stage: Stage, found: Scene, mode: Mode, results: Sequence[Result]) -> str:
        accepted = check_answers(results, self.losing)
        require(len(accepted) == 1, f"{len(accepted)} won")
        (won,) = accepted
        ledger = ground.ledger_of(found.order_id)
        if won.status == 201:
            dispute_id = won.body["dispute_id"]
            named = {result.body["dispute_id"] for result in results if result.status == 409}
            require(named == {dispute_id}, f"the losers were answered with {named}")
            require(ledger["active_dispute_id"] == dispute_id, "the order is held by another case")
            require(not ledger.get("finished_at"), "a held order is finished")
            require(int(ledger["disputes_opened"]) == 1, "more than one was counted")
            case = replace(found, dispute_id=dispute_id)
            entries = ground.timeline_of(stage, case)
            require([entry["type"] for entry in entries] == ["DISPUTE_OPENED"], "not just opened")
            check_rows(case, entries, raised=1)
        else:
            require("active_dispute_id" not in ledger, "a finished order is held")
            require(bool(ledger.get("finished_at")), "the order is not finished")
            require(not ledger.get("disputes_opened"), "a case was counted")
        return won.name


class EightOpens(Openings):
    """R12: eight tabs of one buyer."""

    name = "eight opens on one order"

    def calls(self, found: Scene) -> Sequence[Racer]:
        body = scene.opening(found.order_id)
        return several(lambda: person("an opening", "open_dispute", "buyer", body), AT_ONCE)


class OpenOrReceipt(Openings):
    """R2, R3, R13: the receipt completes the order, or the dispute holds it."""

    name = "open or confirm the receipt"

    def calls(self, found: Scene) -> Sequence[Racer]:
        body = scene.opening(found.order_id)
        return [
            *several(lambda: person("an opening", "open_dispute", "buyer", body)),
            *several(lambda: person("a receipt", "confirm_receipt", "buyer", SURE, order_id=found.order_id)),
        ]


class RefundAnswers(Variant):
    """The payment system says yes, and a second late no of the attempt before, each four times: yes is noted once, and
    the money moves no more."""

    name = "yes and no of the payment system"

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        dispute_id = ground.opened(stage, order_id, opening)
        stage.act("accept_request", "seller", {}, dispute_id=dispute_id)
        return ground.ready(stage, order_id, dispute_id, opening + days(1))

    def calls(self, found: Scene) -> Sequence[Racer]:
        return [
            *several(lambda: Racer("yes", "receive_events", _inbound_event(found, "RefundSucceeded"))),
            *several(lambda: Racer("no", "receive_events", _inbound_event(found, "RefundFailed", before=1))),
        ]

    def judge(self, stage: Stage, found: Scene, mode: Mode, results: Sequence[Result]) -> str:
        for result in results:
            require(result.status == 200, f"{result.name}: {result.code}")
            require(result.name == "no" or not result.body["batchItemFailures"], "a yes was refused")
        entries = ground.timeline_of(stage, found)
        check_rows(found, entries, raised=0)
        noted = [entry["type"] for entry in entries[found.entries :]]
        require(noted in (["REFUND_SUCCEEDED"], ["REFUND_FAILED", "REFUND_SUCCEEDED"]), f"noted: {noted}")
        rows = ground.rows_of(found.dispute_id)
        require(rows["REFUND"]["status"] == "SUCCEEDED", "the refund's row says otherwise")
        return "yes" if len(noted) == 1 else "yes after no"


def _inbound_event(found: Scene, kind: str, before: int = 0) -> Json:
    """An event of the shop as the inbound queue delivers it, about so many seconds before."""
    detail = {
        "refund_id": f"rf-{found.dispute_id}",
        "amount_minor": scene.PAID,
        "currency": "USD",
        "occurred_at": (found.instant - timedelta(seconds=before)).isoformat(),
    }
    envelope = {
        "id": secrets.token_hex(8),
        "detail-type": kind,
        "source": "shop",
        "time": found.instant.isoformat(),
        "detail": detail,
    }
    return {"Records": [{"messageId": secrets.token_hex(8), "body": json.dumps(envelope)}]}


class GivenBackOrAccepted(Variant):
    """R39, R51: the shop gives everything back itself while the seller grants the request. The refund elsewhere is
    taken once whatever wins; what was granted before stays granted, and after it nothing is."""

    name = "give back or accept"

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        dispute_id = ground.opened(stage, order_id, opening)
        return ground.ready(stage, order_id, dispute_id, opening + days(1))

    def calls(self, found: Scene) -> Sequence[Racer]:
        back = {
            "refund_id": "g-1",
            "kind": "CHARGEBACK",
            "amount": scene.money(scene.PAID),
            "occurred_at": found.instant.isoformat(),
        }
        return [
            *several(lambda: person("given back", "record_refund", "backend", back, order_id=found.order_id)),
            *several(lambda: person("accepted", "accept_request", "seller", {}, dispute_id=found.dispute_id)),
        ]

    def judge(self, stage: Stage, found: Scene, mode: Mode, results: Sequence[Result]) -> str:
        accepted = check_answers(results, CLOSED)
        taken = [result for result in accepted if result.name == "given back"]
        require(len(taken) == AT_ONCE // 2, f"the refund elsewhere was refused: {len(taken)} taken")
        require([result.status for result in taken].count(201) == 1, "it was taken more than once")
        granted = [result for result in accepted if result.name == "accepted"]
        require(len(granted) <= 1, f"{len(granted)} agreements")
        entries = ground.timeline_of(stage, found)
        state, ledger = check_rows(found, entries, raised=1), ground.ledger_of(found.order_id)
        require(len(entries) == found.entries + 1, "more happened than one thing")
        require(state["status"] == ("RESOLVED" if granted else "CANCELLED"), f"the case is {state['status']}")
        require(int(ledger["elsewhere_minor"]) == scene.PAID, "the ledger has not all of it, or more")
        paid_back = int(ledger.get("refunded_minor", 0))
        require(paid_back == (scene.PAID if granted else 0), f"{paid_back} granted")
        return "accepted" if granted else "given back"
