// What is going on and whose turn it is, in one sentence; until when; and what happens if nobody acts.
import type { Action, ActionDocument, Dispute, DisputeSummary, IfMissed, MoneyDocument, OfferSummary, OutcomeSummary, Role } from "./api/types";
import { OUTCOMES } from "./enums";
import { money } from "./money";
import { isAhead, isOver } from "./time";
import { t, wordOf } from "./words";

type Due = "negotiation_due_at" | "evidence_due_at" | "decision_due_at" | "return_shipment_due_at" | "return_receipt_due_at";

/** Where a case stands, as the whole document and a list's summary of it both say. */
export type Standing = Pick<Dispute, "stage" | "status" | "party_state"> & Partial<Pick<Dispute, Due>>
  & Pick<DisputeSummary, "next_deadline"> & { current_offer?: OfferSummary | null; outcome?: OutcomeSummary | null };

export const isClosed = (dispute: Standing): boolean => dispute.stage === "CLOSED";
export const mustAct = (dispute: Standing): boolean => dispute.party_state === "REQUIRED_ACTION";

/** Which side the reader is on. */
export const readerOf = (dispute: Dispute): Role => dispute.viewer.role as Role;

/** When the present window ends; null where nothing ends by itself. */
export function deadlineOf(dispute: Standing): string | null {
  const due = {
    NEGOTIATION: dispute.negotiation_due_at,
    CLAIM_EVIDENCE: dispute.evidence_due_at,
    UNDER_REVIEW: dispute.decision_due_at,
    AWAITING_RETURN: dispute.return_shipment_due_at,
    RETURN_SHIPPED: dispute.return_receipt_due_at,
  }[dispute.status];
  return due ?? dispute.next_deadline?.due_at ?? null;
}

/** Past its date and not yet moved on: the clock is about to. A decision may be late. */
export const isEnding = (dispute: Standing): boolean => dispute.status !== "UNDER_REVIEW" && isOver(deadlineOf(dispute));

/** What an offer is, as the mails say it. */
export function offerWords(type: string, refund: MoneyDocument): string {
  if (type === "NO_REFUND") return t("no refund");
  const amount = money(refund);
  if (type === "REFUND_WITH_RETURN") return t("a refund of %(refund)s once the goods are back with the seller", { refund: amount });
  return t("a refund of %(refund)s", { refund: amount });
}

/** The sentence at the head of the page. */
export function situationOf(dispute: Standing, reader: Role): string {
  if (isClosed(dispute)) return dispute.outcome ? wordOf(OUTCOMES, dispute.outcome.code) : t("The case is closed.");
  if (isEnding(dispute)) return t("The time is over. The case is about to move on by itself; this takes a moment.");
  const isBuyer = reader === "BUYER";
  switch (dispute.status) {
    case "NEGOTIATION": return negotiation(dispute, reader);
    case "CLAIM_EVIDENCE": return evidence(dispute);
    case "UNDER_REVIEW": return t("The Case Management Team looks at everything and decides. You do not have to do anything.");
    case "AWAITING_RETURN": return isBuyer ? sendingBack(dispute) : receivingLater(dispute);
    case "RETURN_SHIPPED": return isBuyer
      ? t("The goods are on their way back. It is the seller's turn to say how they arrived.")
      : t("The goods are on their way back to you. Say how they arrived as soon as they are there.");
    default: return t("The case is closed.");
  }
}

function negotiation(dispute: Standing, reader: Role): string {
  const offer = dispute.current_offer ?? null;
  if (offer !== null && offer.made_by !== reader) {
    const words = { offer: offerWords(offer.type, offer.refund) };
    return reader === "BUYER"
      ? t("The seller offers %(offer)s. It is your turn to answer.", words)
      : t("The buyer asks for %(offer)s. It is your turn to answer.", words);
  }
  if (offer !== null) {
    const words = { offer: offerWords(offer.type, offer.refund) };
    return reader === "BUYER"
      ? t("You asked for %(offer)s. It is the seller's turn to answer.", words)
      : t("You offered %(offer)s. It is the buyer's turn to answer.", words);
  }
  return mustAct(dispute)
    ? t("No offer stands at the moment. It is your turn to make one.")
    : t("No offer stands at the moment. It is the other side's turn to make one.");
}

