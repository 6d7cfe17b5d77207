"""What the timeline says of each move of `test_entries`: the actor, the type, and the data as the row keeps it."""

from typing import Any

EXPECTED: dict[str, tuple[str, dict[str, Any]]] = {
    "opened": (
        "buyer-1 DISPUTE_OPENED",
        {
            "order_id": "order-1",
            "reason": "NOT_RECEIVED",
            "sub_reason": "IN_TRANSIT",
            "requested_refund_minor": 2000,
            "currency": "USD",
            "seller_contacted": True,
            "policy": "aliexpress-classic/1",
        },
    ),
    "opened without a word to the seller": (
        "buyer-1 DISPUTE_OPENED",
        {
            "order_id": "order-1",
            "reason": "NOT_RECEIVED",
            "sub_reason": None,
            "requested_refund_minor": 2500,
            "currency": "USD",
            "seller_contacted": None,
            "policy": "aliexpress-classic/1",
        },
    ),
    "an offer": (
        "seller-1 OFFER_MADE",
        {"offer_id": "of-2", "offer_type": "REFUND_WITH_RETURN", "refund_minor": 2000, "currency": "USD"},
    ),
    "an offer in place of one's own": (
        "buyer-1 OFFER_MADE",
        {
            "offer_id": "of-2",
            "offer_type": "NO_REFUND",
            "refund_minor": 0,
            "currency": "USD",
            "replaces": "of-1",
        },
    ),
    "an offer accepted": (
        "seller-1 OFFER_ACCEPTED",
        {
            "order_id": "order-1",
            "outcome": "AGREED_FULL_REFUND",
            "refund_minor": 2500,
            "currency": "USD",
            "offer_id": "of-1",
            "offer_type": "REFUND",
        },
    ),
    "a return agreed": (
        "buyer-1 OFFER_ACCEPTED",
        {
            "outcome": "AGREED_REFUND_WITH_RETURN",
            "refund_minor": 2000,
            "currency": "USD",
            "return_required": True,
            "offer_id": "of-2",
            "offer_type": "REFUND_WITH_RETURN",
        },
    ),
    "the request granted": (
        "seller-1 OFFER_ACCEPTED",
        {
            "order_id": "order-1",
            "outcome": "AGREED_FULL_REFUND",
            "refund_minor": 2500,
            "currency": "USD",
            "offer_id": "of-1",
            "offer_type": "REFUND",
        },
    ),
    "an offer declined": ("seller-1 OFFER_DECLINED", {"offer_id": "of-1"}),
    "an offer withdrawn": ("buyer-1 OFFER_WITHDRAWN", {"offer_id": "of-1"}),
    "cancelled": (
        "buyer-1 CANCELLED",
        {"order_id": "order-1", "outcome": "CANCELLED_BY_BUYER", "refund_minor": 0, "currency": "USD"},
    ),
    "another reason": (
        "buyer-1 REASON_CHANGED",
        {
            "reason": "NOT_AS_DESCRIBED",
            "sub_reason": "DAMAGED",
            "previous_reason": "NOT_RECEIVED",
            "received_at": "2026-03-07T12:00:00.000Z",
        },
    ),
    "delivered": (
        "carrier DELIVERED",
        {
            "order_id": "order-1",
            "shipment_id": "sh-1",
            "delivered_at": "2026-03-07T12:00:00.000Z",
            "reason": "NOT_RECEIVED",
            "pending": [],
            "is_last": True,
        },
    ),
    "not delivered after all": (
        "carrier DELIVERY_CORRECTED",
        {
            "order_id": "order-1",
            "shipment_id": "sh-1",
            "delivered_at": "2026-03-07T12:00:00.000Z",
            "reason": "NOT_RECEIVED",
            "pending": ["sh-1"],
        },
    ),
    "the return not delivered after all": (
        "carrier DELIVERY_CORRECTED",
        {
            "order_id": "order-1",
            "shipment_id": "return-dp-1",
            "delivered_at": "2026-03-14T12:00:00.000Z",
            "of": "RETURN",
        },
    ),
    "a message": ("buyer-1 MESSAGE_SENT", {"message_id": "ms-1", "told": ["SELLER"]}),
    "a message of the team": ("team MESSAGE_SENT", {"message_id": "ms-1", "told": ["BUYER", "SELLER"]}),
    "read": ("seller-1 MESSAGES_READ", {"party": "SELLER", "up_to": "ms-1"}),
    "escalated": (
        "buyer-1 ESCALATED",
        {
            "escalated_by": "BUYER",
            "claim_reason": "SELLER_NOT_RESPONDING",
            "claim_text": None,
            "evidence_due_at": "2026-03-18T12:00:00.000Z",
            "lapsed_offers": ["of-1"],
            "asked_minor": 2500,
            "currency": "USD",
        },
    ),
    "escalated with a text": (
        "buyer-1 ESCALATED",
        {
            "escalated_by": "BUYER",
            "claim_reason": "OTHER",
            "claim_text": "No answer.",
            "evidence_due_at": "2026-03-18T12:00:00.000Z",
            "lapsed_offers": ["of-1"],
            "asked_minor": 2500,
            "currency": "USD",
        },
    ),
    "evidence": (
        "buyer-1 EVIDENCE_ADDED",
        {"evidence_id": "ev-1", "evidence_type": "STATEMENT", "item_id": "mug", "in_claim": False},
    ),
    "evidence in a claim": (
        "seller-1 EVIDENCE_ADDED",
        {"evidence_id": "ev-1", "evidence_type": "OTHER", "item_id": None, "in_claim": True},
    ),
    "files announced": ("buyer-1 EVIDENCE_SUBMITTED", {"evidence_id": "ev-1", "files": 2}),
    "one file verified": (
        "uploads EVIDENCE_FILE_VERIFIED",
        {"evidence_id": "ev-1", "party": "BUYER", "file_id": "f-1"},
    ),
    "every file verified": (
        "uploads EVIDENCE_ADDED",
        {
            "evidence_id": "ev-1",
            "party": "BUYER",
            "evidence_type": "PHOTO",
            "item_id": "mug",
            "in_claim": False,
        },
    ),
    "a file refused": (
        "uploads EVIDENCE_REFUSED",
        {"evidence_id": "ev-1", "party": "BUYER", "files": [{"file_id": "f-1", "reason": "WRONG_TYPE"}]},
    ),
    "evidence withdrawn": ("buyer-1 EVIDENCE_WITHDRAWN", {"evidence_id": "ev-1"}),
    "nothing more to add": ("buyer-1 EVIDENCE_COMPLETED", {"party": "BUYER", "review_started": False}),
    "nothing more from both": (
        "buyer-1 EVIDENCE_COMPLETED",
        {"party": "BUYER", "review_started": True, "decision_due_at": "2026-03-18T12:00:00.000Z"},
    ),
    "another window": (
        "team EVIDENCE_WINDOW_SET",
        {"evidence_due_at": "2026-03-18T12:00:00.000Z", "previous_due_at": "2026-03-17T12:00:00.000Z"},
    ),
    "time given back": (
        "operator TIME_GIVEN",
        {
            "window": "EVIDENCE",
            "due_at": "2026-03-19T00:00:00.000Z",
            "previous_due_at": "2026-03-17T12:00:00.000Z",
            "run": "outage-7",
            "hours": 36,
        },
    ),
    "evidence asked for": (
        "team EVIDENCE_REQUESTED",
        {
            "party": "SELLER",
            "types": ["PHOTO", "VIDEO"],
            "question": "Show it.",
            "evidence_due_at": "2026-03-19T12:00:00.000Z",
        },
    ),
    "decided": (
        "team DECIDED",
        {
            "order_id": "order-1",
            "outcome": "DECIDED_PARTIAL",
            "refund_minor": 1000,
            "currency": "USD",
            "reasons": ["NOT_DELIVERED"],
            "evidence_ids": ["ev-1"],
        },
    ),
    "a return decided": (
        "team DECIDED",
        {
            "outcome": "DECIDED_BUYER_FAVOUR",
            "refund_minor": 2500,
            "currency": "USD",
            "return_required": True,
            "reasons": ["NOT_DELIVERED"],
            "evidence_ids": ["ev-1"],
        },
    ),
    "an address": (
        "seller-1 RETURN_ADDRESS_CONFIRMED",
        {
            "return_shipment_due_at": "2026-03-21T12:00:00.000Z",
            "address_id": "ra-1",
            "address_sha256": "3f81066954bb16848c19fd8cdd9fe8fd345f0c8bb4764cec5679a43d821c0f8c",
        },
    ),
    "sent back": (
        "buyer-1 RETURN_SHIPPED",
        {
            "return_receipt_due_at": "2026-03-21T12:00:00.000Z",
            "carrier": "Post",
            "tracking_number": "RT-1",
            "shipment_id": "return-dp-1",
            "address_id": "ra-1",
        },
    ),
    "the return delivered": (
        "carrier RETURN_DELIVERED",
        {"delivered_at": "2026-03-11T12:00:00.000Z", "of": "RETURN"},
    ),
    "the return accepted": (
        "seller-1 RETURN_CLOSED",
        {
            "order_id": "order-1",
            "outcome": "AGREED_REFUND_WITH_RETURN",
            "refund_minor": 2000,
            "currency": "USD",
            "cause": "RECEIVED",
        },
    ),
    "the return refused": (
        "seller-1 RETURN_PROBLEM",
        {
            "condition": "DAMAGED",
            "note": "Torn.",
            "evidence_ids": ["ev-1"],
            "evidence_due_at": "2026-03-16T12:00:00.000Z",
        },
    ),
    "paid": (
        "payment REFUND_SUCCEEDED",
        {
            "refund_id": "rf-dp-1",
            "refund_minor": 2500,
            "currency": "USD",
            "occurred_at": "2026-03-18T12:00:00.000Z",
            "reference": "re_1",
        },
    ),
    "paid without a reference": (
        "payment REFUND_SUCCEEDED",
        {
            "refund_id": "rf-dp-1",
            "refund_minor": 2500,
            "currency": "USD",
            "occurred_at": "2026-03-18T12:00:00.000Z",
            "reference": None,
        },
    ),
    "not paid": (
        "payment REFUND_FAILED",
        {
            "refund_id": "rf-dp-1",
            "refund_minor": 2500,
            "currency": "USD",
            "occurred_at": "2026-03-18T12:00:00.000Z",
            "reason": "card closed",
        },
    ),
    "may escalate": ("clock ESCALATION_AVAILABLE", {"due_at": "2026-03-21T12:00:00.000Z"}),
    "a day is left": (
        "clock REMINDED",
        {"due_at": "2026-03-17T12:00:00.000Z", "parties": ["BUYER", "SELLER"], "window": "EVIDENCE"},
    ),
    "negotiated too long": (
        "clock ESCALATED",
        {
            "escalated_by": "SYSTEM",
            "claim_reason": None,
            "claim_text": None,
            "evidence_due_at": "2026-03-28T12:00:00.000Z",
            "lapsed_offers": ["of-1"],
            "asked_minor": 2500,
            "currency": "USD",
        },
    ),
    "no evidence": (
        "clock CANCELLED",
        {"order_id": "order-1", "outcome": "CANCELLED_NO_EVIDENCE", "refund_minor": 0, "currency": "USD"},
    ),
    "evidence enough": ("clock REVIEW_STARTED", {"decision_due_at": "2026-03-24T12:00:00.000Z"}),
    "no decision": ("clock DEADLINE_MISSED", {"due_at": "2026-03-24T12:00:00.000Z"}),
    "no address": (
        "clock RETURN_CLOSED",
        {
            "order_id": "order-1",
            "outcome": "AGREED_REFUND_WITH_RETURN",
            "refund_minor": 2000,
            "currency": "USD",
            "cause": "ADDRESS_NEVER_CONFIRMED",
        },
    ),
    "not sent back": (
        "clock RETURN_CLOSED",
        {
            "order_id": "order-1",
            "outcome": "RETURN_NOT_SHIPPED",
            "refund_minor": 0,
            "currency": "USD",
            "cause": "NOT_SHIPPED",
        },
    ),
    "the return unseen": (
        "clock RETURN_PROBLEM",
        {"condition": "NOT_ACKNOWLEDGED", "evidence_due_at": "2026-03-24T12:00:00.000Z"},
    ),
    "the return unanswered": (
        "clock RETURN_CLOSED",
        {
            "order_id": "order-1",
            "outcome": "AGREED_REFUND_WITH_RETURN",
            "refund_minor": 2000,
            "currency": "USD",
            "cause": "DELIVERED",
        },
    ),
}
