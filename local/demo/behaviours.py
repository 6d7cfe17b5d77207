"""What the people do in a case made from a real order: one script for each behaviour, all ending in `_finish`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from local.demo.case import GRACE, TERMINAL, Case, RefusedError, until_status
from local.demo.orders import Behaviour, Calendar, Plan, calendar
from local.demo.schedule import Script, utc_now
from local.demo.stories import contacts
from local.state import StackInfo

# A person who comes too late finds the case where the clock has taken it, and leaves it to its course.
_OVERTAKEN: Final = frozenset(
    {"TOO_LATE", "WRONG_STATUS", "DISPUTE_CLOSED", "NOT_OFFERED", "OFFER_NOT_CURRENT"}
)
_POLL: Final = timedelta(seconds=1)
_LEAD: Final = timedelta(seconds=2)
_DECIDED = frozenset({"DECIDED_BUYER_FAVOUR", "DECIDED_SELLER_FAVOUR", "DECIDED_PARTIAL"})
OUTCOMES: Final[dict[Behaviour, frozenset[str]]] = {
    Behaviour.SETTLE: frozenset({"AGREED_FULL_REFUND"}),
    Behaviour.COUNTER: frozenset({"AGREED_PARTIAL_REFUND"}),
    Behaviour.ESCALATE: _DECIDED,
    Behaviour.CLOCK: _DECIDED,
    Behaviour.NO_EVIDENCE: frozenset({"CANCELLED_NO_EVIDENCE"}),
    Behaviour.CANCEL: frozenset({"CANCELLED_BY_BUYER"}),
    Behaviour.CHANGE_REASON: _DECIDED | {"AGREED_PARTIAL_REFUND"},
}
_REASONS: Final = {
    "NO_PROOF_OF_DELIVERY": "NOT_DELIVERED",
    "DELIVERY_PROVED": "DELIVERY_PROVED",
    "SIGNATURE_MISSING": "SIGNATURE_MISSING",
    "ONLY_BUYER_GAVE_EVIDENCE": "SELLER_DID_NOT_RESPOND",
    "ONLY_SELLER_GAVE_EVIDENCE": "BUYER_EVIDENCE_INSUFFICIENT",
    "BOTH_GAVE_EVIDENCE": "ITEM_DIFFERENT",
    "PARCEL_NOT_COLLECTED": "BUYER_DID_NOT_COLLECT",
}


@dataclass
class Life:
    """One order on the stage: its plan, its case, what the people met on the way."""

    plan: Plan
    case: Case
    stack: StackInfo
    begins: datetime
    dates: Calendar | None = None
    refusal: RefusedError | None = None
    overtaken: list[str] = field(default_factory=list)
    over: bool = False

    @property
    def day(self) -> timedelta:
        return timedelta(seconds=self.stack.day_seconds)

    def tries(self, who: str, action: str, body: dict[str, Any] | None = None) -> bool:
        """Do it; False where the clock or the other side came first."""
        try:
            self.case.act(who, action, body)
        except RefusedError as refusal:
            if refusal.code not in _OVERTAKEN:
                raise
            self.overtaken.append(f"{action}: {refusal.code}")
            return False
        return True


def live(life: Life) -> Script:
    """The order from the shop's first word to the end of its dispute."""
    yield life.begins
    life.dates = dates = calendar(life.plan, utc_now() + _LEAD, life.day)
    life.case.put_order(_order(life, dates))
    if dates.delivered_at is not None and dates.delivered_at <= dates.opens_at:
        # It came late, but before a dispute could be opened.
        yield dates.delivered_at
        _deliver(life)
    yield dates.opens_at
    try:
        life.case.open(_request(life))
    except RefusedError as refusal:
        life.refusal, life.over = refusal, True
        return
    yield from _SCRIPTS[life.plan.behaviour](life)
    yield from _finish(life)


