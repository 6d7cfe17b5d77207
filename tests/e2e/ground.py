"""The ground that generated requests are tried on: cases in several states, and requests nudged towards them.

A generated request alone hardly gets past "absent", so half of them are about something that exists.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.e2e.case import PAID, TERMINAL, Case, usd
from tests.e2e.waiting import stated, utc_now
from tests.e2e.world import Json, World

OPEN, CLAIM, RETURN = "open", "claim", "return"
STAGES = {"NEGOTIATION": OPEN, "CLAIM_EVIDENCE": CLAIM, "UNDER_REVIEW": CLAIM}
# A case is escalated once it is this many policy days old.
ESCALATION_AGE = 3.2
KNOWN_IDS = {
    "offer_id": ("of-1", "of-2", "of-2", "of-3"),
    "evidence_id": ("ev-1", "ev-2", "ev-3"),
    "profile": ("aliexpress-classic",),
}


@dataclass
class Ground:
    """What exists on the stack, kept at least one case per stage by `tend`."""

    world: World
    cases: list[Case] = field(default_factory=list)
    shipped: list[str] = field(default_factory=list)
    by_stage: dict[str, list[Case]] = field(default_factory=dict)
    _born: dict[str, float] = field(default_factory=dict)
    _claims: int = 0

    def tend(self) -> None:
        """Look where the cases are, and begin what is missing."""
        alive = [(case, case.status) for case in self.cases[-12:]]
        self.by_stage = {stage: [] for stage in (OPEN, CLAIM, RETURN)}
        for case, status in alive:
            if status not in TERMINAL:
                self.by_stage[STAGES.get(status, RETURN)].append(case)
        while len(self.by_stage[OPEN]) < 2:
            self._open()
        if not self.by_stage[CLAIM]:
            self._claim()
        if not self.by_stage[RETURN]:
            self._return()
        order = Case(self.world)
        order.ship()
        self.shipped = [*self.shipped[-2:], order.order_id]

    def _open(self, reason: str = "NOT_RECEIVED") -> Case:
        """A case with an offer (of-2) and evidence of both sides (ev-1, ev-2)."""
        case = Case.opened(self.world, reason)
        for who in ("buyer", "seller"):
            case.state_something(who)
        case.offer("seller", 100)
        self.cases.append(case)
        self._born[case.dispute_id] = utc_now().timestamp()
        self.by_stage[OPEN].append(case)
        return case

    def _claim(self) -> None:
        """Escalate the oldest case that may be, waiting for it the first time; every other one goes under review."""
        now = utc_now().timestamp()
        for case in self.by_stage[OPEN]:
            if self._claims and now - self._born[case.dispute_id] < ESCALATION_AGE * self.world.day:
                continue
            case.escalate()
            if self._claims % 2 == 0:
                for who in ("buyer", "seller"):
                    done = case.post(who, "evidence-complete")
                    # A generated request may have announced a file that nobody uploads.
                    assert done.status == 200 or done.code == "UPLOAD_PENDING", f"{who}: {done}"
            self._claims += 1
            self.by_stage[OPEN].remove(case)
            self.by_stage[CLAIM].append(case)
            return

    def _return(self) -> None:
        case = self._open("NOT_AS_DESCRIBED")
        offered = case.act("seller", "offers", {"type": "REFUND_WITH_RETURN", "refund": usd(100)})
        case.act("buyer", f"offers/{offered['offer_id']}/accept")
        self.by_stage[OPEN].remove(case)
        self.by_stage[RETURN].append(case)

    # --- nudging

    def path_id(self, name: str, tag: str, rng: random.Random) -> str | None:
        """An id that exists, of a case that the call is for; None to keep the generated one."""
        if rng.random() < 0.15:
            return None
        if name == "dispute_id":
            stage = {"Claim": CLAIM, "Return": RETURN}.get(tag, OPEN)
            fitting = self.by_stage[stage] if rng.random() < 0.8 else self.cases
            return rng.choice(fitting or self.cases).dispute_id
        if name == "order_id":
            return rng.choice([*self.shipped, *(case.order_id for case in self.cases[-3:])])
        if name == "seller_id":
            return self.world.stack.people["seller"].sub
        return rng.choice(KNOWN_IDS[name]) if name in KNOWN_IDS else None

    def header(self, name: str, generated: str, rng: random.Random) -> str | None:
        """Mostly a fresh key and no version, so that the request gets past the edge; None leaves it out."""
        if rng.random() < 0.2:
            return generated
        return secrets.token_urlsafe(24) if name == "Idempotency-Key" else None

    def body(self, value: Any, rng: random.Random, name: str = "") -> Any:
        """A well-formed body whose ids, amounts and dates are mostly those of something that exists."""
        if isinstance(value, dict):
            return {key: self.body(item, rng, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.body(item, rng, name) for item in value]
        return value if rng.random() < 0.3 else self._known(name, value, rng)

    def _known(self, name: str, value: Any, rng: random.Random) -> Any:
        soon = utc_now() + timedelta(seconds=rng.choice((1, 2, 5)) * self.world.day)
        long_ago = utc_now() - timedelta(seconds=6 * self.world.day)
        known: Json = {
            "amount_minor": rng.randint(1, PAID),
            "currency": "USD",
            "order_id": rng.choice(self.shipped),
            "item_id": "i1",
            "quantity": rng.choice((1, 2)),
            "evidence_ids": rng.choice(KNOWN_IDS["evidence_id"]),
            "assignee": self.world.stack.people["case_manager"].sub,
            "due_at": stated(soon),
            "shipped_at": stated(long_ago),
            "occurred_at": stated(long_ago),
            "shipment_id": "s1",
            "confirm_no_agreement": True,
            "acknowledge_consequences": True,
        }
        return known.get(name, value) if value is not None else None
