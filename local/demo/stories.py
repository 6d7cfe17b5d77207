"""The demo's four cases: what the people do, and how each case must end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from local.demo.case import (
    GRACE,
    PATIENCE,
    POLL,
    TERMINAL,
    Case,
    DemoError,
    RefusedError,
    until_mailed,
    until_status,
)
from local.demo.expect import ADDRESSES, BUYER, LANGUAGES, SELLER, Expected
from local.demo.history import moment
from local.demo.observe import Outbox
from local.demo.photo import give_photo
from local.demo.schedule import Script, utc_now
from local.state import StackInfo

CURRENCY: Final = "USD"
PAID: Final = 12_990
FIRST_OFFER: Final = 4_000
SECOND_OFFER: Final = 7_500
DECIDED: Final = 6_000
PROMISED_DAYS: Final = 40
# The parcel left so long before the demo begins that the dispute may be opened a day later (R7).
SHIPPED_DAYS_AGO: Final = 4


@dataclass(frozen=True)
class Scene:
    """What a script needs beside its case: who is who, the outbox, and a way to show the desk."""

    stack: StackInfo
    outbox: Outbox
    show_desk: Callable[[Mapping[str, Any], list[Any]], None]


@dataclass(frozen=True)
class Story:
    """One of the demo's cases: its short name, what it shows, its script and its expected end."""

    name: str
    title: str
    item: str
    script: Callable[[Case, Scene], Script]
    expected: Expected


def money(minor: int, currency: str = CURRENCY) -> dict[str, Any]:
    """An amount as the contract writes it."""
    return {"amount_minor": minor, "currency": currency}


def contacts(stack: StackInfo) -> dict[str, Any]:
    """Both sides of an order, as the shop knows them."""
    return {
        "buyer_id": stack.people["buyer"].sub,
        "seller_id": stack.people["seller"].sub,
        "buyer": {
            "email": ADDRESSES[BUYER], "name": "Bianca Moreira", "locale": LANGUAGES[BUYER],
            "time_zone": "America/Sao_Paulo",
        },
        "seller": {
            "email": ADDRESSES[SELLER], "name": "Harbour Lamps", "locale": LANGUAGES[SELLER],
            "time_zone": "Asia/Shanghai",
        },
    }  # fmt: skip


def order_of(stack: StackInfo, item: str) -> dict[str, Any]:
    """The order as the shop's backend sends it, shipped SHIPPED_DAYS_AGO."""
    day = timedelta(seconds=stack.day_seconds)
    shipped = utc_now() - SHIPPED_DAYS_AGO * day
    return contacts(stack) | {
        "currency": CURRENCY,
        "items": [{"item_id": "1", "title": item, "quantity": 1, "amount_minor": PAID}],
        "placed_at": (shipped - day).isoformat(),
        "guaranteed_delivery_days": PROMISED_DAYS,
        "shipments": [
            {
                "shipment_id": "s-1",
                "carrier": "Coastline Post",
                "tracking_number": "CP000000001",
                "shipped_at": shipped.isoformat(),
            }
        ],
        "delivery_address": {"lines": ["12 Harbour Street"], "postal_code": "01000-000", "country": "BR"},
    }


def _ship_and_open(case: Case, scene: Scene, item: str, body: dict[str, Any]) -> Script:
    """The shop reports the order; the buyer tries too early, waits for the instant in the answer, and opens."""
    case.put_order(order_of(scene.stack, item))
    try:
        case.open(body)
    except RefusedError as refusal:
        if refusal.code != "TOO_EARLY" or refusal.available_at is None:
            raise
        case.say(f"the buyer is a day too early: {refusal.status} {refusal.code} by {refusal.rule}")
        yield moment(refusal.available_at)
        case.open(body)
    case.say(f"the buyer opens {case.dispute_id} and asks for the {PAID / 100:.2f} paid")
    yield from until_mailed(case, scene.outbox, "DISPUTE_OPENED", 2)


