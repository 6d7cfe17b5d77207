"""The words of the field, as api.md fixes them. Values are the wire format: never rename one."""

from enum import StrEnum


class Role(StrEnum):
    """Who acts on, or reads, a case. A relation to the case, not a property of a person."""

    BUYER = "BUYER"
    SELLER = "SELLER"
    CASE_MANAGER = "CASE_MANAGER"
    SYSTEM = "SYSTEM"


PARTIES = (Role.BUYER, Role.SELLER)


class Status(StrEnum):
    """Where a case stands."""

    NEGOTIATION = "NEGOTIATION"
    CLAIM_EVIDENCE = "CLAIM_EVIDENCE"
    UNDER_REVIEW = "UNDER_REVIEW"
    AWAITING_RETURN = "AWAITING_RETURN"
    RETURN_SHIPPED = "RETURN_SHIPPED"
    RESOLVED = "RESOLVED"
    DECIDED = "DECIDED"
    CANCELLED = "CANCELLED"


TERMINAL = frozenset({Status.RESOLVED, Status.DECIDED, Status.CANCELLED})
OPEN = frozenset(Status) - TERMINAL


class Stage(StrEnum):
    """The coarse phase a page shows."""

    NEGOTIATION = "NEGOTIATION"
    CLAIM = "CLAIM"
    CLOSED = "CLOSED"


class PartyState(StrEnum):
    """What a case asks of its reader."""

    REQUIRED_ACTION = "REQUIRED_ACTION"
    REQUIRED_OTHER_PARTY_ACTION = "REQUIRED_OTHER_PARTY_ACTION"
    UNDER_REVIEW = "UNDER_REVIEW"
    RESOLVED = "RESOLVED"


class Reason(StrEnum):
    """R10: why the buyer asks for a refund."""

    NOT_RECEIVED = "NOT_RECEIVED"
    NOT_AS_DESCRIBED = "NOT_AS_DESCRIBED"


class SubReason(StrEnum):
    """R10: the finer reason; which belong to which reason is in `SUB_REASONS`."""

    NO_TRACKING = "NO_TRACKING"
    IN_TRANSIT = "IN_TRANSIT"
    CUSTOMS_HELD = "CUSTOMS_HELD"
    RETURNED_TO_SENDER = "RETURNED_TO_SENDER"
    WRONG_ADDRESS = "WRONG_ADDRESS"
    DIFFERENT = "DIFFERENT"
    DAMAGED = "DAMAGED"
    POOR_QUALITY = "POOR_QUALITY"
    WRONG_QUANTITY = "WRONG_QUANTITY"
    COUNTERFEIT = "COUNTERFEIT"
    MISSING_PARTS = "MISSING_PARTS"


SUB_REASONS: dict[Reason, frozenset[SubReason]] = {
    Reason.NOT_RECEIVED: frozenset(
        {
            SubReason.NO_TRACKING,
            SubReason.IN_TRANSIT,
            SubReason.CUSTOMS_HELD,
            SubReason.RETURNED_TO_SENDER,
            SubReason.WRONG_ADDRESS,
        }
    ),
    Reason.NOT_AS_DESCRIBED: frozenset(
        {
            SubReason.DIFFERENT,
            SubReason.DAMAGED,
            SubReason.POOR_QUALITY,
            SubReason.WRONG_QUANTITY,
            SubReason.COUNTERFEIT,
            SubReason.MISSING_PARTS,
        }
    ),
}


class ClaimReason(StrEnum):
    """R20: why the buyer escalates."""

    SELLER_NOT_RESPONDING = "SELLER_NOT_RESPONDING"
    SELLER_REFUSED_PARTIAL_REFUND = "SELLER_REFUSED_PARTIAL_REFUND"
    SELLER_REFUSED_REFUND = "SELLER_REFUSED_REFUND"
    OTHER = "OTHER"


class OfferType(StrEnum):
    """R14: what a proposal gives the buyer."""

    REFUND = "REFUND"
    REFUND_WITH_RETURN = "REFUND_WITH_RETURN"
    NO_REFUND = "NO_REFUND"


