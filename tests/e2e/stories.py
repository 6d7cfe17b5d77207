"""The stories: whole lives of cases, which the conftest runs side by side. Each returns what its test looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local.client import Response
from tests.e2e.case import Case, CaseFile, usd
from tests.e2e.pace import patience
from tests.e2e.waiting import instant, until, until_clock, utc_now
from tests.e2e.world import Json, World


@dataclass
class Snapshot:
    """A case at its end, and what its test wants to know besides: answers and documents by name."""

    case: Case
    file: CaseFile
    answers: dict[str, Response] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)


def settled_by_counter_offer(world: World) -> Snapshot:
    """The seller offers 20.00, the buyer asks for 35.00, the seller accepts that."""
    case = Case.opened(world)
    first = case.offer("seller", 2_000)
    case.await_mail("BUYER", "OFFER_MADE")
    counter = case.offer("buyer", 3_500)
    case.await_mail("SELLER", "OFFER_MADE")
    answers = {
        "own": case.post("buyer", f"offers/{counter}/accept"),
        "replaced": case.post("seller", "accept-request"),
        "accepted": case.post("seller", f"offers/{counter}/accept"),
    }
    return Snapshot(case, case.finished(), answers, {"offers": ["of-1", first, counter]})


def escalated_by_the_clock(world: World) -> Snapshot:
    """Nobody settles anything; the seller alone gave evidence, while negotiating; the team decides in part."""
    case = Case.opened(world)
    evidence = case.state_something("seller")
    case.await_status("CLAIM_EVIDENCE")
    claim = case.look("case_manager")
    case.await_status("UNDER_REVIEW")
    for party in ("BUYER", "SELLER"):
        case.await_mail(party, "UNDER_REVIEW")
    ruling = {"outcome": "PARTIAL", "reasons": ["NOT_DELIVERED"], "rationale": "Both are right in part."}
    seen = {
        "claim": claim,
        "queue": case.read("case_manager", "/v1/mediation/queue", {"page_size": 50}),
        "brief": case.read("case_manager", f"{case.path}/claim/brief"),
        "evidence": evidence,
    }
    answers = {
        "late evidence": case.post("buyer", "evidence", {"type": "STATEMENT", "text": "One more thing."}),
        "buyer decides": case.post("buyer", "claim/decision", ruling | {"refund": usd(2_500)}),
        "partial of nothing": case.post("case_manager", "claim/decision", ruling | {"refund": usd(0)}),
        "partial of all": case.post("case_manager", "claim/decision", ruling | {"refund": usd(5_000)}),
        "decided": case.post(
            "case_manager", "claim/decision", ruling | {"refund": usd(2_500), "evidence_ids": [evidence]}
        ),
        "offer after": case.post("seller", "offers", {"type": "REFUND", "refund": usd(100)}),
        "decision after": case.post("case_manager", "claim/decision", ruling | {"refund": usd(100)}),
        "cancel after": case.post("buyer", "cancel", {"acknowledge_consequences": True}),
    }
    return Snapshot(case, case.finished(), answers, seen)


def cancelled_for_want_of_evidence(world: World) -> Snapshot:
    """The buyer escalates on the third day; neither side gives anything."""
    case = Case.opened(world)
    claim = {"confirm_no_agreement": True, "claim_reason": "SELLER_NOT_RESPONDING"}
    early = case.post("buyer", "escalate", claim)
    unconfirmed = case.post("buyer", "escalate", claim | {"confirm_no_agreement": False})
    case.escalate()
    return Snapshot(case, case.finished(), {"early": early, "unconfirmed": unconfirmed})


def cancelled_and_opened_anew(world: World) -> Snapshot:
    """The buyer cancels, opens a second dispute about the same order, and is granted all of it."""
    case = Case.opened(world)
    for party in ("BUYER", "SELLER"):
        case.await_mail(party, "DISPUTE_OPENED")
    held = case.read("buyer", f"/v1/orders/{case.order_id}")
    cancelled = case.post("buyer", "cancel", {"acknowledge_consequences": True})
    first = case.finished()
    second = Case(world, case.order_id)
    second.open()
    for party in ("BUYER", "SELLER"):
        second.await_mail(party, "DISPUTE_OPENED")
    second.act("seller", "accept-request")
    third = world.client.post("buyer", "/v1/disputes", case.opening())
    return Snapshot(
        case,
        first,
        {"cancelled": cancelled, "third": third},
        {"held": held, "second case": second, "second": second.finished()},
    )


def delivered_while_not_received(world: World) -> Snapshot:
    """The carrier reports the delivery twice and once more; the buyer changes the reason; the seller pays."""
    case = Case.opened(world)
    for party in ("BUYER", "SELLER"):
        case.await_mail(party, "DISPUTE_OPENED")
    at = utc_now()
    answers = {
        "first": case.track("DELIVERED", "scan-1", at),
        "duplicate": case.track("DELIVERED", "scan-1", at),
        "again": case.track("DELIVERED", "scan-2", at + timedelta(seconds=0.5)),
        "late": case.track("IN_TRANSIT", "scan-0", at - timedelta(seconds=1)),
    }
    case.await_mail("BUYER", "DELIVERED")
    known = case.look()
    answers["changed"] = case.post(
        "buyer", "change-reason", {"reason": "NOT_AS_DESCRIBED", "sub_reason": "DAMAGED"}
    )
    answers["backwards"] = case.post("buyer", "change-reason", {"reason": "NOT_RECEIVED"})
    case.await_mail("SELLER", "REASON_CHANGED")
    case.act("seller", "accept-request")
    return Snapshot(case, case.finished(), answers, {"delivered at": at, "known": known})


def window_extended(world: World) -> Snapshot:
    """The team gives both sides more time; the timer of the first window finds nothing to do."""
    case = Case.opened(world)
    old_due = instant(case.escalate()["evidence_due_at"])
    case.await_parked("CLAIM_EVIDENCE")
    before = case.row("TIMER")
    new_due = old_due + timedelta(seconds=3 * world.day)
    extended = case.post("case_manager", "claim/evidence-window", {"due_at": new_due.isoformat()})
    until_clock(old_due + timedelta(seconds=world.day))
    meanwhile = case.look()
    file = case.finished()
    return Snapshot(
        case,
        file,
        {"extended": extended},
        {"before": before, "after": case.row("TIMER"), "meanwhile": meanwhile, "due": new_due},
    )


def return_never_shipped(world: World) -> Snapshot:
    """A refund against a return is agreed; the seller never confirms an address, so nothing can be shipped."""
    case = Case.opened(world, "NOT_AS_DESCRIBED")
    offer = case.offer("seller", 4_000, "REFUND_WITH_RETURN")
    case.await_mail("BUYER", "OFFER_MADE")
    agreed = case.post("buyer", f"offers/{offer}/accept")
    for party in ("BUYER", "SELLER"):
        case.await_mail(party, "OFFER_ACCEPTED")
    cancel = case.post("buyer", "cancel", {"acknowledge_consequences": True})
    return Snapshot(case, case.finished(), {"agreed": agreed, "cancel": cancel})


def killed_while_negotiating(world: World) -> Snapshot:
    """The execution is stopped; from there on only the sweeper's own schedule, each minute, looks after the case."""
    case = Case.opened(world)
    case.await_parked("NEGOTIATION")
    world.stop_execution(case.dispute_id)
    case.await_status("CLAIM_EVIDENCE", seconds=patience(200))
    case.await_mail("BUYER", "ESCALATED")
    case.await_mail("SELLER", "ESCALATED")
    case.await_parked("CLAIM_EVIDENCE")
    case.set_evidence_window(utc_now() + timedelta(seconds=3 * world.day))
    return Snapshot(case, case.finished())


def killed_in_a_claim(world: World) -> Snapshot:
    """The execution is stopped in the evidence window; the sweeper, called when the window is over, ends the case."""
    case = Case.opened(world)
    due = instant(case.escalate()["evidence_due_at"])
    case.await_parked("CLAIM_EVIDENCE")
    for party in ("BUYER", "SELLER"):
        case.await_mail(party, "ESCALATED")
    world.stop_execution(case.dispute_id)
    until_clock(due)
    until("the sweeper has cancelled it", lambda: world.sweep() is not None and case.status == "CANCELLED")
    return Snapshot(case, case.finished())


Story = Callable[[World], Snapshot]
STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        settled_by_counter_offer,
        escalated_by_the_clock,
        cancelled_for_want_of_evidence,
        cancelled_and_opened_anew,
        delivered_while_not_received,
        window_extended,
        return_never_shipped,
        killed_while_negotiating,
        killed_in_a_claim,
    )
}


def offers_by_id(file: CaseFile) -> dict[str, Json]:
    return {offer["offer_id"]: offer for offer in file.offers}