def _settles(case: Case, scene: Scene) -> Script:
    yield from _ship_and_open(
        case, scene, SETTLES.item, _request("NOT_AS_DESCRIBED", "DAMAGED", "The shade is cracked.")
    )
    case.act("seller", "MAKE_OFFER", _offer(FIRST_OFFER, "Would this help?"))
    case.say(f"the seller counters with {FIRST_OFFER / 100:.2f}")
    yield from until_mailed(case, scene.outbox, "OFFER_MADE", 1)
    case.act("buyer", "DECLINE_OFFER")
    case.say("the buyer declines")
    yield from until_mailed(case, scene.outbox, "OFFER_DECLINED", 1)
    case.act("seller", "MAKE_OFFER", _offer(SECOND_OFFER, "We can go this far."))
    case.say(f"the seller raises to {SECOND_OFFER / 100:.2f}")
    yield from until_mailed(case, scene.outbox, "OFFER_MADE", 2)
    case.act("buyer", "ACCEPT_OFFER")
    case.say(f"the buyer accepts: {case.status}")
    yield from _over(case)


def _by_the_clock(case: Case, scene: Scene) -> Script:
    yield from _ship_and_open(
        case, scene, CLOCK.item, _request("NOT_RECEIVED", "IN_TRANSIT", "It never came.")
    )
    case.act("buyer", "ADD_EVIDENCE", _statement("I asked at the counter twice; there is no parcel for me."))
    case.say("the buyer gives evidence while negotiating; then nobody does anything")
    yield case.instant("negotiation_due_at") + GRACE
    yield from until_status(case, "CLAIM_EVIDENCE")
    case.say(f"the clock escalates (R15): {case.status}, escalated by {case.document['escalated_by']}")
    yield from until_mailed(case, scene.outbox, "ESCALATED", 2)
    case.act("seller", "ADD_EVIDENCE", _statement("The parcel was scanned in your town on its fifth day."))
    case.say("the seller answers with a statement of their own")
    yield from until_mailed(case, scene.outbox, "EVIDENCE_ADDED", 1)
    for who in ("seller", "buyer"):
        case.act(who, "EVIDENCE_COMPLETE")
        case.say(f"the {who} has nothing more to add: {case.status}")
    yield from until_mailed(case, scene.outbox, "UNDER_REVIEW", 2)
    _decide(case, scene)
    yield from _over(case)
    try:
        case.post("buyer", "/offers", _offer(PAID, "I want more."))
    except RefusedError as refusal:
        if refusal.code != "DISPUTE_CLOSED":
            raise
        case.say(
            f"the decision is final: a later offer gets {refusal.status} {refusal.code} by {refusal.rule}"
        )
    else:
        raise DemoError("an offer was taken after the final decision")


def _decide(case: Case, scene: Scene) -> None:
    queue = case.read("case_manager", "/v1/mediation/queue", view="full")["items"]
    if case.dispute_id not in {claim["dispute_id"] for claim in queue}:
        raise DemoError(f"{case.dispute_id} is not in the mediation queue")
    brief = case.read("case_manager", f"/v1/disputes/{case.dispute_id}/claim/brief")
    scene.show_desk(brief, queue)
    given = [item["evidence_id"] for side in ("buyer", "seller") for item in brief["evidence"][side]]
    ruling = {
        "outcome": "PARTIAL",
        "refund": money(DECIDED),
        "reasons": ["DELIVERED_LATE", "SELLER_EVIDENCE_INSUFFICIENT"],
        "rationale": "The scan shows the town but no handover; both sides carry a part of the loss.",
        "evidence_ids": given,
    }
    case.act("case_manager", "ASSIGN", {"assignee": case.client.stack.people["case_manager"].sub})
    case.act("case_manager", "DECIDE", ruling)
    case.say(
        f"the case manager decides PARTIAL, {DECIDED / 100:.2f}, citing {', '.join(given)}: {case.status}"
    )