class OfferStatus(StrEnum):
    """Where a proposal stands. Only an OPEN one can be accepted."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    REPLACED = "REPLACED"
    LAPSED = "LAPSED"


class EvidenceType(StrEnum):
    """What an item of evidence is (R33: ADDRESS_CHANGE_CONSENT, R35: CUSTOMS_DOCUMENT)."""

    PHOTO = "PHOTO"
    VIDEO = "VIDEO"
    STATEMENT = "STATEMENT"
    CHAT_LOG = "CHAT_LOG"
    LISTING_SNAPSHOT = "LISTING_SNAPSHOT"
    PROOF_OF_SHIPMENT = "PROOF_OF_SHIPMENT"
    PROOF_OF_DELIVERY = "PROOF_OF_DELIVERY"
    PROOF_OF_DELIVERY_SIGNATURE = "PROOF_OF_DELIVERY_SIGNATURE"
    PROOF_OF_REFUND = "PROOF_OF_REFUND"
    PROOF_OF_RETURN = "PROOF_OF_RETURN"
    CUSTOMS_DOCUMENT = "CUSTOMS_DOCUMENT"
    ADDRESS_CHANGE_CONSENT = "ADDRESS_CHANGE_CONSENT"
    THIRD_PARTY_REPORT = "THIRD_PARTY_REPORT"
    OTHER = "OTHER"


class MediaType(StrEnum):
    """What a file of evidence may be."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"
    MP4 = "video/mp4"


