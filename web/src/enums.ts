// The words for every value of the contract that a page shows. A value without words does not compile. Where the mails
// have a word for a value, it is the same one (a test compares them).
import type {
  Action, ClaimReason, DecisionReason, EvidenceStatus, EvidenceType, FileRefusal, FileWarning, NoticeCode, OfferStatus, OutcomeCode, Reason,
  RefundProgress, ReturnCondition, Role, Status, SubReason, TrackingStatus,
} from "./api/types";
import { N } from "./words";

export const REASONS = {
  NOT_RECEIVED: N("The order has not arrived"),
  NOT_AS_DESCRIBED: N("The order is not as described"),
} satisfies Record<Reason, string>;

export const SUB_REASONS = {
  NO_TRACKING: N("no tracking information"),
  IN_TRANSIT: N("still on its way"),
  CUSTOMS_HELD: N("held by customs"),
  RETURNED_TO_SENDER: N("sent back to the seller"),
  WRONG_ADDRESS: N("sent to another address"),
  DIFFERENT: N("a different item"),
  DAMAGED: N("damaged"),
  POOR_QUALITY: N("poor quality"),
  WRONG_QUANTITY: N("wrong quantity"),
  COUNTERFEIT: N("counterfeit"),
  MISSING_PARTS: N("parts are missing"),
} satisfies Record<SubReason, string>;

/** Which sub-reasons a reason has. */
export const SUB_REASONS_OF: Record<Reason, SubReason[]> = {
  NOT_RECEIVED: ["NO_TRACKING", "IN_TRANSIT", "CUSTOMS_HELD", "RETURNED_TO_SENDER", "WRONG_ADDRESS"],
  NOT_AS_DESCRIBED: ["DIFFERENT", "DAMAGED", "POOR_QUALITY", "WRONG_QUANTITY", "COUNTERFEIT", "MISSING_PARTS"],
};

export const CLAIM_REASONS = {
  SELLER_NOT_RESPONDING: N("The seller does not answer."),
  SELLER_REFUSED_PARTIAL_REFUND: N("The seller refuses a partial refund."),
  SELLER_REFUSED_REFUND: N("The seller refuses a refund."),
  OTHER: N("Another reason."),
} satisfies Record<ClaimReason, string>;

export const FILE_REFUSALS = {
  WRONG_SIZE: N("The uploaded file does not have the size you stated."),
  WRONG_TYPE: N("The file is not of the type you stated."),
  WRONG_CHECKSUM: N("The file arrived changed or damaged."),
  MALWARE: N("A check found harmful content in the file."),
  NOT_SCANNABLE: N("The file could not be checked for harmful content."),
  NOT_READABLE: N("The picture is damaged or incomplete."),
  TOO_MANY_PIXELS: N("The picture has too many pixels."),
  ANIMATED: N("The picture moves."),
  LATE: N("The time for evidence was over before the file could be checked."),
} satisfies Record<FileRefusal, string>;

/** What the owner of a file should know before it is uploaded. */
export const FILE_WARNINGS = {
  METADATA_STAYS: N("The other side gets this file as it is: it may say where, when and by whom it was made."),
} satisfies Record<FileWarning, string>;

/** What somebody can do about a refused file. */
export const REMEDIES = {
  WRONG_SIZE: N("Upload it again."),
  WRONG_TYPE: N("Save it as JPEG, PNG, WebP, HEIC, PDF, MP4 or MOV and upload it again."),
  WRONG_CHECKSUM: N("Upload it again."),
  MALWARE: N("Take a new photo or picture of the screen and upload that."),
  NOT_SCANNABLE: N("Save it anew without a password and upload it again."),
  NOT_READABLE: N("Take it again, or save it anew as JPEG or PNG, and upload that."),
  TOO_MANY_PIXELS: N("Save it smaller, with 50 million pixels at most, and upload that."),
  ANIMATED: N("Upload a still picture, or the film as MP4 or MOV."),
  LATE: N("It does not count, and no other can take its place."),
} satisfies Record<FileRefusal, string>;

