"""Builds the AsyncAPI 3 document: the bus out, the bus in and webhooks, of the models that the code itself uses.

The examples of events are what a case's entries become, through the same functions as in the stream processor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from buyer_protection.application.ports.events import OrderEnded, OutboundEvent
from buyer_protection.application.schemas.events import INBOUND
from buyer_protection.application.schemas.outbound_events import completed_event, events_for, refund_event
from buyer_protection.domain.enums import EventType, Role
from buyer_protection.domain.event_names import WEBHOOK_TEST, EventName
from buyer_protection.domain.money import Money
from buyer_protection.domain.refund_request import Refund
from buyer_protection.domain.timeline import Actor, instant, next_entry
from tools.contract.example_requests import BUYER_ID, DISPUTE_ID, ORDER_ID, PATH_EXAMPLES, REQUESTS
from tools.event_schemas import schema_of

_AT = datetime(2026, 3, 9, 14, 5, tzinfo=UTC)
_DUE = instant(_AT + timedelta(days=7))
_MONEY = {"refund_minor": 2500, "currency": "USD"}
_OFFER = {"offer_id": "of-2", "offer_type": "REFUND", **_MONEY}
_ENDED = {"order_id": ORDER_ID, **_MONEY}
_REFUND = {"refund_id": f"rf-{DISPUTE_ID}", **_MONEY}
_BUYER, _SELLER, _TEAM = Role.BUYER, Role.SELLER, Role.CASE_MANAGER
# Entries of a timeline, by type: who, and what is in it.
_ENTRIES: tuple[tuple[EventType, Role, dict[str, Any]], ...] = (
    (EventType.DISPUTE_OPENED, _BUYER, {"order_id": ORDER_ID, "reason": "NOT_RECEIVED", "sub_reason": "IN_TRANSIT"}),
    (EventType.MESSAGE_SENT, _SELLER, {"message_id": "ms-1"}),
    (EventType.REASON_CHANGED, _BUYER, {"reason": "NOT_AS_DESCRIBED", "sub_reason": "DAMAGED",
                                        "previous_reason": "NOT_RECEIVED"}),
    (EventType.OFFER_MADE, _SELLER, _OFFER),
    (EventType.OFFER_DECLINED, _BUYER, {"offer_id": "of-2"}),
    (EventType.OFFER_WITHDRAWN, _SELLER, {"offer_id": "of-3"}),
    (EventType.OFFER_ACCEPTED, _BUYER, {**_OFFER, **_ENDED, "outcome": "AGREED_PARTIAL_REFUND"}),
    (EventType.EVIDENCE_ADDED, _BUYER, {"evidence_id": "ev-1", "evidence_type": "PHOTO", "item_id": "lamp",
                                        "in_claim": True}),
    (EventType.ESCALATED, _BUYER, {"escalated_by": "BUYER", "claim_reason": "SELLER_REFUSED_REFUND",
                                   "evidence_due_at": _DUE}),
    (EventType.EVIDENCE_REQUESTED, _TEAM, {"party": "SELLER", "types": ["PROOF_OF_DELIVERY"], "evidence_due_at": _DUE}),
    (EventType.REVIEW_STARTED, Role.SYSTEM, {"decision_due_at": _DUE}),
    (EventType.DECIDED, _TEAM, {**_ENDED, "outcome": "DECIDED_PARTIAL", "reasons": ["SIGNATURE_MISSING"],
                                "evidence_ids": ["ev-1"]}),
    (EventType.DEADLINE_MISSED, Role.SYSTEM, {"due_at": _DUE}),
    (EventType.CANCELLED, _BUYER, {"order_id": ORDER_ID, "outcome": "CANCELLED_BY_BUYER"}),
    (EventType.DELIVERED, Role.SYSTEM, {"order_id": ORDER_ID, "shipment_id": "parcel-1", "delivered_at": instant(_AT),
                                        "pending": [], "is_last": True}),
    (EventType.RETURN_ADDRESS_CONFIRMED, _SELLER, {"address_id": "ra-1", "return_shipment_due_at": _DUE}),
    (EventType.RETURN_SHIPPED, _BUYER, {"shipment_id": f"return-{DISPUTE_ID}", "address_id": "ra-1",
                                        "return_receipt_due_at": _DUE}),
    (EventType.RETURN_PROBLEM, _SELLER, {"condition": "DAMAGED", "evidence_due_at": _DUE, "evidence_ids": ["ev-2"]}),
    (EventType.RETURN_CLOSED, _SELLER, {**_ENDED, "outcome": "AGREED_REFUND_WITH_RETURN", "cause": "RECEIVED"}),
    (EventType.REFUND_SUCCEEDED, Role.SYSTEM, {**_REFUND, "occurred_at": instant(_AT)}),
    (EventType.REFUND_HELD, Role.SYSTEM, _REFUND),
    (EventType.REFUND_GIVEN_UP, Role.SYSTEM, _REFUND),
)  # fmt: skip
_PAID = {
    "refund_id": f"rf-{DISPUTE_ID}",
    "amount_minor": 2500,
    "currency": "USD",
    "occurred_at": instant(_AT),
}
_IN: dict[str, dict[str, Any]] = {
    "OrderUpserted": {"order_id": ORDER_ID, "order": REQUESTS["put_order"]},
    "TrackingUpdated": {"order_id": ORDER_ID, **REQUESTS["record_tracking_event"]},
    "OrderRefunded": {"order_id": ORDER_ID, **REQUESTS["record_refund"]},
    "RefundSucceeded": {**_PAID, "reference": "re_4711", "attempt": 1},
    "RefundFailed": {**_PAID, "reason": "CARD_CLOSED", "attempt": 1},
}
INTRODUCTION = """\
What the dispute system says, and what it hears. Every event out has the same `id` however often, and by whichever way,
it comes: the bus, webhooks, and the feed (`GET /v1/events`). Further members and values may come at any time.
"""
_HEADERS = {
    "type": "object",
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    "properties": {
        "webhook-id": {"type": "string", "description": "The event's `id`, the same in every attempt."},
        "webhook-timestamp": {"type": "string", "description": "Seconds since 1970, of this attempt."},
        "webhook-signature": {
            "type": "string",
            "description": "`v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by spaces.",
        },
    },
}


def outbound() -> dict[str, OutboundEvent]:
    """An example of each event that leaves, by its name."""
    found: dict[str, OutboundEvent] = {}
    for seq, (kind, role, data) in enumerate(_ENTRIES, start=1):
        entry = next_entry(DISPUTE_ID, seq, "0" * 64, _AT, Actor(role, BUYER_ID), kind, data)
        for event in events_for(entry):
            found.setdefault(event.type, event)
    refund = Refund(f"rf-{DISPUTE_ID}", DISPUTE_ID, ORDER_ID, Money(2500, "USD"), _AT)
    for event in (refund_event(refund), completed_event(OrderEnded(ORDER_ID, _AT, DISPUTE_ID))):
        found[event.type] = event
    return {name.value: found[name.value] for name in EventName}


def _channels(shown: Collection[str], hooks: Collection[str]) -> dict[str, Any]:
    return {
        "busOut": _channel(
            "The stage's EventBridge bus, source `buyer-protection`: `detail` of each `detail-type`.",
            "buyer-protection",
            shown,
        ),
        "busIn": _channel(
            "The same bus, sources of the shop: see the settings `shop_sources` and `payment_sources`.",
            "shop",
            INBOUND,
        ),
        "webhooks": _channel(
            "The URL of a webhook (`PUT /v1/webhooks/{webhook_id}`): a POST by Standard Webhooks.",
            None,
            hooks,
        ),
    }


def build() -> dict[str, Any]:
    """The document; the same in every run."""
    shown = outbound()
    documents = {name: event.document() for name, event in shown.items()} | _IN
    tested = OutboundEvent(
        "test-0a4e4c559d7a1f2e3d4c5b6a7f8e9d0c",
        WEBHOOK_TEST,
        _AT,
        {"webhook_id": PATH_EXAMPLES["webhook_id"]},
    )
    schemas = _schemas(documents)
    schemas["WebhookTest"] = _test_schema(tested)
    messages = {name: _message(name, schemas[name], body) for name, body in documents.items()}
    messages["WebhookTest"] = _message(WEBHOOK_TEST, schemas["WebhookTest"], tested.document())
    hooks = {f"{name}Webhook": _by_webhook(messages[name]) for name in (*shown, WEBHOOK_TEST)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Buyer protection: events",
            "version": "1",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": _channels(shown, hooks),
        "operations": {
            "publish": _operation("send", "busOut", "Events leave by the bus.", shown),
            "hear": _operation("receive", "busIn", "The shop's systems report.", INBOUND),
            "deliver": _operation("send", "webhooks", "Events leave by webhook.", hooks),
        },
        "components": {
            "messages": messages | hooks,
            "schemas": {**schemas, "WebhookHeaders": _HEADERS},
        },
    }


def _schemas(names: Iterable[str]) -> dict[str, Any]:
    """The schema of each event, and of what they name, all beside each other."""
    found: dict[str, Any] = {}
    for name in names:
        whole = _with_refs_to_components(schema_of(name))
        own = {key: value for key, value in whole.items() if not key.startswith("$")}
        for key, schema in {name: own, **whole.get("$defs", {})}.items():
            if found.setdefault(key, schema) != schema:
                raise AssertionError(f"two schemas are called {key}")
    return found


def _with_refs_to_components(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: value.replace("#/$defs/", "#/components/schemas/")
            if key == "$ref"
            else _with_refs_to_components(value)
            for key, value in schema.items()
        }
    return [_with_refs_to_components(item) for item in schema] if isinstance(schema, list | tuple) else schema


def _test_schema(event: OutboundEvent) -> dict[str, Any]:
    return {
        "title": WEBHOOK_TEST,
        "description": "What a test of a webhook sends: it is about nothing.",
        "type": "object",
        "required": list(event.document()),
        "properties": {
            name: {"type": "integer" if isinstance(value, int) else "string"}
            for name, value in event.document().items()
        },
    }


def _message(name: str, schema: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "title": name,
        "summary": schema["description"].split("\n\n")[0],
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "examples": [{"name": "as it arrives", "payload": body}],
    }


def _by_webhook(message: dict[str, Any]) -> dict[str, Any]:
    (example,) = message["examples"]
    headers = {
        "webhook-id": str(example["payload"]["id"]),
        "webhook-timestamp": str(int(_AT.timestamp())),
        "webhook-signature": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    }
    return message | {
        "headers": {"$ref": "#/components/schemas/WebhookHeaders"},
        "examples": [{**example, "headers": headers}],
    }


def _channel(description: str, address: str | None, names: Any) -> dict[str, Any]:
    return {
        "address": address,
        "description": description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _operation(action: str, channel: str, summary: str, names: Any) -> dict[str, Any]:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names],
    }