class EvidenceStatus(StrEnum):
    """Where an item of evidence stands. Only an ACCEPTED one counts."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class FileStatus(StrEnum):
    """Where a file of evidence stands. Only a VERIFIED one can be downloaded."""

    PENDING = "PENDING"
    VERIFIED = "VERIFIED"
    REFUSED = "REFUSED"


class FileRefusal(StrEnum):
    """Why an uploaded file was refused."""

    WRONG_SIZE = "WRONG_SIZE"
    WRONG_TYPE = "WRONG_TYPE"
    WRONG_CHECKSUM = "WRONG_CHECKSUM"
    MALWARE = "MALWARE"
    NOT_SCANNABLE = "NOT_SCANNABLE"
    LATE = "LATE"


class DecisionOutcome(StrEnum):
    """R24: in whose favour the Case Management Team rules."""

    BUYER_FAVOUR = "BUYER_FAVOUR"
    SELLER_FAVOUR = "SELLER_FAVOUR"
    PARTIAL = "PARTIAL"


class DecisionReason(StrEnum):
    """R24: why (R31: BUYER_DID_NOT_COLLECT, R35: BUYER_IMPORT_DUTY)."""

    NOT_DELIVERED = "NOT_DELIVERED"
    DELIVERY_PROVED = "DELIVERY_PROVED"
    DELIVERED_LATE = "DELIVERED_LATE"
    SIGNATURE_MISSING = "SIGNATURE_MISSING"
    ITEM_DIFFERENT = "ITEM_DIFFERENT"
    ITEM_DAMAGED = "ITEM_DAMAGED"
    ITEM_INCOMPLETE = "ITEM_INCOMPLETE"
    ITEM_COUNTERFEIT = "ITEM_COUNTERFEIT"
    ITEM_AS_DESCRIBED = "ITEM_AS_DESCRIBED"
    SELLER_DID_NOT_RESPOND = "SELLER_DID_NOT_RESPOND"
    BUYER_EVIDENCE_INSUFFICIENT = "BUYER_EVIDENCE_INSUFFICIENT"
    SELLER_EVIDENCE_INSUFFICIENT = "SELLER_EVIDENCE_INSUFFICIENT"
    BUYER_DID_NOT_COLLECT = "BUYER_DID_NOT_COLLECT"
    BUYER_IMPORT_DUTY = "BUYER_IMPORT_DUTY"
    BUYER_ADDRESS_ERROR = "BUYER_ADDRESS_ERROR"
    RETURN_ACCEPTED = "RETURN_ACCEPTED"
    RETURN_REJECTED = "RETURN_REJECTED"
    OTHER = "OTHER"


class OutcomeCode(StrEnum):
    """How a case ended."""

    AGREED_FULL_REFUND = "AGREED_FULL_REFUND"
    AGREED_PARTIAL_REFUND = "AGREED_PARTIAL_REFUND"
    AGREED_NO_REFUND = "AGREED_NO_REFUND"
    AGREED_REFUND_WITH_RETURN = "AGREED_REFUND_WITH_RETURN"
    DECIDED_BUYER_FAVOUR = "DECIDED_BUYER_FAVOUR"
    DECIDED_PARTIAL = "DECIDED_PARTIAL"
    DECIDED_SELLER_FAVOUR = "DECIDED_SELLER_FAVOUR"
    CANCELLED_BY_BUYER = "CANCELLED_BY_BUYER"
    CANCELLED_NO_EVIDENCE = "CANCELLED_NO_EVIDENCE"
    RETURN_NOT_SHIPPED = "RETURN_NOT_SHIPPED"
    REFUNDED_ELSEWHERE = "REFUNDED_ELSEWHERE"


class RefundStatus(StrEnum):
    """What became of the money that a case ended with, as it is stored. Each may still become SUCCEEDED.

    HELD: it is not sent out, because it no longer fits into what the order has left (R39). GIVEN_UP: it failed for days
    and is not asked for any more. RETURNED: the bank sent it back after it was paid.
    """

    REQUESTED = "REQUESTED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    HELD = "HELD"
    GIVEN_UP = "GIVEN_UP"
    RETURNED = "RETURNED"


class RefundProgress(StrEnum):
    """R44: the same in the contract's words. RETRYING: it failed and is asked for again; RETURNED: it came back from
    the bank after it was paid, and is not asked for again by itself."""

    REQUESTED = "REQUESTED"
    HELD = "HELD"
    RETRYING = "RETRYING"
    PAID = "PAID"
    GIVEN_UP = "GIVEN_UP"
    RETURNED = "RETURNED"


class NoticeCode(StrEnum):
    """What a party is shown on its case: of mails that did not arrive (`mail_alert`), and of a refund that does not
    come as it should (R44)."""

    MAIL_DELAYED = "MAIL_DELAYED"
    MAIL_NOT_DELIVERED = "MAIL_NOT_DELIVERED"
    MAIL_UNDELIVERABLE = "MAIL_UNDELIVERABLE"
    MAIL_STOPPED = "MAIL_STOPPED"
    REFUND_RETRYING = "REFUND_RETRYING"
    REFUND_HELD = "REFUND_HELD"
    REFUND_GIVEN_UP = "REFUND_GIVEN_UP"
    REFUND_RETURNED = "REFUND_RETURNED"


class RefundKind(StrEnum):
    """R39: why money was given back outside of a dispute."""

    GOODWILL = "GOODWILL"
    CANCELLATION = "CANCELLATION"
    CHARGEBACK = "CHARGEBACK"
    OTHER = "OTHER"


class OrderCause(StrEnum):
    """R39: what changed the most that an open case can grant."""

    ORDER = "ORDER"
    REFUND_ELSEWHERE = "REFUND_ELSEWHERE"
    REFUND_REVERSED = "REFUND_REVERSED"


class ReturnCondition(StrEnum):
    """R36: what the seller says of a return that should have come."""

    ITEM_RECEIVED = "ITEM_RECEIVED"
    NOT_RECEIVED = "NOT_RECEIVED"
    DAMAGED = "DAMAGED"
    EMPTY_OR_DIFFERENT = "EMPTY_OR_DIFFERENT"
    MISSING_ITEMS = "MISSING_ITEMS"


class TrackingStatus(StrEnum):
    """R29: what a carrier reports."""

    IN_TRANSIT = "IN_TRANSIT"
    CUSTOMS_HELD = "CUSTOMS_HELD"
    ARRIVED_FOR_COLLECTION = "ARRIVED_FOR_COLLECTION"
    DELIVERED = "DELIVERED"
    RETURNED_TO_SENDER = "RETURNED_TO_SENDER"
    COLLECTION_EXPIRED = "COLLECTION_EXPIRED"


class DeliveryMethod(StrEnum):
    """R32: how the parcel is handed over."""

    DRIVER_RELEASE = "DRIVER_RELEASE"
    SIGNATURE = "SIGNATURE"


class IfMissed(StrEnum):
    """What the clock does when nobody acts by the due instant."""

    AUTO_ESCALATE = "AUTO_ESCALATE"
    CLAIM_CANCELLED = "CLAIM_CANCELLED"
    DECIDED_WITHOUT_YOU = "DECIDED_WITHOUT_YOU"
    REASON_CHANGE_CLOSES = "REASON_CHANGE_CLOSES"
    RETURN_NOT_SHIPPED = "RETURN_NOT_SHIPPED"
    REFUND_WITHOUT_RETURN = "REFUND_WITHOUT_RETURN"
    REFUND_ON_DELIVERY = "REFUND_ON_DELIVERY"
    DEADLINE_MISSED = "DEADLINE_MISSED"


class Action(StrEnum):
    """What somebody can do to a case, or read of it. Who may is in `actions.GATES`."""

    READ = "READ"
    READ_CLAIM_BRIEF = "READ_CLAIM_BRIEF"
    READ_GUIDE = "READ_GUIDE"
    MAKE_OFFER = "MAKE_OFFER"
    ACCEPT_OFFER = "ACCEPT_OFFER"
    DECLINE_OFFER = "DECLINE_OFFER"
    WITHDRAW_OFFER = "WITHDRAW_OFFER"
    ACCEPT_REQUEST = "ACCEPT_REQUEST"
    ESCALATE = "ESCALATE"
    CHANGE_REASON = "CHANGE_REASON"
    CANCEL = "CANCEL"
    ADD_EVIDENCE = "ADD_EVIDENCE"
    WITHDRAW_EVIDENCE = "WITHDRAW_EVIDENCE"
    SEND_MESSAGE = "SEND_MESSAGE"
    EVIDENCE_COMPLETE = "EVIDENCE_COMPLETE"
    SET_EVIDENCE_WINDOW = "SET_EVIDENCE_WINDOW"
    DECIDE = "DECIDE"
    ASSIGN = "ASSIGN"
    REQUEST_EVIDENCE = "REQUEST_EVIDENCE"
    CONFIRM_RETURN_ADDRESS = "CONFIRM_RETURN_ADDRESS"
    REGISTER_RETURN_SHIPMENT = "REGISTER_RETURN_SHIPMENT"
    ACKNOWLEDGE_RETURN = "ACKNOWLEDGE_RETURN"


class EventType(StrEnum):
    """What a timeline row says happened."""

    DISPUTE_OPENED = "DISPUTE_OPENED"
    OFFER_MADE = "OFFER_MADE"
    OFFER_DECLINED = "OFFER_DECLINED"
    OFFER_WITHDRAWN = "OFFER_WITHDRAWN"
    OFFER_ACCEPTED = "OFFER_ACCEPTED"
    ESCALATED = "ESCALATED"
    MEDIATION_OPENED = "MEDIATION_OPENED"
    EVIDENCE_SUBMITTED = "EVIDENCE_SUBMITTED"
    EVIDENCE_FILE_VERIFIED = "EVIDENCE_FILE_VERIFIED"
    EVIDENCE_ADDED = "EVIDENCE_ADDED"
    EVIDENCE_REFUSED = "EVIDENCE_REFUSED"
    EVIDENCE_WITHDRAWN = "EVIDENCE_WITHDRAWN"
    MESSAGE_SENT = "MESSAGE_SENT"
    MESSAGES_READ = "MESSAGES_READ"
    EVIDENCE_COMPLETED = "EVIDENCE_COMPLETED"
    EVIDENCE_WINDOW_SET = "EVIDENCE_WINDOW_SET"
    REVIEW_STARTED = "REVIEW_STARTED"
    DECIDED = "DECIDED"
    REASON_CHANGED = "REASON_CHANGED"
    CANCELLED = "CANCELLED"
    DELIVERED = "DELIVERED"
    ASSIGNED = "ASSIGNED"
    EVIDENCE_REQUESTED = "EVIDENCE_REQUESTED"
    RETURN_ADDRESS_CONFIRMED = "RETURN_ADDRESS_CONFIRMED"
    RETURN_SHIPPED = "RETURN_SHIPPED"
    RETURN_DELIVERED = "RETURN_DELIVERED"
    RETURN_PROBLEM = "RETURN_PROBLEM"
    RETURN_CLOSED = "RETURN_CLOSED"
    ESCALATION_AVAILABLE = "ESCALATION_AVAILABLE"
    REMINDED = "REMINDED"
    DEADLINE_MISSED = "DEADLINE_MISSED"
    REFUND_SUCCEEDED = "REFUND_SUCCEEDED"
    REFUND_FAILED = "REFUND_FAILED"
    ORDER_CHANGED = "ORDER_CHANGED"
    REFUND_HELD = "REFUND_HELD"
    REFUND_RELEASED = "REFUND_RELEASED"
    REFUND_GIVEN_UP = "REFUND_GIVEN_UP"
    REFUND_RETURNED = "REFUND_RETURNED"


# What becomes of a refund after its case has ended: entries that leave the case's version as it is (R44).
ABOUT_REFUND = frozenset(
    {
        EventType.REFUND_SUCCEEDED,
        EventType.REFUND_FAILED,
        EventType.REFUND_HELD,
        EventType.REFUND_RELEASED,
        EventType.REFUND_GIVEN_UP,
        EventType.REFUND_RETURNED,
    }
)
