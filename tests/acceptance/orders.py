"""Play orders that change under their cases, knowing only the contract: orders.py .local/stack.json docs/openapi.json

Two parcels and a return that is not in order; an order that the shop lowers, shrinks, renames and extends; a refund
that fails, is paid, and comes back (R27, R30, R36, R38 to R44).
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

from clients import SYSTEM, Bus, Json, Shop
from play import PAID, Dispute, main, must, say, until, usd, written

LAMP = {"item_id": "lamp", "title": "Desk lamp", "quantity": 1, "amount_minor": PAID}
SHADE = {"item_id": "shade", "title": "Shade", "quantity": 2, "amount_minor": 1_000}


def in_two_parcels(shop: Shop, bus: Bus) -> None:
    """Two parcels, one after the other; the reason changes; the return is not in order, and both are heard."""
    case = Dispute(shop)
    now = written(datetime.now(UTC))
    parcels = [
        {
            "shipment_id": f"parcel-{item}",
            "carrier": "Post",
            "tracking_number": f"RX-{item}",
            "shipped_at": now,
            "item_ids": [item],
        }
        for item in ("lamp", "shade")
    ]
    case.open("NOT_RECEIVED", items=[LAMP, SHADE], shipments=parcels)
    _arrives(case, "lamp")
    must(case.look()["delivered_at"] is None, "one of two parcels is not all of them")
    case.mail("buyer", "One of your parcels was reported as delivered")
    _arrives(case, "shade")
    known = case.look()
    must([one["status"] for one in known["parcels"]] == ["DELIVERED"] * 2, "both parcels have arrived")
    must(known["reason_change_due_at"] is not None, "the reason may be changed until an instant")
    case.mail("buyer", "Reported as delivered: cancel or change your dispute")
    case.do("buyer", "change-reason", {"reason": "NOT_AS_DESCRIBED", "sub_reason": "DAMAGED"})
    evidence_ids = _comes_back_wrong(case)
    case.do("case_manager", "claim/assign", {"assignee": shop.sub("case_manager")})
    ruling = {
        "outcome": "PARTIAL",
        "refund": usd(2_000),
        "reasons": ["ITEM_DAMAGED"],
        "rationale": "The weight speaks for the buyer, the photo for the seller.",
        "evidence_ids": evidence_ids,
    }
    case.do("case_manager", "claim/decision", ruling)
    case.paid(bus, 2_000)


def _comes_back_wrong(case: Dispute) -> list[str]:
    """A return is agreed on; the seller finds the box empty, and both say what they know: the ids of the evidence."""
    offer = {"type": "REFUND_WITH_RETURN", "refund": usd(PAID)}
    offer_id = case.do("seller", "offers", offer, 201)["offer_id"]
    case.do("buyer", f"offers/{offer_id}/accept")
    case.do("seller", "return/address", {"address": {"lines": ["9 Quay"], "country": "PT"}})
    case.do(
        "buyer", "return/shipment", {"carrier": "Post", "tracking_number": "BACK-1", "address_id": "ra-1"}
    )
    said = {"type": "STATEMENT", "text": "The box was empty."}
    given = case.do("seller", "evidence", said, 201)["evidence_id"]
    problem = {"condition": "EMPTY_OR_DIFFERENT", "evidence_ids": [given]}
    must(
        case.do("seller", "return/acknowledge", problem)["status"] == "CLAIM_EVIDENCE",
        "both give evidence about the return",
    )
    answer = {"type": "STATEMENT", "text": "The lamp was in it: here is what the post weighed."}
    answered = case.do("buyer", "evidence", answer, 201)["evidence_id"]
    for who in ("buyer", "seller"):
        case.do(who, "evidence-complete")
    must(case.look()["status"] == "UNDER_REVIEW", "the review begins once nobody is awaited")
    return [given, answered]


def changed_by_the_shop(shop: Shop, bus: Bus) -> None:
    """An order that is lowered, renamed, shrunk, extended and given back in part under its case."""
    case = Dispute(shop)
    case.open("NOT_RECEIVED", items=[LAMP, SHADE])
    path = f"/v1/orders/{case.order_id}"
    for member, other in (("buyer_id", shop.sub("other_buyer")), ("currency", "EUR")):
        changed = case.order(items=[LAMP, SHADE], **{member: other})
        must(shop.put(SYSTEM, path, changed, 409)["code"] == "ORDER_FIXED", f"the {member} is fixed")
    lowered = {**LAMP, "amount_minor": 1_000, "title": "Brass lamp"}
    shop.put(SYSTEM, path, case.order(items=[lowered, SHADE]), 200)
    _can_be_refunded(case, 2_000)
    must(case.look()["items"][0]["title"] == "Desk lamp", "the case keeps the title")
    for who in ("buyer", "seller"):
        case.mail(who, "What can be refunded has changed")
    case.do("seller", "accept-request", None, 409, "MORE_THAN_IS_LEFT")
    shop.put(SYSTEM, path, case.order(items=[lowered]), 200)
    _can_be_refunded(case, 1_000)
    rug = {"item_id": "rug", "title": "Rug", "quantity": 1, "amount_minor": 700}
    shop.put(SYSTEM, path, case.order(items=[LAMP, SHADE, rug]), 200)
    _can_be_refunded(case, PAID + 1_000)
    back = {
        "refund_id": "g-1",
        "kind": "GOODWILL",
        "amount": usd(1_000),
        "occurred_at": written(datetime.now(UTC)),
    }
    shop.post(SYSTEM, f"{path}/refunds", back, 201)
    must(
        shop.post(SYSTEM, f"{path}/refunds", {**back, "amount": usd(400)}, 409)["code"] == "EVENT_ID_REUSED",
        "once",
    )
    # The rug has room for 700 of it (R39).
    _can_be_refunded(case, PAID + 700)
    offer_id = case.do("seller", "offers", {"type": "REFUND", "refund": usd(PAID)}, 201)["offer_id"]
    case.do("buyer", f"offers/{offer_id}/accept")
    case.paid(bus, PAID)
    rest = {one["item_id"]: one for one in shop.get("buyer", f"{path}/dispute-eligibility")["items"]}
    must(rest["rug"]["eligible"], "what no settlement was about can be disputed")
    must(rest["lamp"]["code"] == "ITEM_SETTLED", "what one was about cannot")
    moved = case.order(items=[LAMP, SHADE, rug], currency="EUR")
    must(
        shop.put(SYSTEM, path, moved, 409)["code"] == "ORDER_FIXED", "the currency stays after the case, too"
    )
    shop.put(SYSTEM, path, case.order(items=[lowered, rug]), 200)
    must(case.look()["outcome"]["refund"] == usd(PAID), "what was agreed stays")


def comes_back(shop: Shop, bus: Bus) -> None:
    """A refund that fails, is paid, and comes back from the bank."""
    case = Dispute(shop)
    case.open("NOT_RECEIVED")
    case.do("seller", "accept-request")
    case.paid(bus, PAID)
    for word, status, mail in (
        ("RefundFailed", "RETRYING", ""),
        ("RefundSucceeded", "PAID", "Your refund was paid"),
        ("RefundFailed", "RETURNED", "Your refund came back from the bank"),
    ):
        _payments_say(case, word)
        until(f"the refund is {status}", lambda status=status: case.look()["refund"]["status"] == status)
        say(f"  {word}: {status}")
        if mail:
            case.mail("buyer", mail)


def _arrives(case: Dispute, item: str) -> None:
    event = {
        "event_id": f"scan-{item}",
        "shipment_id": f"parcel-{item}",
        "status": "DELIVERED",
        "occurred_at": written(datetime.now(UTC)),
    }
    case.shop.post(SYSTEM, f"/v1/orders/{case.order_id}/tracking-events", event, 201)
    say(f"  the carrier delivers the {item}")


def _can_be_refunded(case: Dispute, minor: int) -> None:
    for who in ("buyer", "seller"):
        must(case.look(who)["max_refundable"] == usd(minor), f"{who}: {minor} can be refunded")
    say(f"  up to {minor} minor units can be refunded")


def _payments_say(case: Dispute, word: str) -> None:
    """The shop's payment system, over the bus."""
    detail: Json = {
        "refund_id": f"rf-{case.id}",
        "amount_minor": PAID,
        "currency": "USD",
        "occurred_at": written(datetime.now(UTC)),
    }
    entry: dict[str, Any] = {
        "Source": "shop.payments",
        "DetailType": word,
        "Detail": json.dumps(detail),
        "EventBusName": case.shop.stack["event_bus_name"],
    }
    case.shop.aws("events", "AWSEvents.PutEvents", {"Entries": [entry]})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], (in_two_parcels, changed_by_the_shop, comes_back)))
