// The history of a case in plain words: one sentence per entry of the timeline.
import type { EventType, TimelineDocument } from "./api/types";
import { N, t, wordOf } from "./words";

// What the parties did begins with them; the words for the system and the team name no one.
const BUYER = {
  DISPUTE_OPENED: N("The buyer asked for a refund."),
  OFFER_MADE: N("The buyer made an offer."),
  OFFER_ACCEPTED: N("The buyer accepted the offer."),
  OFFER_DECLINED: N("The buyer declined the offer."),
  OFFER_WITHDRAWN: N("The buyer withdrew the offer."),
  ESCALATED: N("The buyer asked the team to decide."),
  EVIDENCE_ADDED: N("The buyer gave evidence."),
  EVIDENCE_SUBMITTED: N("The buyer gave evidence."),
  EVIDENCE_WITHDRAWN: N("The buyer withdrew evidence."),
  EVIDENCE_COMPLETED: N("The buyer has nothing more to add."),
  MESSAGE_SENT: N("The buyer wrote a message."),
  MESSAGES_READ: N("The buyer read the messages."),
} satisfies Partial<Record<EventType, string>>;

const SELLER = {
  OFFER_MADE: N("The seller made an offer."),
  OFFER_ACCEPTED: N("The seller accepted the offer."),
  OFFER_DECLINED: N("The seller declined the offer."),
  OFFER_WITHDRAWN: N("The seller withdrew the offer."),
  EVIDENCE_ADDED: N("The seller gave evidence."),
  EVIDENCE_SUBMITTED: N("The seller gave evidence."),
  EVIDENCE_WITHDRAWN: N("The seller withdrew evidence."),
  EVIDENCE_COMPLETED: N("The seller has nothing more to add."),
  MESSAGE_SENT: N("The seller wrote a message."),
  MESSAGES_READ: N("The seller read the messages."),
} satisfies Partial<Record<EventType, string>>;

const ANYBODY = {
  ASSIGNED: N("Somebody of the team took the case."),
  CANCELLED: N("The case was cancelled."),
  CLOCK_MOVED: N("The clock of this test case was moved."),
  DEADLINE_MISSED: N("A deadline passed."),
  DECIDED: N("The team decided."),
  DELIVERED: N("The carrier reported the delivery."),
  DELIVERY_CORRECTED: N("The carrier took the report of the delivery back."),
  DISPUTE_OPENED: N("The case was opened."),
  ESCALATED: N("The case went to the team: no agreement was reached in time."),
  ESCALATION_AVAILABLE: N("From now on the buyer could ask the team to decide."),
  EVIDENCE_ADDED: N("Evidence was given."),
  EVIDENCE_COMPLETED: N("One side has nothing more to add."),
  EVIDENCE_FILE_VERIFIED: N("A file was checked and counts."),
  EVIDENCE_REFUSED: N("A file was refused."),
  EVIDENCE_REQUESTED: N("The team asked for evidence."),
  EVIDENCE_SUBMITTED: N("Evidence was given."),
  EVIDENCE_WINDOW_SET: N("The team set another date for evidence."),
  EVIDENCE_WITHDRAWN: N("Evidence was withdrawn."),
  MEDIATION_OPENED: N("The team has the case."),
  MESSAGES_READ: N("Messages were read."),
  MESSAGE_SENT: N("The team wrote a message."),
  OFFER_ACCEPTED: N("An offer was accepted."),
  OFFER_DECLINED: N("An offer was declined."),
  OFFER_MADE: N("An offer was made."),
  OFFER_WITHDRAWN: N("An offer was withdrawn."),
  PROPOSAL_MADE: N("The team proposed a settlement."),
  ORDER_CHANGED: N("What can be refunded for this order changed."),
  REASON_CHANGED: N("The buyer changed the reason."),
  REFUND_FAILED: N("The refund could not be paid and will be tried again."),
  REFUND_GIVEN_UP: N("The refund could not be paid."),
  REFUND_HELD: N("The refund was held."),
  REFUND_RELEASED: N("The refund was released."),
  REFUND_RETURNED: N("The refund came back from the bank."),
  REFUND_SUCCEEDED: N("The refund was paid."),
  REMINDED: N("A reminder was sent."),
  RETURN_ADDRESS_CONFIRMED: N("The seller confirmed a return address."),
  RETURN_CLOSED: N("The return ended."),
  RETURN_DELIVERED: N("The return was delivered."),
  RETURN_PROBLEM: N("The seller reported a problem with the return."),
  RETURN_SHIPPED: N("The buyer sent the goods back."),
  REVIEW_STARTED: N("The review began."),
  TIME_GIVEN: N("A date moved, so that nobody loses time over an outage of ours."),
  UPLOADS_AWAITED: N("The review waits for files that are being checked."),
} satisfies Record<EventType, string>;

/** One entry as a sentence. What a newer API adds is shown by its name. */
export function sentenceOf(entry: TimelineDocument): string {
  const own: Record<string, string> =
    entry.actor.role === "BUYER" ? BUYER : entry.actor.role === "SELLER" ? SELLER : {};
  const message = own[entry.type];
  return message === undefined ? wordOf(ANYBODY, entry.type) : t(message);
}