def carry(life: Life) -> Script:
    """The carrier: reports the delivery at its instant if the case is still open then."""
    while life.dates is None and not life.over:
        yield utc_now() + life.day
    if (
        life.dates is None
        or life.dates.delivered_at is None
        or life.dates.delivered_at <= life.dates.opens_at
    ):
        return
    while not life.over and not life.case.closed:
        now = utc_now()
        if now >= life.dates.delivered_at and life.case.dispute_id:
            _deliver(life)
            return
        yield max(now + timedelta(seconds=0.5), min(life.dates.delivered_at, now + life.day))


def _deliver(life: Life) -> None:
    if life.dates is not None and life.dates.delivered_at is not None:
        event = {"event_id": "delivered-1", "shipment_id": "s-1", "status": "DELIVERED"}
        life.case.track(event | {"occurred_at": life.dates.delivered_at.isoformat()})


def _settle(life: Life) -> Script:
    yield utc_now() + life.day
    life.tries("seller", "ACCEPT_REQUEST")


def _counter(life: Life) -> Script:
    yield utc_now() + life.day
    if life.tries("seller", "MAKE_OFFER", _offer(life, 30)):
        yield utc_now() + life.day / 2
        life.tries("buyer", "DECLINE_OFFER")
    yield utc_now() + life.day / 2
    if life.tries("seller", "MAKE_OFFER", _offer(life, 60)):
        yield utc_now() + life.day / 2
        life.tries("buyer", "ACCEPT_OFFER")


def _escalate(life: Life) -> Script:
    yield utc_now() + life.day
    life.tries("seller", "DECLINE_OFFER")
    if life.plan.draw % 2:
        life.tries("buyer", "ADD_EVIDENCE", _statement("Given while we were still talking."))
    yield from _file_claim(life, "SELLER_REFUSED_REFUND")
    yield utc_now() + life.day
    life.tries("buyer", "ADD_EVIDENCE", _statement("I have waited at home on every day named."))
    if life.plan.draw % 3:
        life.tries("seller", "ADD_EVIDENCE", _statement("The carrier took the parcel in good order."))
    yield utc_now() + life.day
    for who in ("seller", "buyer"):
        life.tries(who, "EVIDENCE_COMPLETE")


def _by_the_clock(life: Life) -> Script:
    yield life.case.instant("negotiation_due_at") + GRACE
    yield from until_status(life.case, "CLAIM_EVIDENCE", poll=_POLL)
    yield utc_now() + life.day
    life.tries("buyer", "ADD_EVIDENCE", _statement("The seller has not said a word."))


def _without_evidence(life: Life) -> Script:
    yield from _file_claim(life, "SELLER_NOT_RESPONDING")


def _cancel(life: Life) -> Script:
    yield from _await_delivery(life)
    life.tries("buyer", "CANCEL", {"acknowledge_consequences": True})


def _change_reason(life: Life) -> Script:
    yield from _await_delivery(life)
    body = {
        "reason": "NOT_AS_DESCRIBED",
        "sub_reason": "POOR_QUALITY",
        "description": "It came, and it is broken.",
    }
    life.tries("buyer", "CHANGE_REASON", body)
    yield utc_now() + life.day / 2
    if life.plan.draw % 2:
        if life.tries("seller", "MAKE_OFFER", _offer(life, 50)):
            yield utc_now() + life.day / 2
            life.tries("buyer", "ACCEPT_OFFER")
        return
    yield from _file_claim(life, "SELLER_REFUSED_PARTIAL_REFUND")
    life.tries("buyer", "ADD_EVIDENCE", _statement("The hinge came apart on the first day."))
    life.tries("seller", "ADD_EVIDENCE", _statement("It was whole when it was packed."))


def _await_delivery(life: Life) -> Script:
    if life.dates is not None and life.dates.delivered_at is not None:
        yield life.dates.delivered_at + life.day / 4
    while life.case.look()["delivered_at"] is None and not life.case.closed:
        yield utc_now() + _POLL


