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


# The same, and what answers say since 26 November 2026: bodies of actions, names, limits, who reads.
_WORDS_OF_TODAY = (
    _WORDS
    + b"""\
"fields":{"schema":"#/components/schemas/DecisionRequest",\
"allowed":{"/outcome":{"values":["BUYER_FAVOUR","SELLER_FAVOUR","PARTIAL"],"required":true},"/refund/amount_minor":\
{"minimum":1,"maximum":1,"excluded":[1],"required":true,"depends_on":"/outcome","by":{"BUYER_FAVOUR":{"minimum":1,\
"maximum":1},"SELLER_FAVOUR":{"minimum":0,"maximum":0}}},"/refund/currency":{"values":["USD"]},"/return_required":\
{"values":[false]}}},"fields":{"schema":"#/components/schemas/AssignRequest","allowed":{"/assignee":{"excluded":["","\
"],"required":true}}},"fields":{"schema":"#/components/schemas/EvidenceQuestionRequest","allowed":{"/due_at":\
{"earliest_in":86400,"latest_in":2592000,"required":true}}},"fields":{"schema":"#/components/schemas/\
EvidenceWindowRequest","fields":{"schema":"#/components/schemas/ReturnAddressRequest","allowed":{}},"fields":{"schema":\
"#/components/schemas/ReturnShipmentRequest","allowed":{"/address_id":{"values":["ra-1"]}}},"fields":{"schema":\
"#/components/schemas/AcknowledgeReturnRequest","allowed":{"/evidence_ids":{"required":true,"depends_on":"/condition",\
"by":{"ITEM_RECEIVED":{}}}}},"parcels":[{"shipment_id":"p-1","carrier":"","status":null,"delivered_at":null,"item_ids":\
[""]}],"items":[{"item_id":"","quantity":1,"title":"","amount":{"amount_minor":1,"currency":"USD"}}],"assigned_to":null,\
"evidence_requests":0,"return_address":null,"return_addresses":[],"return_parcel":null,"return_shipment_due_at":null,\
"withdrawable":true,"files":[]}"available_actions":[{"action":"ACCEPT_OFFER","method":"POST","href":"/v1/disputes/dp-01\
","if_missed":"AUTO_ESCALATE","fields":null},"if_missed":"AUTO_ESCALATE","fields":{"schema":"#/components/schemas/\
OfferRequest","allowed":{"/type":{"values":["REFUND","REFUND_WITH_RETURN","NO_REFUND"],"required":true},\
"/refund/amount_minor":{"minimum":1,"maximum":1,"required":true,"depends_on":"/type","by":{"NO_REFUND":{"absent":true}}}\
,"/refund/currency":{"values":["USD"],"required":true,"depends_on":"/type","by":{"NO_REFUND":{"absent":true}}}}}},\
"fields":{"schema":"#/components/schemas/EscalateRequest","allowed":{"/confirm_no_agreement":{"values":[true],"required"\
:true},"/text":{"depends_on":"/claim_reason","by":{"OTHER":{"required":true}}}}}},"if_missed":null,"fields":{"schema":\
"#/components/schemas/EvidenceRequest","allowed":{"/files":{"required":true,"depends_on":"/type","by":{"STATEMENT":{},\
"CHAT_LOG":{},"OTHER":{}}}}}},{"action":"SEND_MESSAGE","method":"POST","href":"/v1/disputes/dp-01/messages",\
"available_from":"20","due_at":null,"mandatory":false,"if_missed":null,"fields":{"schema":"#/components/schemas/\
MessageRequest","allowed":{}}},"if_missed":null,"fields":{"schema":"#/components/schemas/ChangeReasonRequest",\
"allowed":{"/reason":{"values":["NOT_RECEIVED","NOT_AS_DESCRIBED"],"required":true},"/sub_reason":{"depends_on":\
"/reason","by":{"NOT_RECEIVED":{"values":["NO_TRACKING","IN_TRANSIT","CUSTOMS_HELD","RETURNED_TO_SENDER",\
"WRONG_ADDRESS"],"required":true},"NOT_AS_DESCRIBED":{"values":["DIFFERENT","DAMAGED","POOR_QUALITY","WRONG_QUANTITY",\
"COUNTERFEIT","MISSING_PARTS"]}}},"/description":{"depends_on":"/reason","by":{"NOT_RECEIVED":{"absent":true}}}}}},\
"if_missed":null,"fields":{"schema":"#/components/schemas/CancelRequest","allowed":{"/acknowledge_consequences":\
{"values":[true],"required":true}}}}],"notices":[],"version":1,"updated_at":"20","buyer":{"id":"","display_name":""},\
"seller":{"id":"","display_name":""},"settlement":null,"unread_messages":0,"last_message_at":null,"limits":\
{"offers_left":19,"evidence_left":50,"files":10,"bytes":52428800},"viewer":{"role":"SELLER"},"viewer":{"role":"BUYER"},\
"as_of":"20\
"""
)
# A stored answer names its words by their checksum, behind the two bytes of its header (RFC 1950).
_BY_ID = {zlib.adler32(words).to_bytes(4): words for words in (_WORDS, _WORDS_OF_TODAY)}


def deflate(body: bytes) -> bytes:
    """The answer as it is stored."""
    packer = zlib.compressobj(level=9, zdict=_WORDS_OF_TODAY)
    return packer.compress(body) + packer.flush()


def inflate(stored: bytes) -> bytes:
    """The answer as it was given."""
    return zlib.decompressobj(zdict=_BY_ID[stored[2:6]]).decompress(stored)