function evidence(dispute: Standing): string {
  return mustAct(dispute)
    ? t("The Case Management Team will decide. It is your turn to give evidence.")
    : t("The Case Management Team will decide. Evidence of the other side is awaited.");
}

function sendingBack(dispute: Standing): string {
  return mustAct(dispute)
    ? t("It is your turn to send the goods back and to register the parcel.")
    : t("The goods go back to the seller, who has to confirm the address first.");
}

function receivingLater(dispute: Standing): string {
  return mustAct(dispute)
    ? t("The goods come back to you. It is your turn to confirm the address.")
    : t("It is the buyer's turn to send the goods back.");
}

/** What the clock does when nobody acts, as the mails say it. */
export function missedWords(value: string, isBuyer: boolean): string {
  switch (value as IfMissed) {
    case "AUTO_ESCALATE":
      return t("If no agreement is reached by then, the case goes to the Case Management Team by itself, and offers that are still open lapse.");
    case "CLAIM_CANCELLED": return isBuyer
      ? t("If neither you nor the seller gives any evidence by then, the claim is cancelled and there is no refund. If only the seller gives some, the team decides without yours.")
      : t("If neither you nor the buyer gives any evidence by then, the claim is cancelled. If only the buyer gives some, the team decides without yours.");
    case "DECIDED_WITHOUT_YOU":
      return t("The Case Management Team decides on what it has by then, without anything more from you.");
    case "REASON_CHANGE_CLOSES":
      return t("The case stays open with the reason it has. After that the reason can no longer be changed.");
    case "RETURN_NOT_SHIPPED": return isBuyer
      ? t("If the return is not registered by then, the case is closed without a refund.")
      : t("If the buyer does not register the return by then, the case is closed without a refund.");
    case "REFUND_WITHOUT_RETURN": return isBuyer
      ? t("If the seller gives no return address by then, the refund is due without a return.")
      : t("If you give no return address by then, the buyer gets the refund and keeps the goods.");
    case "REFUND_ON_DELIVERY": return isBuyer
      ? t("If the seller does not answer by then, the refund is due where the carrier has reported the delivery; otherwise the Case Management Team looks at the return.")
      : t("If you do not answer by then, the buyer gets the refund where the carrier has reported the delivery; otherwise the Case Management Team looks at the return.");
    case "DEADLINE_MISSED": return t("Nothing happens to the case: you do not have to do anything.");
    default: return t("The case goes on without your answer.");
  }
}

// What a page offers first, where it is open.
const FIRST: string[] = [
  "CONFIRM_RETURN_ADDRESS", "REGISTER_RETURN_SHIPMENT", "ACKNOWLEDGE_RETURN", "ACCEPT_OFFER", "ACCEPT_REQUEST", "ADD_EVIDENCE", "ESCALATE",
  "MAKE_OFFER",
] satisfies Action[];

const BINDING: string[] = ["ACCEPT_OFFER", "ACCEPT_REQUEST", "ESCALATE"] satisfies Action[];

/** The actions that are open now, those that will be, and the one for the main button. */
export function actionsOf(dispute: Dispute): { open: ActionDocument[]; later: ActionDocument[]; main: ActionDocument | null } {
  const known = isEnding(dispute) ? [] : dispute.available_actions.filter((one) => one.due_at === null || isAhead(one.due_at));
  const open = known.filter((one) => !isAhead(one.available_from));
  const later = known.filter((one) => isAhead(one.available_from));
  const pressing = open.filter((one) => one.mandatory);
  // Where it is the other side's turn, nothing that binds the reader stands out.
  const calm = mustAct(dispute) ? open : open.filter((one) => !BINDING.includes(one.action));
  const among = pressing.some((one) => FIRST.includes(one.action)) ? pressing : calm;
  const main = FIRST.map((action) => among.find((one) => one.action === action)).find((one) => one !== undefined) ?? null;
  return { open, later, main };
}

/** What the page says of silence: the pressing action's consequence, or that of the window. */
export function consequenceOf(dispute: Dispute): string | null {
  const { open, later } = actionsOf(dispute);
  const due = deadlineOf(dispute);
  const named = [...open.filter((one) => one.mandatory), ...open, ...later].filter((one) => one.due_at === due || one.mandatory);
  return named.find((one) => one.if_missed !== null)?.if_missed ?? null;
}
