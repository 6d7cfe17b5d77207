"""Kept answers, deflated: small enough that a receipt costs one kilobyte's write, not two (Q18).

The words that every answer repeats are known beforehand, so that what is stored is what differs.
"""

import zlib

# Never change these texts: what was stored with them within a receipt's life could not be read any more. A new contract
# gets a further one beside it. The most frequent words stand last, where they are the cheapest to refer to.
_WORDS = b"""\
"SELLER_NOT_RESPONDING""SELLER_REFUSED_PARTIAL_REFUND""SELLER_REFUSED_REFUND""CLAIM_CANCELLED""DECIDED_WITHOUT_YOU"\
"RETURN_NOT_SHIPPED""REFUND_WITHOUT_RETURN""REFUND_ON_DELIVERY""DEADLINE_MISSED""REASON_CHANGE_CLOSES""NO_REFUND"\
"REFUND_WITH_RETURN""UNDER_REVIEW""AWAITING_RETURN""RETURN_SHIPPED""CANCELLED""NOT_RECEIVED""AGREED_FULL_REFUND"\
"AGREED_PARTIAL_REFUND""AGREED_REFUND_WITH_RETURN""CANCELLED_BY_BUYER""ITEM_DAMAGED""NOT_DELIVERED""SYSTEM"\
{"evidence_id":"ev-1","dispute_id":"dp-01","party":"BUYER","type":"STATEMENT","text":"","item_id":null,"added_at":"20\
","counts":true}{"offer_id":"of-","dispute_id":"dp-01","made_by":"SELLER","type":"REFUND","refund":{"amount_minor":1\
,"currency":"EUR"},"note":"","status":"OPEN","made_at":"20","closed_at":null}\
{"dispute_id":"dp-01","order_id":"","buyer_id":"","seller_id":"","items":[{"item_id":"","quantity":1}],\
"reason":"NOT_AS_DESCRIBED","sub_reason":"DIFFERENT","description":"","seller_contacted":{"contacted":true,"how":""},\
"requested_refund":{"amount_minor":1,"currency":"USD"},"max_refundable":{"amount_minor":1,"currency":"USD"},\
"stage":"CLAIM","status":"CLAIM_EVIDENCE","stage":"CLOSED","status":"DECIDED","party_state":"RESOLVED",\
"stage":"NEGOTIATION","status":"NEGOTIATION","party_state":"REQUIRED_ACTION","party_state":"REQUIRED_OTHER_PARTY_ACTION"\
,"policy":{"profile":"aliexpress-classic","version":1},"opened_at":"20","escalation_available_at":"20\
","negotiation_due_at":"20","escalated_at":"20","escalated_by":"BUYER","claim_reason":"OTHER","evidence_due_at":"20\
","decision_due_at":"20","delivered_at":"20","reason_change_due_at":"20","closed_at":"20","outcome":{"code":"DECIDED_PAR\
TIAL","refund":{"amount_minor":1,"currency":"USD"},"return_required":false,"decided_by":"CASE_MANAGER","reasons":["ITEM_\
DIFFERENT"],"rationale":"","evidence_ids":["ev-1"]},"current_offer":null,"available_actions":[],"version":1,\
"escalated_at":null,"escalated_by":null,"claim_reason":null,"evidence_due_at":null,"decision_due_at":null,\
"delivered_at":null,"reason_change_due_at":null,"buyer_received_at":null,"return_shipment_due_at":null,\
"return_receipt_due_at":null,"closed_at":null,"outcome":null,"current_offer":{"offer_id":"of-1","made_by":"BUYER",\
"type":"REFUND","refund":{"amount_minor":1,"currency":"USD"},"made_at":"20"},"available_actions":[\
{"action":"ACCEPT_OFFER","method":"POST","href":"/v1/disputes/dp-01/offers/of-2/accept","available_from":"20\
","due_at":"20","mandatory":true,"if_missed":"AUTO_ESCALATE"},{"action":"DECLINE_OFFER","method":"POST",\
"href":"/v1/disputes/dp-01/offers/of-2/decline","available_from":"20","due_at":"20","mandatory":true,\
"if_missed":"AUTO_ESCALATE"},{"action":"ACCEPT_REQUEST","method":"POST","href":"/v1/disputes/dp-01/accept-request"\
,"available_from":"20","due_at":"20","mandatory":false,"if_missed":"AUTO_ESCALATE"},{"action":"EVIDENCE_COMPLETE",\
"method":"POST","href":"/v1/disputes/dp-01/evidence-complete","available_from":"20","due_at":"20","mandatory":false,\
"if_missed":"AUTO_ESCALATE"},{"action":"CHANGE_REASON","method":"POST","href":"/v1/disputes/dp-01/change-reason",\
"available_from":"20","due_at":"20","mandatory":false,"if_missed":"AUTO_ESCALATE"},{"action":"MAKE_OFFER",\
"method":"POST","href":"/v1/disputes/dp-01/offers","available_from":"20","due_at":"20","mandatory":false,\
"if_missed":"AUTO_ESCALATE"},{"action":"WITHDRAW_OFFER","method":"POST","href":"/v1/disputes/dp-01\
/offers/of-1/withdraw","available_from":"20","due_at":"20","mandatory":false,"if_missed":null},{"action":"ESCALATE",\
"method":"POST","href":"/v1/disputes/dp-01/escalate","available_from":"20","due_at":"20","mandatory":false,\
"if_missed":"AUTO_ESCALATE"},{"action":"ADD_EVIDENCE","method":"POST","href":"/v1/disputes/dp-01/evidence",\
"available_from":"20","due_at":"20","mandatory":false,"if_missed":null},{"action":"CANCEL","method":"POST",\
"href":"/v1/disputes/dp-01/cancel","available_from":"20","due_at":null,"mandatory":false,"if_missed":null}],\
"version":1,"updated_at":"20\
"""


def deflate(body: bytes) -> bytes:
    """The answer as it is stored."""
    packer = zlib.compressobj(level=9, zdict=_WORDS)
    return packer.compress(body) + packer.flush()


def inflate(stored: bytes) -> bytes:
    """The answer as it was given."""
    return zlib.decompressobj(zdict=_WORDS).decompress(stored)