def _without_evidence(case: Case, scene: Scene) -> Script:
    yield from _ship_and_open(
        case, scene, SILENT.item, _request("NOT_RECEIVED", "NO_TRACKING", "No trace of it.")
    )
    available = case.can("buyer", "ESCALATE")
    if available is None:
        raise DemoError("the buyer's page does not announce that the dispute can be escalated")
    case.say(f"the buyer may escalate from {available['available_from']} on (R16)")
    yield case.instant("escalation_available_at") + GRACE
    yield from until_mailed(case, scene.outbox, "MAY_ESCALATE", 1)
    body = {"confirm_no_agreement": True, "claim_reason": "SELLER_NOT_RESPONDING"}
    case.act("buyer", "ESCALATE", body)
    case.say(f"the buyer escalates; nobody gives evidence until {case.document['evidence_due_at']}")
    yield case.instant("evidence_due_at") + GRACE
    yield from until_status(case, "CANCELLED")
    case.say(f"the clock cancels the claim for want of evidence (R22): {case.status}")
    yield from _over(case)


def _sent_back(case: Case, scene: Scene) -> Script:
    yield from _ship_and_open(
        case, scene, RETURNS.item, _request("NOT_AS_DESCRIBED", "DAMAGED", "The shade has a crack.")
    )
    yield from give_photo(case, "buyer", "The crack, by daylight.")
    offer = _offer(PAID, "Send it back, and you have all of it.") | {"type": "REFUND_WITH_RETURN"}
    case.act("seller", "MAKE_OFFER", offer)
    case.say(f"the seller offers {PAID / 100:.2f} against the return")
    yield from until_mailed(case, scene.outbox, "OFFER_MADE", 1)
    case.act("buyer", "ACCEPT_OFFER")
    case.say(f"the buyer accepts: {case.status}")
    yield from until_mailed(case, scene.outbox, "OFFER_ACCEPTED", 2)
    parcel = {"carrier": "Coastline Post", "tracking_number": "CP000000002"}
    try:
        case.post("buyer", "/return/shipment", parcel)
    except RefusedError as refusal:
        if refusal.code != "RETURN_ADDRESS_UNCONFIRMED":
            raise
        case.say(f"no parcel without a confirmed address: {refusal.status} {refusal.code} by {refusal.rule}")
    else:
        raise DemoError("a return was shipped to an address that nobody confirmed")
    address = {"lines": ["Harbour Lamps, Returns", "9 Quay Road"], "postal_code": "200001", "country": "CN"}
    case.act("seller", "CONFIRM_RETURN_ADDRESS", {"address": address})
    case.say(f"the seller confirms an address; to be shipped until {case.document['return_shipment_due_at']}")
    yield from until_mailed(case, scene.outbox, "RETURN_ADDRESS_CONFIRMED", 2)
    case.act("buyer", "REGISTER_RETURN_SHIPMENT", parcel)
    case.say(f"the buyer sends it back: {case.status}")
    yield from until_mailed(case, scene.outbox, "RETURN_SHIPPED", 2)
    case.act("seller", "ACKNOWLEDGE_RETURN", {"condition": "ITEM_RECEIVED"})
    case.say(f"the seller has it back: {case.status}")
    yield from _over(case)


def _over(case: Case) -> Script:
    yield from until_status(case, *TERMINAL)


def settled(case: Case, outbox: Outbox, running: Callable[[str], bool]) -> Script:
    """After the end: wait until every mail has left and no execution runs. What is missing, the checks say."""
    latest = utc_now() + PATIENCE
    while utc_now() < latest:
        if all(row.settled for row in outbox.rows(case.dispute_id)) and not running(case.dispute_id):
            return
        yield utc_now() + POLL


def _request(reason: str, sub_reason: str, description: str) -> dict[str, Any]:
    return {
        "reason": reason,
        "sub_reason": sub_reason,
        "description": description,
        "requested_refund": money(PAID),
        "seller_contacted": True,
    }


def _offer(minor: int, note: str) -> dict[str, Any]:
    return {"type": "REFUND", "refund": money(minor), "note": note}


def _statement(text: str) -> dict[str, Any]:
    return {"type": "STATEMENT", "text": text}


def _both(*kinds: str) -> dict[tuple[str, str], int]:
    return {(who, kind): 1 for kind in kinds for who in (BUYER, SELLER)}


