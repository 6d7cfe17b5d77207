"""What the body of an action can say now, as far as the case decides it: what a page offers is not refused (R50).

The bounds come from the functions that check them. What the JSON schema of a body says already is not said again.
Members are named by JSON pointers, as refusals name them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from buyer_protection.domain.claim import can_require_return, evidence_dates, ruled_amounts
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import (
    SUB_REASONS,
    Action,
    ClaimReason,
    DecisionOutcome,
    EvidenceType,
    OfferType,
    Reason,
    ReturnCondition,
    SubReason,
)
from buyer_protection.domain.evidence import TEXT_EVIDENCE
from buyer_protection.domain.negotiation import can_agree_return
from buyer_protection.domain.parcels import corrections_of
from buyer_protection.domain.returns import addresses_of


class Allowed(NamedTuple):
    """What a member of a body can be; what is None or empty says nothing.

    `ahead`: an instant that lies so far ahead of the call, at least and at most. `absent`: it is to be left out. `by`:
    what holds instead where the member `depends_on` has that value.
    """

    values: Sequence[str | bool] = ()
    excluded: Sequence[str | int] = ()
    minimum: int | None = None
    maximum: int | None = None
    ahead: tuple[timedelta, timedelta] | None = None
    required: bool = False
    absent: bool = False
    depends_on: str = ""
    by: Mapping[str, "Allowed"] | None = None


Fields = Mapping[str, Allowed]
_AMOUNT, _CURRENCY = "/refund/amount_minor", "/refund/currency"
_LEFT_OUT = Allowed(absent=True)
_TRUE = Allowed((True,), required=True)


def _offer(case: Dispute) -> Fields:
    return _offered(case, can_agree_return(case))


def _proposal(case: Dispute) -> Fields:
    return _offered(case, can_require_return(case))


def _offered(case: Dispute, is_returnable: bool) -> Fields:
    most = min(case.grantable.amount_minor, case.max_refundable.amount_minor)
    types = [OfferType.NO_REFUND]
    if most:
        types = [
            OfferType.REFUND,
            *([OfferType.REFUND_WITH_RETURN] if is_returnable else ()),
            *types,
        ]
    nothing = {OfferType.NO_REFUND.value: _LEFT_OUT}
    return {
        "/type": Allowed(types, required=True),
        _AMOUNT: Allowed(minimum=1, maximum=most, required=True, depends_on="/type", by=nothing),
        _CURRENCY: Allowed((case.max_refundable.currency,), required=True, depends_on="/type", by=nothing),
    }


def _reason(case: Dispute) -> Fields:
    by, corrections = {}, corrections_of(case)
    if corrections:
        by[case.reason.value] = Allowed(corrections, required=True)
    if case.reason is Reason.NOT_RECEIVED:
        new = Reason.NOT_AS_DESCRIBED
        by[new.value] = Allowed([it for it in SubReason if it in SUB_REASONS[new]])
    return {
        "/reason": Allowed(tuple(by), required=True),
        "/sub_reason": Allowed(depends_on="/reason", by=by),
        "/description": Allowed(depends_on="/reason", by={case.reason.value: _LEFT_OUT}),
    }


def _escalation(_case: Dispute) -> Fields:
    other = {ClaimReason.OTHER.value: Allowed(required=True)}
    return {"/confirm_no_agreement": _TRUE, "/text": Allowed(depends_on="/claim_reason", by=other)}


def _evidence(_case: Dispute) -> Fields:
    in_words = {kind.value: Allowed() for kind in EvidenceType if kind in TEXT_EVIDENCE}
    return {"/files": Allowed(required=True, depends_on="/type", by=in_words)}


def _date(case: Dispute) -> Fields:
    return {"/due_at": Allowed(ahead=evidence_dates(case), required=True)}


def _assignee(case: Dispute) -> Fields:
    return {"/assignee": Allowed(excluded=(case.buyer_id, case.seller_id), required=True)}


def _return_parcel(case: Dispute) -> Fields:
    return {"/address_id": Allowed([address.address_id for address in addresses_of(case)])}


def _return_condition(_case: Dispute) -> Fields:
    in_order = {ReturnCondition.ITEM_RECEIVED.value: Allowed()}
    return {"/evidence_ids": Allowed(required=True, depends_on="/condition", by=in_order)}


def _decision(case: Dispute) -> Fields:
    favour, highest = ruled_amounts(case)
    most, granted = min(highest.amount_minor, case.grantable.amount_minor), favour.amount_minor
    parts = most - (0 < granted <= most)
    outcomes = [it for it in DecisionOutcome if it is not DecisionOutcome.PARTIAL or parts > 0]
    exact = {
        DecisionOutcome.BUYER_FAVOUR.value: Allowed(minimum=granted, maximum=granted),
        DecisionOutcome.SELLER_FAVOUR.value: Allowed(minimum=0, maximum=0),
    }
    no_goods = {DecisionOutcome.SELLER_FAVOUR.value: Allowed((False,))}
    partial = Allowed(
        minimum=1, maximum=most, excluded=(granted,), required=True, depends_on="/outcome", by=exact
    )
    return {
        "/outcome": Allowed(outcomes, required=True),
        _AMOUNT: partial,
        _CURRENCY: Allowed((favour.currency,)),
        "/return_required": Allowed((False, True), depends_on="/outcome", by=no_goods)
        if can_require_return(case) and granted
        else Allowed((False,)),
    }


_OF: Mapping[Action, Callable[[Dispute], Fields]] = {
    Action.MAKE_OFFER: _offer,
    Action.PROPOSE: _proposal,
    Action.ESCALATE: _escalation,
    Action.CHANGE_REASON: _reason,
    Action.CANCEL: lambda _: {"/acknowledge_consequences": _TRUE},
    Action.ADD_EVIDENCE: _evidence,
    Action.SET_EVIDENCE_WINDOW: _date,
    Action.REQUEST_EVIDENCE: _date,
    Action.DECIDE: _decision,
    Action.ASSIGN: _assignee,
    Action.REGISTER_RETURN_SHIPMENT: _return_parcel,
    Action.ACKNOWLEDGE_RETURN: _return_condition,
}


def fields_of(case: Dispute, action: Action) -> Fields:
    """What the action's body can say as the case stands; empty where its schema says it all, or it takes none."""
    of = _OF.get(action)
    return {} if of is None else of(case)
