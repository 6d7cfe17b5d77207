"""What a person can do to a case, each as a call of the real use case.

The body is thrown by their dice where it matters to what follows, and is that of `tests/support/calls.py` otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from msgspec import Struct

from buyer_protection.application.actions.execute import Command
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import (
    AcknowledgeReturnRequest,
    ChangeReasonRequest,
    DecisionRequest,
    EvidenceQuestionRequest,
    EvidenceRequest,
    EvidenceWindowRequest,
    MoneyModel,
    OfferRequest,
    ReturnShipmentRequest,
)
from buyer_protection.domain.actions import ACTIONS
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import (
    SUB_REASONS,
    Action,
    DecisionOutcome,
    DecisionReason,
    EvidenceType,
    OfferType,
    Reason,
    ReturnCondition,
    Role,
    Status,
)
from tests.simulation.uploads import photo
from tests.support.calls import IDS, call_of
from tests.support.use_cases import Behind, use

if TYPE_CHECKING:
    from tests.simulation.life import Life

Do = Callable[[Command], Answer]


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to do something to which case, with what chance decides of it."""

    life: "Life"
    role: Role
    dice: Random
    case: Dispute
    offer_id: str


def usd(amount: int) -> MoneyModel:
    return MoneyModel(amount, "USD")


def doing(wish: Wish, action: Action) -> Do:
    """The call; its body is the same however often it is tried."""
    name, life = _CALLED[action], wish.life
    thrown = _THROWN.get(action)
    body = thrown(wish) if thrown else call_of(name).sent(life.clock.at)
    ids = {**IDS, "dispute_id": wish.case.dispute_id, "offer_id": wish.offer_id}
    if action is Action.WITHDRAW_EVIDENCE:
        ids["evidence_id"] = f"ev-{wish.dice.randint(1, max(1, wish.case.evidence_items))}"
    return lambda command: use(name, Behind(life.api, life.files, life.team), command, body, **ids)


def _make_offer(wish: Wish) -> OfferRequest:
    case, dice = wish.case, wish.dice
    with_return = case.reason is Reason.NOT_AS_DESCRIBED and case.status is Status.NEGOTIATION
    kind = dice.choice(
        [OfferType.REFUND, OfferType.NO_REFUND, *([OfferType.REFUND_WITH_RETURN] * 3 * with_return)]
    )
    amount = None if kind is OfferType.NO_REFUND else usd(dice.randint(1, case.max_refundable.amount_minor))
    return OfferRequest(kind, amount, "a note")


def _set_evidence_window(wish: Wish) -> EvidenceWindowRequest:
    return EvidenceWindowRequest(wish.life.clock.at + _some_days(wish.dice, 20))


def _request_evidence(wish: Wish) -> EvidenceQuestionRequest:
    due = wish.life.clock.at + _some_days(wish.dice, 12)
    party = wish.dice.choice(("BUYER", "SELLER"))
    return EvidenceQuestionRequest(party, [EvidenceType.STATEMENT], due, "When?")


def _decide(wish: Wish) -> DecisionRequest:
    case, dice = wish.case, wish.dice
    everything = case.settlement.refund if case.settlement else case.asked
    outcome = dice.choice(list(DecisionOutcome))
    part = usd(dice.randint(1, max(1, everything.amount_minor - 1)))
    returnable = case.reason is Reason.NOT_AS_DESCRIBED and case.settlement is None
    with_return = returnable and outcome is not DecisionOutcome.SELLER_FAVOUR and dice.random() < 0.5
    return DecisionRequest(
        outcome,
        [DecisionReason.NOT_DELIVERED],
        "No proof of delivery.",
        part if outcome is DecisionOutcome.PARTIAL else None,
        with_return,
    )


def _change_reason(wish: Wish) -> ChangeReasonRequest:
    """Once, what came is not what was sold; from then on, what is wrong with it, said in other words."""
    if wish.case.reason is Reason.NOT_RECEIVED:
        return ChangeReasonRequest(Reason.NOT_AS_DESCRIBED)
    others = sorted(SUB_REASONS[Reason.NOT_AS_DESCRIBED] - {wish.case.sub_reason})
    return ChangeReasonRequest(Reason.NOT_AS_DESCRIBED, others[0])


def _add_evidence(wish: Wish) -> EvidenceRequest:
    if wish.dice.random() < 0.4:
        return EvidenceRequest(EvidenceType.PHOTO, files=[photo(wish.dice)])
    return EvidenceRequest(EvidenceType.STATEMENT, "So it was.")


def _register_return_shipment(wish: Wish) -> ReturnShipmentRequest:
    return ReturnShipmentRequest("Post", f"RT-{wish.dice.randrange(10_000)}")


def _acknowledge_return(wish: Wish) -> AcknowledgeReturnRequest:
    given = wish.life.world.evidence[wish.case.dispute_id].values()
    mine = [item.evidence_id for item in given if item.party is wish.role and item.counts]
    damaged = bool(mine) and wish.dice.random() < 0.5
    said = ReturnCondition.DAMAGED if damaged else ReturnCondition.ITEM_RECEIVED
    return AcknowledgeReturnRequest(said, "Look.", mine[:1] if damaged else [])


_THROWN: dict[Action, Callable[[Wish], Struct]] = {
    Action.MAKE_OFFER: _make_offer,
    Action.ADD_EVIDENCE: _add_evidence,
    Action.CHANGE_REASON: _change_reason,
    Action.SET_EVIDENCE_WINDOW: _set_evidence_window,
    Action.REQUEST_EVIDENCE: _request_evidence,
    Action.DECIDE: _decide,
    Action.REGISTER_RETURN_SHIPMENT: _register_return_shipment,
    Action.ACKNOWLEDGE_RETURN: _acknowledge_return,
}
_CALLED = {spec.gate.action: spec.name for spec in ACTIONS if spec.gate is not None}


def _some_days(dice: Random, most: float) -> timedelta:
    return timedelta(seconds=round(dice.uniform(600, most * 86_400)))
