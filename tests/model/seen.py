"""What can be seen of a case, read off the model and off the product in the same words; and what its timeline gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.available_actions import if_missed, must_act
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import PARTIES, Role, Status
from buyer_protection.domain.timeline import TimelineEntry
from buyer_protection.domain.windows import wake_at
from tests.model.model import Model
from tests.model.real import Domain, ms
from tests.model.reference import BUYER, MANAGER, SELLER, Ending, moves_version

READERS = (BUYER, SELLER, MANAGER)


def of_model(model: Model) -> dict[str, Any]:
    """As the reference has it."""
    shop, case = model.shop, model.case
    books = (shop.active, shop.finished_at, shop.opened, shop.refunded)
    if case is None:
        return {"books": books}
    return {
        "books": books,
        "status": case.status,
        "deadline": case.deadline,
        "wakes_at": model.wakes_at(),
        "if_missed": [model.if_missed(reader) for reader in READERS],
        "epoch": case.epoch,
        "version": sum(map(moves_version, case.events)),
        "event": case.events[-1],
        "reason": (case.reason, case.detail),
        "money": [case.requested, case.most, case.left],
        "offers": [(it.maker, it.kind, it.amount, it.state) for it in case.proposals],
        "standing": (case.standing(BUYER), case.standing(SELLER), case.request_stands),
        "proposal": (mine := case.standing(MANAGER)) and (mine, case.proposals[mine - 1].taken_by),
        "evidence": [(it.party, it.state) for it in case.exhibits],
        "counting": (case.counting(BUYER), case.counting(SELLER)),
        "complete": sorted(case.complete),
        "asked": (case.asked_of, case.requests, case.return_requests),
        "replies": case.replies,
        "replied": sorted(case.replied),
        "turn": model.turn(),
        "extra_items": case.extra_items,
        "claim": (case.escalated_by, case.assigned_to, case.asked if case.escalated_by else 0),
        "settlement": _ending(case.settlement),
        "outcome": _ending(case.ending),
        "refund": case.refund_state,
        "parcels": (case.parcels, case.last_of_parcels(0), case.reason_due(model.numbers)),
        "parcel": (case.received_at, case.return_delivered_at, case.address_confirmed),
        "sent_to": (case.addresses, case.sent_to),
        "thread": (case.messages, sorted(case.unread)),
    }


def _parcels_of(case: Dispute) -> dict[str, Any]:
    return {
        "parcels": (
            {
                name: None if it.delivered_at is None else (ms(it.delivered_at), ms(it.registered_at))
                for name, it in case.parcels.items()
            },
            ms(case.delivered_at),
            ms(case.reason_change_due_at),
        ),
        "parcel": (
            ms(case.buyer_received_at),
            ms(case.return_delivered_at),
            case.return_address_confirmed_at is not None,
        ),
        "sent_to": (
            len(case.return_addresses),
            int(case.return_parcel.address_id[3:]) if case.return_parcel else 0,
        ),
    }


def of_product(real: Domain) -> dict[str, Any]:
    """As the domain's functions have left it."""
    ledger, case = real.ledger, real.case
    active, finished = ledger.active_dispute_id is not None, ms(ledger.finished_at)
    books = (active, finished, ledger.disputes_opened, ledger.refunded_minor)
    if case is None:
        return {"books": books}
    standing = [int(it.offer_id[3:]) if it else None for it in (case.buyer_offer, case.seller_offer)]
    complete = (("BUYER", case.buyer_complete), ("SELLER", case.seller_complete))
    unread = (("BUYER", case.buyer_has_unread), ("SELLER", case.seller_has_unread))
    return {
        "books": books,
        "status": case.status,
        "deadline": ms(case.deadline),
        "wakes_at": ms(wake_at(case)),
        "if_missed": [if_missed(case, Role(reader)) for reader in READERS],
        "epoch": case.epoch,
        "version": case.version,
        "event": real.timeline[-1].type,
        "reason": (case.reason, case.sub_reason),
        "money": [it.amount_minor for it in (case.requested_refund, case.max_refundable, case.grantable)],
        "offers": [(it.made_by, it.type, it.refund.amount_minor, it.status) for it in real.offers.values()],
        "standing": (*standing, case.request_standing),
        "proposal": (it := case.proposal) and (int(it.offer.offer_id[3:]), it.taken_by),
        "evidence": [(it.party, it.status) for it in real.evidence.values()],
        "counting": (case.evidence_by_buyer, case.evidence_by_seller),
        "complete": [party for party, said in complete if said],
        "asked": (case.evidence_asked_of, case.evidence_requests, case.return_evidence_requests),
        "replies": {role.value: ms(until) for role in PARTIES if (until := case.side(role).reply_until)},
        "replied": sorted(case.evidence_replied),
        "turn": sorted(must_act(case, real.now)) if case.status is Status.CLAIM_EVIDENCE else None,
        "extra_items": case.evidence_extra,
        "claim": (
            case.escalated_by,
            case.assigned_to,
            case.asked.amount_minor if case.escalated_by else 0,
        ),
        "settlement": _outcome(case.settlement),
        "outcome": _outcome(case.outcome),
        "refund": case.refund_status,
        **_parcels_of(case),
        "thread": (case.messages, [party for party, waits in unread if waits]),
    }


