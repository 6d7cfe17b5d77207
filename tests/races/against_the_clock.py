"""Persons and sweeper against the clock's own transition at one instant."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from bench import scene
from tests.races import ground
from tests.races.ground import BEGINNING, Scene, check_answers, check_rows, days, require
from tests.races.runner import Json, Racer, Result, Stage
from tests.races.variant import AT_ONCE, CLOCK, SWEEPER, TIMED, Mode, Variant, clock, person, several

TOO_LATE = frozenset({"TOO_LATE", "WRONG_STATUS", "DISPUTE_CLOSED", "OFFER_NOT_CURRENT"})


class AgainstTheClock(Variant):
    """Persons who end the negotiation, and the clock that escalates at its end (R15)."""

    modes = TIMED
    closes: ClassVar[str]

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        dispute_id = ground.opened(stage, order_id, opening)
        return ground.ready(stage, order_id, dispute_id, opening + days(15))

    @abstractmethod
    def act(self, found: Scene) -> Racer:
        """The person's call."""

    def calls(self, found: Scene) -> Sequence[Racer]:
        return [*several(lambda: self.act(found)), *several(lambda: clock(found))]

    def judge(self, stage: Stage, found: Scene, mode: Mode, results: Sequence[Result]) -> str:
        persons = [result for result in results if result.name != CLOCK]
        accepted = check_answers(persons, TOO_LATE)
        require(len(accepted) <= 1, f"{len(accepted)} persons won")
        require(all(r.status == 200 for r in results if r.name == CLOCK), "a clock failed")
        entries = ground.timeline_of(stage, found)
        state = check_rows(found, entries, raised=1)
        (entry,) = entries[found.entries :]
        by_clock = entry["actor"]["role"] == "SYSTEM"
        require(by_clock == (not accepted), "the answers and the timeline disagree")
        require(state["status"] == ("CLAIM_EVIDENCE" if by_clock else self.closes), "a wrong status")
        require_side_of_the_instant(found, mode, entry, by_clock=by_clock)
        return CLOCK if by_clock else accepted[0].name


def require_side_of_the_instant(found: Scene, mode: Mode, entry: Json, *, by_clock: bool) -> None:
    """R15: before the instant a person, from it on the clock; in between either, by the time that is written down."""
    at = datetime.fromisoformat(entry["at"])
    require((at >= found.instant) == by_clock, f"{entry['at']} is the other's side of the instant")
    if not mode.lag and not mode.ticks:
        require(by_clock == (mode.offset >= 0), "the one won who could not")


class AcceptOrClock(AgainstTheClock):
    """R14, R15: an offer that is not accepted before the instant lapses at it."""

    name = "accept or the clock's escalation"
    closes = "RESOLVED"

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        dispute_id = ground.opened(stage, order_id, opening)
        stage.act("make_offer", "seller", scene.offer(3_000), dispute_id=dispute_id)
        return ground.ready(stage, order_id, dispute_id, opening + days(15))

    def act(self, found: Scene) -> Racer:
        path = {"dispute_id": found.dispute_id, "offer_id": "of-2"}
        return person("buyer accepts", "accept_offer", "buyer", {}, **path)


class EscalateOrClock(AgainstTheClock):
    """R15, R16: the same transition either way, once."""

    name = "escalate or the clock's escalation"
    closes = "CLAIM_EVIDENCE"

    def act(self, found: Scene) -> Racer:
        return person(
            "buyer escalates", "escalate_dispute", "buyer", scene.ESCALATION, dispute_id=found.dispute_id
        )


class SweeperOrExecution(Variant):
    """R15: the sweeper beside executions that are well."""

    name = "the sweeper or the execution"
    modes = (Mode("at the instant"), Mode("1 ms after", offset=1), Mode("written at once", gated=True))
    # The sweeper sees everything that is due: nobody else's cases may be.
    beginning = BEGINNING - days(1_000)

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        dispute_id = ground.opened(stage, order_id, opening)
        return ground.ready(stage, order_id, dispute_id, opening + days(15))

    def calls(self, found: Scene) -> Sequence[Racer]:
        return [
            *several(lambda: Racer(SWEEPER, "sweep_deadlines", {}), 2),
            *several(lambda: clock(found), AT_ONCE - 2),
        ]

    def judge(self, stage: Stage, found: Scene, mode: Mode, results: Sequence[Result]) -> str:
        for result in results:
            require(result.status == 200, f"{result.name}: {result.code}")
            failed = [name for name in result.body if name.startswith("failed_")]
            require(not failed, f"{result.name}: {failed}")
        entries = ground.timeline_of(stage, found)
        check_rows(found, entries, raised=1)
        entry, *after = entries[found.entries :]
        require(entry["type"] == "ESCALATED", entry["type"])
        # The sweepers of later rounds find the claim two minutes old, and no execution that would open it.
        require(
            all(it["type"] == "MEDIATION_OPENED" for it in after) and len(after) <= 1, f"{len(after)} more"
        )
        return "one of them"


class LastEvidenceOrClock(Variant):
    """R22: the first item of all, and the end of its window."""

    name = "the last evidence or the end of its window"
    modes = TIMED

    def scene(self, stage: Stage, order_id: str, opening: datetime) -> Scene:
        dispute_id = ground.opened(stage, order_id, opening)
        stage.at(opening + days(3))
        stage.act("escalate_dispute", "buyer", scene.ESCALATION, dispute_id=dispute_id)
        return ground.ready(stage, order_id, dispute_id, opening + days(10))

    def calls(self, found: Scene) -> Sequence[Racer]:
        def item(who: str) -> Racer:
            return person("evidence", "add_evidence", who, scene.STATEMENT, dispute_id=found.dispute_id)

        return [item("buyer"), item("buyer"), item("seller"), item("seller"), *several(lambda: clock(found))]

    def judge(self, stage: Stage, found: Scene, mode: Mode, results: Sequence[Result]) -> str:
        accepted = check_answers([r for r in results if r.name != CLOCK], TOO_LATE)
        require(all(r.status == 200 for r in results if r.name == CLOCK), "a clock failed")
        # Who races before the end leaves the window open: the clock closes it afterwards.
        stage.at(found.instant)
        stage.call("close_window", ground.alarm(found.dispute_id))
        entries = ground.timeline_of(stage, found)
        state = check_rows(found, entries, raised=1)
        *added, end = entries[found.entries :]
        require(all(entry["type"] == "EVIDENCE_ADDED" for entry in added), "what came between?")
        require(len(added) == len(accepted), "the answers and the timeline disagree")
        require(
            end["type"] == ("REVIEW_STARTED" if added else "CANCELLED"), "evidence was not seen, or invented"
        )
        require(state["status"] == ("UNDER_REVIEW" if added else "CANCELLED"), "a wrong status")
        require(datetime.fromisoformat(end["at"]) >= found.instant, "the clock was early")
        require(
            all(datetime.fromisoformat(entry["at"]) < found.instant for entry in added), "evidence was late"
        )
        if not mode.lag and not mode.ticks:
            require(bool(added) == (mode.offset < 0), "the one won who could not")
        return "evidence" if added else CLOCK
