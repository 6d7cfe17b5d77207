"""An example of every request body: two disputes about one order, as clients would send them."""

from __future__ import annotations

from typing import Any

ORDER_ID = "8174659302114837"
DISPUTE_ID = "dp-01jp2n8k7q0000000000000001"
BUYER_ID = "3e50d9ae-6d3b-4acf-9f7f-e462a63fda3c"
SELLER_ID = "9f1c2d3e-6d3b-4acf-9f7f-0a1b2c3d4e5f"
MANAGER_ID = "c0ffee00-6d3b-4acf-9f7f-0a1b2c3d4e5f"
DECISION_ID = "dc-01jqkz5r3m0000000000000001"
PATH_EXAMPLES = {
    "order_id": ORDER_ID,
    "dispute_id": DISPUTE_ID,
    "offer_id": "of-2",
    "evidence_id": "ev-1",
    "decision_id": DECISION_ID,
    "seller_id": SELLER_ID,
    "person_id": BUYER_ID,
    "profile": "aliexpress-classic",
    "webhook_id": "erp",
    "delivery_id": "1773065100000-1f2e3d4c5b6a7f8e9d0c",
    "template_id": "no-signature",
}

REQUESTS: dict[str, dict[str, Any]] = {
    "put_order": {
        "buyer_id": BUYER_ID,
        "seller_id": SELLER_ID,
        "buyer": {
            "email": "buyer@example.com",
            "name": "Ana",
            "locale": "pt-BR",
            "time_zone": "America/Sao_Paulo",
        },
        "seller": {"email": "seller@example.com", "name": "Lamp Shop", "time_zone": "Asia/Shanghai"},
        "currency": "USD",
        "items": [
            {"item_id": "lamp", "title": "Desk lamp, blue", "quantity": 1, "amount_minor": 4990},
            {"item_id": "bulb", "title": "Bulb", "quantity": 2, "amount_minor": 600},
        ],
        "placed_at": "2026-03-01T09:30:00Z",
        "guaranteed_delivery_days": 40,
        "shipments": [
            {
                "shipment_id": "parcel-1",
                "carrier": "Post",
                "tracking_number": "RX123456789CN",
                "shipped_at": "2026-03-02T08:00:00Z",
                "delivery_method": "SIGNATURE",
            }
        ],
        "delivery_address": {"lines": ["Rua A 1", "Santos"], "postal_code": "11010-000", "country": "BR"},
    },
    "record_tracking_event": {
        "event_id": "post-000481",
        "shipment_id": "parcel-1",
        "status": "DELIVERED",
        "occurred_at": "2026-03-09T14:05:00Z",
    },
    "record_refund": {
        "refund_id": "shop-refund-311",
        "kind": "GOODWILL",
        "amount": {"amount_minor": 300, "currency": "USD"},
        "items": [{"item_id": "bulb", "quantity": 1, "amount": {"amount_minor": 300, "currency": "USD"}}],
        "occurred_at": "2026-03-08T10:00:00Z",
    },
    "confirm_receipt": {"acknowledge_consequences": True},
    "open_dispute": {
        "order_id": ORDER_ID,
        "reason": "NOT_RECEIVED",
        "sub_reason": "IN_TRANSIT",
        "description": "Three weeks, and the parcel has not come.",
        "requested_refund": {"amount_minor": 5590, "currency": "USD"},
        "seller_contacted": {"contacted": True, "how": "Two messages in the shop's chat, no answer."},
    },
    "change_reason": {
        "reason": "NOT_AS_DESCRIBED",
        "sub_reason": "DIFFERENT",
        "description": "It came at last: the lamp is red, the listing says blue.",
    },
    "put_metadata": {"metadata": {"ticket": "CS-20417", "warehouse": "GRU-2"}},
    "cancel_dispute": {"acknowledge_consequences": True},
    "make_offer": {
        "type": "REFUND",
        "refund": {"amount_minor": 2500, "currency": "USD"},
        "note": "Half of it, and you keep the lamp?",
    },
    "escalate_dispute": {
        "confirm_no_agreement": True,
        "claim_reason": "SELLER_REFUSED_REFUND",
        "text": "The seller offers a part only.",
    },
    "send_message": {"text": "The carrier says that the parcel is at the customs office."},
    "mark_messages_read": {"up_to": "ms-1"},
    "add_evidence": {
        "type": "PHOTO",
        "text": "The letter box on the day the carrier names: no parcel, no card.",
        "item_id": "lamp",
        "files": [
            {
                "name": "letter-box.jpg",
                "media_type": "image/jpeg",
                "size": 184320,
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            }
        ],
    },
    "assign_claim": {"assignee": MANAGER_ID},
    "set_evidence_window": {"due_at": "2026-03-26T12:00:00Z"},
    "request_evidence": {
        "party": "SELLER",
        "types": ["PROOF_OF_DELIVERY_SIGNATURE"],
        "due_at": "2026-03-30T12:00:00Z",
        "question": "The parcel went against signature: who signed?",
    },
    "decide_claim": {
        "outcome": "PARTIAL",
        "refund": {"amount_minor": 4000, "currency": "USD"},
        "reasons": ["SIGNATURE_MISSING"],
        "rationale": "There is no signature for the lamp's parcel; the bulbs came.",
        "evidence_ids": ["ev-1"],
    },
    "propose_settlement": {
        "type": "REFUND",
        "refund": {"amount_minor": 4000, "currency": "USD"},
        "note": "The bulbs came, and nobody signed for the lamp.",
    },
    "put_template": {
        "name": "No signature",
        "texts": {
            "en": "The parcel went against signature, and no signature was given.",
            "pt-BR": "O pacote exigia assinatura, e nenhuma assinatura foi apresentada.",
        },
    },
    "write_note": {"text": "The carrier confirms by phone that it asked for no signature."},
    "confirm_return_address": {
        "address": {"lines": ["Dock Road 5", "Shenzhen"], "postal_code": "518000", "country": "CN"}
    },
    "register_return_shipment": {
        "carrier": "Correios",
        "tracking_number": "BR987654321BR",
        "shipped_at": "2026-03-13T10:00:00Z",
        "address_id": "ra-1",
    },
    "acknowledge_return": {"condition": "ITEM_RECEIVED", "note": "All there, thank you."},
    "put_webhook": {
        "url": "https://erp.shop.example.com/hooks/disputes",
        "types": ["DisputeOpened", "OfferDeclined", "DisputeResolved"],
    },
    "preview_policy": {
        "shipped_at": "2026-03-02T08:00:00Z",
        "guaranteed_delivery_days": 40,
        "opened_at": "2026-03-07T12:00:00Z",
        "delivered_at": "2026-03-09T14:05:00Z",
    },
}
