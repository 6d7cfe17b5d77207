"""Buyer, seller, case manager and carrier: what they may do, what they do at random, and how they call.

Each has dice of its own, so that leaving one out changes nothing in what the others throw.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from random import Random
from typing import TYPE_CHECKING, Any

from buyer_protection.application.actions import orders
from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.actions.opening import open_dispute
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import (
    ConfirmReceiptRequest,
    OpenDisputeRequest,
    TrackingRequest,
)
from buyer_protection.domain.available_actions import available_actions
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Action, Reason, Role, Status, TrackingStatus
from buyer_protection.domain.errors import ContentionError, DisputeError
from tests.simulation.checks import UnexpectedError, ViolationError
from tests.simulation.commands import Do, Wish, doing, usd
from tests.simulation.faults import BREAKDOWNS
from tests.support.builders import DAY, PAID, SHIPPED
from tests.support.calls import BESIDE

if TYPE_CHECKING:
    from tests.simulation.life import Life

CALLERS = {
    Role.BUYER: Caller("buyer-1"),
    Role.SELLER: Caller("seller-1"),
    Role.CASE_MANAGER: Caller("manager-1", frozenset({"case_manager"})),
}
SHOP = Command(Caller("shop", is_system=True))
TRIES = 6
# In how many lives the carrier was wrong about a delivery.
CORRECTIONS = 0.3
# Who still talks after this long is heard no more; only the team goes on until the case is decided.
PATIENCE = 110 * DAY
# How often each is chosen among what can be done; 3 where nothing is said.
WEIGHTS = {
    Action.ACCEPT_OFFER: 0.7,
    Action.ACCEPT_REQUEST: 0.4,
    Action.CANCEL: 0.3,
    Action.DECIDE: 4,
    Action.ESCALATE: 3,
    Action.SEND_MESSAGE: 2,
}


@dataclass(frozen=True, slots=True)
class Answered:
    """A success that a caller was answered with: the timeline must hold it."""

    dispute_id: str
    version: int
    caller_id: str


@dataclass
class Person:
    """A party or a case manager: thinks now and then, at the deadline more often than not, and does something."""

    life: "Life"
    role: Role
    dice: Random
    every: timedelta
    calls: int = 0
    most: int = 10_000

    @property
    def caller(self) -> Caller:
        return CALLERS[self.role]

    def start(self) -> None:
        self._think_again()

    def _think_again(self) -> None:
        now = self.life.clock.at
        at = now + timedelta(seconds=self.dice.expovariate(1 / self.every.total_seconds()))
        case = self.life.open_case()
        aims = [case.deadline, case.escalation_available_at] if case else []
        ahead = [aim for aim in aims if aim is not None and aim > now]
        if ahead and self.dice.random() < 0.35:
            aside = self.dice.choice((-1_000, -1, 0, 0, 1, 1_000))
            at = min(ahead) + timedelta(milliseconds=aside)
        self.life.schedule.plan(at, self.role, self._think)

    def _think(self) -> None:
        if self.life.is_over:
            return
        tired = self.life.clock.at > SHIPPED + PATIENCE and self.role is not Role.CASE_MANAGER
        if not tired and self.calls < self.most:
            self._act()
        self._think_again()

    def _act(self) -> None:
        case = self.life.open_case()
        if case is None:
            if self.role is Role.BUYER:
                self._approach_order()
            return
        doable = self._doable(case)
        weights = [WEIGHTS.get(action, 3) for action, _ in doable]
        action, offer_id = self.dice.choices(doable, weights)[0]
        wish = Wish(self.life, self.role, self.dice, case, offer_id or "")
        self.post(f"{action} {case.dispute_id}", doing(wish, action))

    def _doable(self, case: Dispute) -> list[tuple[Action, str | None]]:
        found = [(one.action, one.offer_id) for one in available_actions(case, self.role, self.life.clock.at)]
        # Now and then somebody tries what they may not.
        if not found or self.dice.random() < 0.08:
            return [(self.dice.choice(list(Action)), "of-1")]
        return found

    def _approach_order(self) -> None:
        # Who has never disputed the order has no dispute to approach here.
        disputed = self.life.world.ledger(self.life.order_id).disputes_opened > 0
        if disputed and self.dice.random() < 0.1:
            self.post(
                "confirm receipt",
                lambda call: orders.confirm_receipt(
                    self.life.api, call, self.life.order_id, ConfirmReceiptRequest(True)
                ),
            )
            return
        reason = self.dice.choice(list(Reason))
        asked = OpenDisputeRequest(
            self.life.order_id, reason, "It never came.", usd(self.dice.choice((PAID, PAID, 1_300, PAID + 1)))
        )
        self.post("open", lambda call: open_dispute(self.life.api, call, asked))

    # --- how they call ----------------------------------------------------------------------------------------

    def post(self, name: str, do: Do) -> None:
        """One command with its key: tried again until it is answered, and now and then once more after that."""
        self.calls += 1
        call = Command(self.caller, f"{self.caller.caller_id}/{self.calls}", name)
        Posting(self.life, self, name, call, do, twice=self.dice.random() < 0.15).attempt()


@dataclass
class Posting:
    """One command on its way: the same call until there is an answer, which never changes afterwards."""

    life: "Life"
    person: Person
    name: str
    call: Command
    do: Do
    twice: bool
    tries: int = 0
    answer: Answer | None = field(default=None)

    def attempt(self) -> None:
        self.tries += 1
        known = self.life.world.idempotency_records.get(self.call.idempotency_id or "")
        try:
            with self.life.gate.running("api"):
                answer = self.do(self.call)
        except BREAKDOWNS as failure:
            self._again(type(failure).__name__)
            return
        except ContentionError as refusal:
            self._again(refusal.code)
            return
        except DisputeError as refusal:
            self._refused(refusal, known is not None)
            return
        except ViolationError:
            raise
        except Exception as mistake:
            raise UnexpectedError(f"{self.name}: {mistake!r}") from mistake
        self._answered(answer)

    def _again(self, why: str) -> None:
        self.life.log(self.person.role, f"{self.name}: {why}")
        if self.tries < TRIES:
            self.life.schedule.plan_in(2**self.tries, "again", self.attempt)

    def _refused(self, refusal: DisputeError, was_done: bool) -> None:
        self.life.log(self.person.role, f"{self.name}: refused, {refusal.code}")
        if was_done:
            raise ViolationError("another answer", f"{self.name} was done, and is refused: {refusal.code}")

    def _answered(self, answer: Answer) -> None:
        self.life.log(self.person.role, f"{self.name}: {answer.status}")
        kept = self.life.world.idempotency_records.get(self.call.idempotency_id or "")
        if kept is not None and kept.answer != answer:
            raise ViolationError("another answer", f"{self.name}: not what is kept")
        if self.answer is not None and self.answer != answer and kept is not None:
            raise ViolationError("another answer", f"{self.name}: not the answer given before")
        self.answer = answer
        moved = kept is not None and kept.idempotency_id not in self.life.world.already_so
        if answer.version is not None and moved and not self._is_beside(answer):
            self._note(answer)
        if self.twice:
            self.twice = False
            pause = self.person.dice.choice((0.0, 0.5, 3_600.0, 86_400.0))
            self.life.schedule.plan_in(pause, "again", self.attempt)

    def _is_beside(self, answer: Answer) -> bool:
        """Whether it is no entry of the timeline: what the team keeps, and the first yes to a proposal (R45)."""
        action = self.name.split()[0]
        if action == Action.ACCEPT_OFFER:
            return json.loads(answer.body)["status"] in {Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW}
        return action in BESIDE or answer.status == HTTPStatus.ACCEPTED

    def _note(self, answer: Answer) -> None:
        dispute_id = str(answer.location).split("/")[3] if answer.location else self.name.split()[-1]
        if dispute_id in self.life.world.cases_kept:
            success: Any = Answered(dispute_id, answer.version or 0, self.person.caller.caller_id)
            self.life.answered.append(success)


@dataclass
class Carrier:
    """Tells what became of the parcel, and of a return: late, twice, in any order (R29)."""

    life: "Life"
    dice: Random

    def start(self) -> None:
        story = self.dice.choice(
            (
                (),
                (TrackingStatus.IN_TRANSIT, TrackingStatus.DELIVERED),
                (
                    TrackingStatus.IN_TRANSIT,
                    TrackingStatus.ARRIVED_FOR_COLLECTION,
                    TrackingStatus.COLLECTION_EXPIRED,
                ),
                (TrackingStatus.CUSTOMS_HELD, TrackingStatus.DELIVERED),
            )
        )
        at = SHIPPED
        for number, status in enumerate(story, start=1):
            at += timedelta(days=self.dice.uniform(1, 9))
            request = TrackingRequest(f"t-{number}", "sh-1", status, at.replace(microsecond=0))
            for _ in range(self.dice.choice((1, 1, 2))):
                reported_at = at + timedelta(seconds=self.dice.choice((5, 5, 3_600, 200_000)))
                self.life.schedule.plan(reported_at, "carrier", lambda request=request: self.report(request))

        self._corrects(self.life.dice("corrections"))

    def _corrects(self, dice: Random) -> None:
        """R41: in some lives deliveries are taken back, come again, or are of a parcel that is sent apart."""
        if dice.random() >= CORRECTIONS:
            return
        for number in range(dice.randint(1, 4)):
            status = dice.choice((TrackingStatus.DELIVERED, TrackingStatus.DELIVERY_CORRECTED))
            at = SHIPPED + timedelta(days=dice.uniform(1, 40))
            shipment_id = dice.choice(("sh-1", "sh-1", "sh-2"))
            request = TrackingRequest(f"c-{number}", shipment_id, status, at.replace(microsecond=0))
            for _ in range(dice.choice((1, 1, 2))):
                reported_at = at + timedelta(seconds=dice.choice((5, 5, 3_600, 200_000)))
                self.life.schedule.plan(reported_at, "carrier", lambda request=request: self.report(request))

    def shipped_back(self, case: Dispute) -> None:
        """The return is on its way, and mostly arrives."""
        if self.dice.random() < 0.6:
            at = self.life.clock.at + timedelta(days=self.dice.uniform(1, 12))

            def arrive() -> None:
                asked = TrackingRequest(
                    "r-1", f"return-{case.dispute_id}", TrackingStatus.DELIVERED, self.life.clock.at
                )
                self.report(asked)

            self.life.schedule.plan(at, "carrier", arrive)

    def report(self, request: TrackingRequest, tries: int = 1) -> None:
        try:
            with self.life.gate.running("api"):
                answer = orders.record_tracking_event(self.life.api, SHOP, self.life.order_id, request)
        except (*BREAKDOWNS, ContentionError):
            if tries < TRIES:
                self.life.schedule.plan_in(2**tries, "again", lambda: self.report(request, tries + 1))
        except DisputeError as refusal:
            self.life.log("CARRIER", f"{request.status}: refused, {refusal.code}")
        except ViolationError:
            raise
        except Exception as mistake:
            raise UnexpectedError(f"{request.status}: {mistake!r}") from mistake
        else:
            self.life.log("CARRIER", f"{request.status}: {answer.status}")


def when(at: datetime) -> str:
    """Days since the shipment, and the time of the day: how a trace speaks of an instant."""
    return f"day {(at - SHIPPED) / DAY:8.4f} {at:%H:%M:%S}.{at.microsecond // 1000:03d}"