def _file_claim(life: Life, claim_reason: str) -> Script:
    yield life.case.instant("escalation_available_at") + GRACE
    life.tries("buyer", "ESCALATE", {"confirm_no_agreement": True, "claim_reason": claim_reason})


_SCRIPTS: Final[dict[Behaviour, Callable[[Life], Script]]] = {
    Behaviour.SETTLE: _settle,
    Behaviour.COUNTER: _counter,
    Behaviour.ESCALATE: _escalate,
    Behaviour.CLOCK: _by_the_clock,
    Behaviour.NO_EVIDENCE: _without_evidence,
    Behaviour.CANCEL: _cancel,
    Behaviour.CHANGE_REASON: _change_reason,
}


def _finish(life: Life) -> Script:
    """Whatever is still open goes its way: the clock ends the windows, the team decides what is under review."""
    case = life.case
    while case.look()["status"] not in TERMINAL:
        match case.status:
            case "NEGOTIATION":
                yield case.instant("negotiation_due_at") + GRACE
                yield from until_status(case, "CLAIM_EVIDENCE", "UNDER_REVIEW", *TERMINAL, poll=_POLL)
            case "CLAIM_EVIDENCE":
                yield case.instant("evidence_due_at") + GRACE
                yield from until_status(case, "UNDER_REVIEW", *TERMINAL, poll=_POLL)
            case _:
                yield utc_now() + life.day
                _decide(life)


def _decide(life: Life) -> None:
    """The case manager follows the brief's suggestion and cites all that was given."""
    brief = life.case.read("case_manager", f"/v1/disputes/{life.case.dispute_id}/claim/brief")
    suggestion = brief["suggestion"]
    given = [item["evidence_id"] for side in ("buyer", "seller") for item in brief["evidence"][side]]
    ruling = {
        "outcome": suggestion["outcome"],
        "refund": suggestion["refund"],
        "reasons": sorted({_REASONS.get(ground, "OTHER") for ground in suggestion["grounds"]}),
        "rationale": f"The facts of the case: {', '.join(suggestion['grounds']).lower().replace('_', ' ')}.",
        "evidence_ids": given,
    }
    life.tries("case_manager", "ASSIGN", {"assignee": life.case.client.stack.people["case_manager"].sub})
    life.tries("case_manager", "DECIDE", ruling)


def _order(life: Life, dates: Calendar) -> dict[str, Any]:
    plan = life.plan
    shipment = {
        "shipment_id": "s-1",
        "carrier": "National Post",
        "tracking_number": f"NP{plan.draw:09d}",
        "shipped_at": dates.shipped_at.isoformat(),
        "delivery_method": "DRIVER_RELEASE" if plan.draw % 10 else "SIGNATURE",
    }
    return contacts(life.stack) | {
        "currency": plan.currency,
        "items": [
            {"item_id": i.item_id, "title": i.title, "quantity": i.quantity, "amount_minor": i.amount_minor}
            for i in plan.lines
        ],
        "placed_at": dates.placed_at.isoformat(),
        "guaranteed_delivery_days": plan.promised_days,
        "shipments": [shipment] if plan.shipped else [],
    }


def _request(life: Life) -> dict[str, Any]:
    arrives = life.plan.arrives_after_opening
    came = arrives is not None and arrives <= 0
    return {
        "reason": "NOT_AS_DESCRIBED" if came else "NOT_RECEIVED",
        "sub_reason": "POOR_QUALITY" if came else "IN_TRANSIT",
        "description": "It came late, and in a bad state." if came else "It is late and has not come.",
        "requested_refund": {"amount_minor": life.plan.paid, "currency": life.plan.currency},
        "seller_contacted": True,
    }


def _offer(life: Life, percent: int) -> dict[str, Any]:
    minor = max(1, life.plan.paid * percent // 100)
    return {"type": "REFUND", "refund": {"amount_minor": minor, "currency": life.plan.currency}}


def _statement(text: str) -> dict[str, Any]:
    return {"type": "STATEMENT", "text": text}