def _ending(found: Ending | None) -> tuple[object, ...] | None:
    return None if found is None else (found.code, found.amount, found.with_return, found.by)


def _outcome(found: Outcome | None) -> tuple[object, ...] | None:
    if found is None:
        return None
    return found.code, found.refund.amount_minor, found.return_required, found.decided_by


_STATUS_AFTER = {
    "DISPUTE_OPENED": "NEGOTIATION",
    "ESCALATED": "CLAIM_EVIDENCE",
    "EVIDENCE_REQUESTED": "CLAIM_EVIDENCE",
    "REVIEW_STARTED": "UNDER_REVIEW",
    "RETURN_PROBLEM": "CLAIM_EVIDENCE",
    "RETURN_SHIPPED": "RETURN_SHIPPED",
    "CANCELLED": "CANCELLED",
}


def folded(timeline: Sequence[TimelineEntry]) -> dict[str, Any]:
    """The state that follows from the entries alone, as an auditor who has nothing else would read them."""
    state: dict[str, Any] = {"status": "", "money": None, "reason": "", "evidence": {}, "standing": set()}
    ruled = False
    for entry in timeline:
        kind, data = entry.type.value, entry.data
        state["status"] = _STATUS_AFTER.get(kind, state["status"])
        state["reason"] = data.get("reason", state["reason"]) if kind in _OF_THE_REASON else state["reason"]
        if kind in {"OFFER_ACCEPTED", "DECIDED"}:
            ruled = kind == "DECIDED"
            ended = "DECIDED" if ruled else "RESOLVED"
            state["status"] = "AWAITING_RETURN" if data.get("return_required") else ended
        elif kind == "EVIDENCE_COMPLETED" and data["review_started"]:
            state["status"] = "UNDER_REVIEW"
        elif kind == "REASON_CHANGED" and "evidence_due_at" in data:
            state["status"] = "CLAIM_EVIDENCE"
        elif kind == "RETURN_CLOSED":
            state["status"] = "DECIDED" if ruled else "RESOLVED"
        if "outcome" in data:
            state["money"] = (data["outcome"], data["refund_minor"])
        _fold_offers(state["standing"], kind, data)
        _fold_evidence(state["evidence"], entry)
    return state


_OF_THE_REASON = {"DISPUTE_OPENED", "REASON_CHANGED"}
_ENDS_TALKING = {"OFFER_ACCEPTED", "DECIDED", "CANCELLED", "ESCALATED", "RETURN_CLOSED"}


def _fold_offers(standing: set[str], kind: str, data: Any) -> None:
    if kind == "DISPUTE_OPENED":
        standing.add("of-1")
    elif kind in {"OFFER_MADE", "PROPOSAL_MADE"}:
        standing.discard(data.get("replaces", ""))
        standing.add(data["offer_id"])
    elif kind in {"OFFER_DECLINED", "OFFER_WITHDRAWN"}:
        standing.discard(data["offer_id"])
    elif kind == "ORDER_CHANGED":
        standing.difference_update(data["lapsed_offers"])
    elif kind in _ENDS_TALKING:
        standing.clear()


def _fold_evidence(counting: dict[str, str], entry: TimelineEntry) -> None:
    if entry.type.value == "EVIDENCE_ADDED":
        counting[entry.data["evidence_id"]] = entry.data.get("party", entry.actor.role)
    elif entry.type.value == "EVIDENCE_WITHDRAWN":
        counting.pop(entry.data["evidence_id"], None)