export const EVIDENCE_TYPES = {
  PHOTO: N("photo"),
  VIDEO: N("video"),
  STATEMENT: N("written statement"),
  CHAT_LOG: N("record of a conversation"),
  LISTING_SNAPSHOT: N("copy of the listing"),
  PROOF_OF_SHIPMENT: N("proof of shipment"),
  PROOF_OF_DELIVERY: N("proof of delivery"),
  PROOF_OF_DELIVERY_SIGNATURE: N("proof of delivery with the signature"),
  PROOF_OF_REFUND: N("proof of refund"),
  PROOF_OF_RETURN: N("proof of return"),
  CUSTOMS_DOCUMENT: N("customs document"),
  ADDRESS_CHANGE_CONSENT: N("written consent to a changed address"),
  THIRD_PARTY_REPORT: N("report of a third party"),
  OTHER: N("other document"),
} satisfies Record<EvidenceType, string>;

export const EVIDENCE_STATUSES = {
  ACCEPTED: N("taken into account"),
  PENDING: N("being uploaded or checked"),
  REFUSED: N("not taken into account"),
  WITHDRAWN: N("withdrawn"),
} satisfies Record<EvidenceStatus, string>;

export const DECISION_REASONS = {
  NOT_DELIVERED: N("The order was not delivered."),
  DELIVERY_PROVED: N("The delivery was proved."),
  DELIVERED_LATE: N("The order was delivered late."),
  SIGNATURE_MISSING: N("The signature on delivery is missing."),
  ITEM_DIFFERENT: N("The item differs from its description."),
  ITEM_DAMAGED: N("The item was damaged."),
  ITEM_INCOMPLETE: N("The item was incomplete."),
  ITEM_COUNTERFEIT: N("The item is counterfeit."),
  ITEM_AS_DESCRIBED: N("The item is as described."),
  SELLER_DID_NOT_RESPOND: N("The seller did not respond."),
  BUYER_EVIDENCE_INSUFFICIENT: N("The evidence of the buyer was not sufficient."),
  SELLER_EVIDENCE_INSUFFICIENT: N("The evidence of the seller was not sufficient."),
  BUYER_DID_NOT_COLLECT: N("The buyer did not collect the parcel."),
  BUYER_IMPORT_DUTY: N("Import duties and papers were for the buyer to settle."),
  BUYER_ADDRESS_ERROR: N("The delivery address given by the buyer was wrong."),
  RETURN_ACCEPTED: N("The return was accepted."),
  RETURN_REJECTED: N("The return was not accepted."),
  OTHER: N("Another reason, explained by the team."),
} satisfies Record<DecisionReason, string>;

export const RETURN_CONDITIONS = {
  ITEM_RECEIVED: N("The goods came back as they should."),
  NOT_RECEIVED: N("The parcel did not arrive."),
  DAMAGED: N("The goods came back damaged."),
  EMPTY_OR_DIFFERENT: N("The parcel was empty or held something else."),
  MISSING_ITEMS: N("Something was missing from the parcel."),
} satisfies Record<ReturnCondition, string>;

export const ROLES = {
  BUYER: N("Buyer"),
  SELLER: N("Seller"),
  CASE_MANAGER: N("Case Management Team"),
  SYSTEM: N("System"),
} satisfies Record<Role, string>;

export const STATUSES = {
  NEGOTIATION: N("Negotiation"),
  CLAIM_EVIDENCE: N("Gathering evidence"),
  UNDER_REVIEW: N("Under review"),
  AWAITING_RETURN: N("Waiting for the return"),
  RETURN_SHIPPED: N("Return on its way"),
  RESOLVED: N("Agreed"),
  DECIDED: N("Decided"),
  CANCELLED: N("Cancelled"),
} satisfies Record<Status, string>;

export const OFFER_STATUSES = {
  OPEN: N("open"),
  ACCEPTED: N("accepted"),
  DECLINED: N("declined"),
  WITHDRAWN: N("withdrawn"),
  REPLACED: N("replaced by a newer one"),
  LAPSED: N("lapsed"),
} satisfies Record<OfferStatus, string>;

export const TRACKING = {
  IN_TRANSIT: N("on its way"),
  CUSTOMS_HELD: N("held by customs"),
  ARRIVED_FOR_COLLECTION: N("ready for collection"),
  DELIVERED: N("delivered"),
  DELIVERY_CORRECTED: N("not delivered after all"),
  RETURNED_TO_SENDER: N("sent back to the seller"),
  COLLECTION_EXPIRED: N("not collected in time"),
} satisfies Record<TrackingStatus, string>;