SETTLES: Final = Story(
    "settles",
    "Case 1: settled by a counter-offer",
    "Paper lantern, large",
    _settles,
    Expected(
        status="RESOLVED",
        outcome="AGREED_PARTIAL_REFUND",
        refund_minor=SECOND_OFFER,
        mails=_both("DISPUTE_OPENED", "OFFER_ACCEPTED")
        | {(BUYER, "OFFER_MADE"): 2, (SELLER, "OFFER_DECLINED"): 1},
        clock=frozenset(),
        states=frozenset({"AwaitSettlement", "NotifyOutcome", "Closed"}),
        # On a slow machine days pass while the two are still talking.
        maybe=frozenset(
            {(BUYER, "MAY_ESCALATE"), (BUYER, "REMINDER_NEGOTIATION"), (SELLER, "REMINDER_NEGOTIATION")}
        ),
    ),
)
CLOCK: Final = Story(
    "by the clock",
    "Case 2: escalated by the clock after 15 days, decided in part",
    "Reading lamp, brass",
    _by_the_clock,
    Expected(
        status="DECIDED",
        outcome="DECIDED_PARTIAL",
        refund_minor=DECIDED,
        mails=_both("DISPUTE_OPENED", "ESCALATED", "UNDER_REVIEW", "DECIDED")
        | {(BUYER, "MAY_ESCALATE"): 1, (SELLER, "REMINDER_NEGOTIATION"): 1, (BUYER, "EVIDENCE_ADDED"): 1},
        clock=frozenset({"ESCALATION_AVAILABLE", "REMINDED", "ESCALATED"}),
        states=frozenset(
            {
                "AwaitSettlement",
                "CloseWindow",
                "OpenMediation",
                "NotifyParties",
                "AwaitEvidence",
                "AwaitDecision",
            }
            | {"NotifyOutcome", "Closed"}
        ),
    ),
)
SILENT: Final = Story(
    "no evidence",
    "Case 3: escalated by the buyer after 3 days, cancelled for want of evidence",
    "Desk clock, walnut",
    _without_evidence,
    Expected(
        status="CANCELLED",
        outcome="CANCELLED_NO_EVIDENCE",
        refund_minor=0,
        mails=_both("DISPUTE_OPENED", "ESCALATED", "REMINDER_EVIDENCE", "CANCELLED_NO_EVIDENCE")
        | {(BUYER, "MAY_ESCALATE"): 1},
        clock=frozenset({"ESCALATION_AVAILABLE", "REMINDED", "CANCELLED"}),
        states=frozenset(
            {
                "AwaitSettlement",
                "CloseWindow",
                "OpenMediation",
                "NotifyParties",
                "AwaitEvidence",
                "NotifyOutcome",
            }
            | {"Closed"}
        ),
    ),
)
RETURNS: Final = Story(
    "sent back",
    "Case 4: a photo among the evidence, a refund against a return",
    "Table lamp, opal",
    _sent_back,
    Expected(
        status="RESOLVED",
        outcome="AGREED_REFUND_WITH_RETURN",
        refund_minor=PAID,
        mails=_both("DISPUTE_OPENED", "OFFER_ACCEPTED", "RETURN_ADDRESS_CONFIRMED", "RETURN_SHIPPED")
        | _both("RETURN_CLOSED")
        | {(BUYER, "OFFER_MADE"): 1},
        clock=frozenset(),
        states=frozenset(
            {"AwaitSettlement", "AwaitReturnShipment", "AwaitReturnReceipt", "NotifyOutcome", "Closed"}
        ),
        maybe=frozenset(
            {(BUYER, "MAY_ESCALATE"), (BUYER, "REMINDER_NEGOTIATION"), (SELLER, "REMINDER_NEGOTIATION")}
            | {(BUYER, "REMINDER_RETURN_SHIPMENT"), (SELLER, "REMINDER_RETURN_SHIPMENT")}
            | {(SELLER, "REMINDER_RETURN_RECEIPT")}
        ),
    ),
)
STORIES: Final = (SETTLES, CLOCK, SILENT, RETURNS)
