"""Handlers called in this process as API Gateway would call them: people, events, requests, and a clock that moves."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

from tests.support import api_events
from tests.support.in_process import event_for, handler_of

Event = dict[str, Any]
PEOPLE = {
    "buyer": "3e50d9ae-6d3b-4acf-9f7f-e462a63fda3c",
    "seller": "9f1c2d3e-6d3b-4acf-9f7f-0a1b2c3d4e5f",
    "case_manager": "c0ffee00-6d3b-4acf-9f7f-0a1b2c3d4e5f",
}
BACKEND = "backend"
ASSIGNMENT = {"assignee": PEOPLE["case_manager"]}
PAID = 12_990
# As long as people write who want their money back, so that items are as large as they will be.
TEXT = (
    "The parcel arrived on Tuesday, but the lamp inside is not the one in the listing: another colour, another plug, "
    "and a crack along the shade. I wrote to the shop twice and sent photographs; nobody answered. I would like my "
    "money back for the whole order, since the second lamp is of no use to me without the first one."
)


class RefusedError(Exception):
    """A handler did not accept what the measurement asks of it; the message is its answer."""


def event_of(action: str, who: str, body: Any, **path: str) -> Event:
    """The event that the function of that id gets. GETs have no body; a POST has an Idempotency-Key of its own."""
    if who == BACKEND:
        caller = api_events.backend()
    else:
        signed_in = api_events.member if who == "case_manager" else api_events.person
        caller = signed_in(PEOPLE[who])
    headers = {"accept": "application/json", "content-type": "application/json"}
    return event_for(action, caller, body, headers=headers, **path)


def run(action: str, event: Event) -> tuple[Any, int]:
    """Call the function's handler; its result, and the bytes of the lines that it logged."""
    with redirect_stdout(StringIO()) as logged:
        result = handler_of(action)(event, api_events.CONTEXT)
    return result, len(logged.getvalue().encode())


def accepted(action: str, result: Event) -> dict[str, Any]:
    """The document of an API function's answer. Raises RefusedError for anything but an acceptance."""
    if result["statusCode"] >= 400:
        raise RefusedError(f"{action}: {result['statusCode']} {result['body']}")
    document: dict[str, Any] = json.loads(result["body"])
    return document


def invoke(action: str, event: Event) -> dict[str, Any]:
    """Call an API function's handler; its answer's document, see `accepted`."""
    return accepted(action, run(action, event)[0])


def at(days_from_now: float) -> None:
    """Move the functions' clock: from here on it shows so many days from now."""
    from buyer_protection.adapters.aws.system import SystemClock
    from buyer_protection.domain.timeline import whole_ms

    def now(_self: object) -> datetime:
        return whole_ms(datetime.now(UTC) + timedelta(days=days_from_now))

    SystemClock.now = now  # type: ignore[assignment, method-assign]


def money(minor: int) -> dict[str, Any]:
    """An amount as the contract writes it."""
    return {"amount_minor": minor, "currency": "USD"}


def order(shipped: datetime) -> dict[str, Any]:
    """The shop's projection of an order of two lines."""
    return {
        "buyer_id": PEOPLE["buyer"],
        "seller_id": PEOPLE["seller"],
        "buyer": {
            "email": "buyer@example.com",
            "name": "Ana",
            "locale": "en",
            "time_zone": "America/Sao_Paulo",
        },
        "seller": {
            "email": "seller@example.com",
            "name": "Lamps",
            "locale": "en",
            "time_zone": "Asia/Shanghai",
        },
        "currency": "USD",
        "items": [
            {"item_id": "i-1", "title": "Reading lamp, brass", "quantity": 1, "amount_minor": PAID - 1_990},
            {"item_id": "i-2", "title": "Bulb", "quantity": 2, "amount_minor": 1_990},
        ],
        "placed_at": (shipped - timedelta(days=1)).isoformat(),
        "guaranteed_delivery_days": 60,
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


def opening(order_id: str, reason: str = "NOT_AS_DESCRIBED") -> dict[str, Any]:
    """The buyer's request for the whole sum."""
    sub_reason = "DAMAGED" if reason == "NOT_AS_DESCRIBED" else "IN_TRANSIT"
    return {
        "order_id": order_id,
        "reason": reason,
        "sub_reason": sub_reason,
        "description": TEXT,
        "requested_refund": money(PAID),
        "seller_contacted": True,
    }


def offer(minor: int) -> dict[str, Any]:
    """A proposal to refund so much."""
    return {"type": "REFUND", "refund": money(minor), "note": "Keep it, and have this back. Would that help?"}


ESCALATION = {"claim_reason": "SELLER_NOT_RESPONDING", "confirm_no_agreement": True, "text": TEXT}
STATEMENT = {"type": "STATEMENT", "text": TEXT, "item_id": "i-1"}
MESSAGE = {"text": TEXT}
# The rationale has the 300 characters that the bar of Q18 names.
DECISION = {
    "outcome": "PARTIAL",
    "refund": money(6_000),
    "reasons": ["ITEM_DIFFERENT", "SELLER_EVIDENCE_INSUFFICIENT"],
    "rationale": TEXT[:300],
    "evidence_ids": ["ev-1", "ev-2"],
}
