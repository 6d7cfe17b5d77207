"""What a person can do to a case, each as a call of the real use case with a body thrown by their dice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from buyer_protection.application.actions import claim, evidence, messages, negotiation, parcels, returns
from buyer_protection.application.actions import evidence as giving
from buyer_protection.application.actions.execute import Command
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.application.schemas.requests import (
    AcknowledgeReturnRequest,
    AddressModel,
    AssignRequest,
    CancelRequest,
    ChangeReasonRequest,
    DecisionRequest,
    EscalateRequest,
    EvidenceQuestionRequest,
    EvidenceRequest,
    EvidenceWindowRequest,
    MessageRequest,
    MoneyModel,
    OfferRequest,
    ReturnAddressRequest,
    ReturnShipmentRequest,
)
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import (
    Action,
    ClaimReason,
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

    @property
    def of(self) -> str:
        return self.case.dispute_id


def usd(amount: int) -> MoneyModel:
    return MoneyModel(amount, "USD")


def doing(wish: Wish, action: Action) -> Do:
    """The call; its body is the same however often it is tried."""
    return _BUILDERS[action](wish)


def _make_offer(wish: Wish) -> Do:
    case, dice = wish.case, wish.dice
    with_return = case.reason is Reason.NOT_AS_DESCRIBED and case.status is Status.NEGOTIATION
    kind = dice.choice(
        [OfferType.REFUND, OfferType.NO_REFUND, *([OfferType.REFUND_WITH_RETURN] * 3 * with_return)]
    )
    amount = None if kind is OfferType.NO_REFUND else usd(dice.randint(1, case.max_refundable.amount_minor))
    asked = OfferRequest(kind, amount, "a note")
    return lambda call: negotiation.make_offer(wish.life.api, call, wish.of, asked)


def _change_reason(wish: Wish) -> Do:
    asked = ChangeReasonRequest(Reason.NOT_AS_DESCRIBED)
    return lambda call: parcels.change_reason(wish.life.api, call, wish.of, asked)


def _escalate(wish: Wish) -> Do:
    asked = EscalateRequest(ClaimReason.OTHER, True, "No answer.")
    return lambda call: claim.escalate_dispute(wish.life.api, call, wish.of, asked)


def _set_evidence_window(wish: Wish) -> Do:
    asked = EvidenceWindowRequest(wish.life.clock.at + _some_days(wish.dice, 20))
    return lambda call: claim.set_evidence_window(wish.life.api, call, wish.of, asked)


def _request_evidence(wish: Wish) -> Do:
    due = wish.life.clock.at + _some_days(wish.dice, 12)
    party = wish.dice.choice(("BUYER", "SELLER"))
    asked = EvidenceQuestionRequest(party, [EvidenceType.STATEMENT], due, "When?")
    return lambda call: claim.request_evidence(wish.life.api, call, wish.of, asked)


def _decide(wish: Wish) -> Do:
    case, dice = wish.case, wish.dice
    everything = case.settlement.refund if case.settlement else case.asked
    outcome = dice.choice(list(DecisionOutcome))
    part = usd(dice.randint(1, max(1, everything.amount_minor - 1)))
    returnable = case.reason is Reason.NOT_AS_DESCRIBED and case.settlement is None
    with_return = returnable and outcome is not DecisionOutcome.SELLER_FAVOUR and dice.random() < 0.5
    asked = DecisionRequest(
        outcome,
        [DecisionReason.NOT_DELIVERED],
        "No proof of delivery.",
        part if outcome is DecisionOutcome.PARTIAL else None,
        with_return,
    )
    return lambda call: claim.decide_claim(wish.life.api, wish.life.team, call, wish.of, asked)


def _add_evidence(wish: Wish) -> Do:
    files = wish.life.files
    if wish.dice.random() < 0.4:
        asked = EvidenceRequest(EvidenceType.PHOTO, files=[photo(wish.dice)])
    else:
        asked = EvidenceRequest(EvidenceType.STATEMENT, "So it was.")
    return lambda call: giving.add_evidence(wish.life.api, files, call, wish.of, asked)


def _withdraw_evidence(wish: Wish) -> Do:
    item_id = f"ev-{wish.dice.randint(1, max(1, wish.case.evidence_items))}"
    return lambda call: evidence.withdraw_evidence(wish.life.api, call, wish.of, item_id)


def _confirm_return_address(wish: Wish) -> Do:
    asked = ReturnAddressRequest(AddressModel(["9 Quay"], "10000", "CN"))
    return lambda call: returns.confirm_return_address(wish.life.api, call, wish.of, asked)


def _register_return_shipment(wish: Wish) -> Do:
    asked = ReturnShipmentRequest("Post", f"RT-{wish.dice.randrange(10_000)}")
    return lambda call: returns.register_return_shipment(wish.life.api, call, wish.of, asked)


def _acknowledge_return(wish: Wish) -> Do:
    given = wish.life.world.evidence[wish.of].values()
    mine = [item.evidence_id for item in given if item.party is wish.role and item.counts]
    damaged = bool(mine) and wish.dice.random() < 0.5
    said = ReturnCondition.DAMAGED if damaged else ReturnCondition.ITEM_RECEIVED
    asked = AcknowledgeReturnRequest(said, "Look.", mine[:1] if damaged else [])
    return lambda call: returns.acknowledge_return(wish.life.api, call, wish.of, asked)


def _read(wish: Wish) -> Do:
    return lambda call: messages.list_messages(wish.life.api, call, wish.of, PageQuery())


_BUILDERS: dict[Action, Callable[[Wish], Do]] = {
    Action.MAKE_OFFER: _make_offer,
    Action.ACCEPT_OFFER: lambda w: lambda call: negotiation.accept_offer(w.life.api, call, w.of, w.offer_id),
    Action.DECLINE_OFFER: lambda w: (
        lambda call: negotiation.decline_offer(w.life.api, call, w.of, w.offer_id)
    ),
    Action.WITHDRAW_OFFER: lambda w: (
        lambda call: negotiation.withdraw_offer(w.life.api, call, w.of, w.offer_id)
    ),
    Action.ACCEPT_REQUEST: lambda w: lambda call: negotiation.accept_request(w.life.api, call, w.of),
    Action.SEND_MESSAGE: lambda w: (
        lambda call: messages.send_message(w.life.api, call, w.of, MessageRequest("Well?"))
    ),
    Action.CANCEL: lambda w: lambda call: parcels.cancel_dispute(w.life.api, call, w.of, CancelRequest(True)),
    Action.CHANGE_REASON: _change_reason,
    Action.READ: _read,
    Action.READ_GUIDE: _read,
    Action.READ_CLAIM_BRIEF: _read,
    Action.ADD_EVIDENCE: _add_evidence,
    Action.WITHDRAW_EVIDENCE: _withdraw_evidence,
    Action.EVIDENCE_COMPLETE: lambda w: lambda call: evidence.complete_evidence(w.life.api, call, w.of),
    Action.ESCALATE: _escalate,
    Action.SET_EVIDENCE_WINDOW: _set_evidence_window,
    Action.ASSIGN: lambda w: (
        lambda call: claim.assign_claim(w.life.api, w.life.team, call, w.of, AssignRequest("manager-1"))
    ),
    Action.REQUEST_EVIDENCE: _request_evidence,
    Action.DECIDE: _decide,
    Action.CONFIRM_RETURN_ADDRESS: _confirm_return_address,
    Action.REGISTER_RETURN_SHIPMENT: _register_return_shipment,
    Action.ACKNOWLEDGE_RETURN: _acknowledge_return,
}


def _some_days(dice: Random, most: float) -> timedelta:
    return timedelta(seconds=round(dice.uniform(600, most * 86_400)))
