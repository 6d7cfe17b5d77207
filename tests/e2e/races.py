"""The races: the buyer's call set off so that it meets the clock's own transition at the same instant."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from local.client import Response
from tests.e2e.case import Case
from tests.e2e.waiting import instant, until_clock, utc_now
from tests.e2e.world import Json, World
from tests.support.sampling import examples

ROUNDS, SAMPLE = 10, 3
SEED = 20
CLAIM = {"confirm_no_agreement": True, "claim_reason": "SELLER_NOT_RESPONDING"}
STATEMENT = {"type": "STATEMENT", "text": "Here is what happened."}


@dataclass
class Round:
    """One race: what the buyer was answered, and the case when it was over."""

    case: Case
    due: str
    answer: Response
    document: Json
    timeline: list[Json]


def leads() -> list[float]:
    """How long before the due instant each buyer's call sets out, in seconds: around what a call takes."""
    chosen = random.Random(SEED)
    return [chosen.uniform(-0.1, 0.4) for _ in range(examples(ROUNDS, SAMPLE))]


def _race(case: Case, due: str, lead: float, call: str, body: Json) -> Response:
    until_clock(instant(due) - timedelta(seconds=lead))
    return case.post("buyer", call, body)


def escalations(world: World) -> list[Round]:
    """The buyer escalates at the very instant at which the clock does."""

    def play(lead: float) -> Round:
        case = Case.opened(world)
        due = str(case.look()["negotiation_due_at"])
        answer = _race(case, due, lead, "escalate", CLAIM)
        case.await_status("CLAIM_EVIDENCE", "CANCELLED")
        return Round(case, due, answer, case.look(), case.timeline())

    with ThreadPoolExecutor(ROUNDS) as pool:
        return list(pool.map(play, leads()))


def last_items(world: World) -> list[Round]:
    """The only item of evidence arrives at the very instant at which its window ends."""

    def play(lead: float) -> Round:
        case = Case.opened(world)
        case.escalate()
        case.await_parked("CLAIM_EVIDENCE")
        due = str(case.set_evidence_window(utc_now() + timedelta(seconds=8 * world.day))["evidence_due_at"])
        answer = _race(case, due, lead, "evidence", STATEMENT)
        case.await_status("UNDER_REVIEW", "CANCELLED")
        return Round(case, due, answer, case.look(), case.timeline())

    with ThreadPoolExecutor(ROUNDS) as pool:
        return list(pool.map(play, leads()))