export const NOTICES = {
  MAIL_UNDELIVERABLE: N("Our emails do not reach you: your address accepts none. Please correct it in the shop. The deadlines go on."),
  MAIL_STOPPED: N("You have marked our emails as unwanted, so that none are sent. Please look here: the deadlines go on."),
  MAIL_NOT_DELIVERED: N("One of our emails may not have reached you."),
  MAIL_DELAYED: N("One of our emails is late."),
  REFUND_HELD: N("The refund is being held while it is checked."),
  REFUND_RETRYING: N("The first attempt to pay the refund failed; it is being repeated."),
  REFUND_GIVEN_UP: N("The refund could not be paid. The shop's support is looking into it."),
  REFUND_RETURNED: N("The refund came back from the bank. The shop's support is looking into it."),
} satisfies Record<NoticeCode, string>;

export const REFUNDS = {
  REQUESTED: N("The refund of %(amount)s has been ordered."),
  HELD: N("The refund of %(amount)s is being held while it is checked."),
  RETRYING: N("The refund of %(amount)s is being tried again."),
  PAID: N("The refund of %(amount)s has been paid."),
  GIVEN_UP: N("The refund of %(amount)s could not be paid. The shop's support is looking into it."),
  RETURNED: N("The refund of %(amount)s came back from the bank. The shop's support is looking into it."),
} satisfies Record<RefundProgress, string>;

export const OUTCOMES = {
  AGREED_FULL_REFUND: N("You both agreed: the buyer gets the whole refund."),
  AGREED_PARTIAL_REFUND: N("You both agreed: the buyer gets a part of the amount."),
  AGREED_NO_REFUND: N("You both agreed: there is no refund."),
  AGREED_REFUND_WITH_RETURN: N("You both agreed: the goods go back and the buyer gets a refund."),
  DECIDED_BUYER_FAVOUR: N("The team decided: the buyer gets what was asked for."),
  DECIDED_PARTIAL: N("The team decided: the buyer gets a part of the amount."),
  DECIDED_SELLER_FAVOUR: N("The team decided: there is no refund, the seller keeps the money."),
  CANCELLED_BY_BUYER: N("The buyer cancelled the case. There is no refund."),
  CANCELLED_NO_EVIDENCE: N("Nobody gave evidence in time, so that the claim was cancelled. There is no refund."),
  RETURN_NOT_SHIPPED: N("The goods were not sent back in time. There is no refund."),
  REFUNDED_ELSEWHERE: N("Everything was refunded in another way."),
} satisfies Record<OutcomeCode, string>;

/** What the buttons say. Reading is no button. */
export const ACTIONS = {
  ACCEPT_OFFER: N("Accept the offer"),
  ACCEPT_REQUEST: N("Grant the whole request"),
  DECLINE_OFFER: N("Decline the offer"),
  MAKE_OFFER: N("Make an offer"),
  WITHDRAW_OFFER: N("Withdraw my offer"),
  ESCALATE: N("Ask the team to decide"),
  ADD_EVIDENCE: N("Add evidence"),
  EVIDENCE_COMPLETE: N("I have nothing more to add"),
  WITHDRAW_EVIDENCE: N("Withdraw evidence"),
  SEND_MESSAGE: N("Send a message"),
  CHANGE_REASON: N("Change the reason"),
  CANCEL: N("Cancel this case"),
  CONFIRM_RETURN_ADDRESS: N("Confirm the return address"),
  REGISTER_RETURN_SHIPMENT: N("Register the return parcel"),
  ACKNOWLEDGE_RETURN: N("Say how the goods came back"),
  ASSIGN: N("Assign"),
  UNASSIGN: N("Give the claim back"),
  DECIDE: N("Decide"),
  CONFIRM_DECISION: N("Confirm the decision"),
  REFUSE_DECISION: N("Refuse the decision"),
  WITHDRAW_DECISION: N("Withdraw the decision"),
  PROPOSE: N("Propose a settlement"),
  REQUEST_EVIDENCE: N("Ask for evidence"),
  SET_EVIDENCE_WINDOW: N("Set the date for evidence"),
  WRITE_NOTE: N("Write a note"),
  READ: "",
  READ_CONTENTS: "",
  READ_GUIDE: "",
  READ_CLAIM_BRIEF: "",
  READ_NOTES: "",
  MARK_MESSAGES_READ: "",
} satisfies Record<Action, string>;
