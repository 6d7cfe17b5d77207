// Words for values that the team alone reads, and for values that it reads otherwise than the parties do.
import { userId } from "../auth";
import type { ColleagueDocument, DecisionOutcome, Dispute, OutcomeCode } from "../api/types";
import { OUTCOMES } from "../enums";
import { isolated, N, t, wordOf } from "../words";

export const DECISIONS = {
  BUYER_FAVOUR: N("The buyer gets everything"),
  PARTIAL: N("The buyer gets a part"),
  SELLER_FAVOUR: N("The buyer gets nothing"),
} satisfies Record<DecisionOutcome, string>;

/** The rules that a brief names, in words (docs/rules.md); a test compares the ids with the brief's. */
export const RULES: Record<string, string> = {
  R15: N("Without an agreement in time the case comes to the team by itself."),
  R20: N("A seller's silence is a reason to ask the team, and by itself no refund."),
  R21: N("Evidence from the negotiation counts too."),
  R22: N("Without any evidence in time the claim is cancelled."),
  R24: N("The team decides on the evidence of both sides, and gives its reasons."),
  R25: N("The decision is final."),
  R29: N("What the carrier reports counts as long as the case is open."),
  R30: N("The buyer is informed of each delivery; a delivery alone closes nothing."),
  R31: N("To collect the parcel is up to the buyer."),
  R32: N("A parcel that needs a signature is proved by the signature alone."),
  R35: N("Held by customs: the seller gives the papers, the import is up to the buyer."),
  R36: N("Goods go back to an address that the seller has confirmed."),
};

/** What a suggestion rests on; a test compares the codes with the brief's. */
export const GROUNDS: Record<string, string> = {
  BOTH_GAVE_EVIDENCE: N("Both sides gave evidence."),
  ONLY_BUYER_GAVE_EVIDENCE: N("Only the buyer gave evidence."),
  ONLY_SELLER_GAVE_EVIDENCE: N("Only the seller gave evidence."),
  NOBODY_GAVE_EVIDENCE: N("Nobody gave evidence."),
  PARCEL_NOT_COLLECTED: N("The parcel was not collected."),
  SIGNATURE_MISSING: N("The signature on delivery is missing."),
  DELIVERY_PROVED: N("The carrier reported the delivery."),
  NO_PROOF_OF_DELIVERY: N("Nothing proves the delivery."),
  PROOF_TO_BE_READ: N("A proof of delivery was given, which somebody has to read."),
  NOTHING_TO_SPLIT: N("The amount is too small to be divided."),
};

export const UNSEEN: Record<string, string> = {
  TEXTS: N("what both sides wrote"),
  FILES: N("what the files show"),
  MESSAGES: N("the messages"),
  OFFERS: N("the offers"),
};

// The parties read of these as "you".
const ENDINGS: Partial<Record<OutcomeCode, string>> = {
  AGREED_FULL_REFUND: N("Both sides agreed: the buyer gets the whole refund."),
  AGREED_PARTIAL_REFUND: N("Both sides agreed: the buyer gets a part of the amount."),
  AGREED_NO_REFUND: N("Both sides agreed: there is no refund."),
  AGREED_REFUND_WITH_RETURN: N("Both sides agreed: the goods go back and the buyer gets a refund."),
};

export const endingWords = (code: string): string => wordOf({ ...OUTCOMES, ...ENDINGS }, code);

let names: Record<string, string> = {};

/** What the members of the team are called, as the last answer has it. */
export function learnNames(members: ColleagueDocument[]): void {
  names = Object.fromEntries(members.map((one) => [one.member_id, one.display_name]));
}

/** Who of the team that is: by a part of the id, where there is no name. */
export function memberWords(id: string | null | undefined): string {
  if (!id) return t("Nobody");
  return id === userId() ? t("You") : names[id] === undefined ? t("Colleague %(id)s", { id: id.slice(0, 8) }) : isolated(names[id]);
}

/** What is going on, as the team sees it. */
export function situationWords(dispute: Dispute, isWaiting: boolean): string {
  if (dispute.outcome) return endingWords(dispute.outcome.code);
  switch (dispute.status) {
    case "NEGOTIATION": return t("The two sides are still negotiating. Nothing is to be done.");
    case "CLAIM_EVIDENCE": return t("Evidence is awaited. The review begins afterwards by itself.");
    case "UNDER_REVIEW":
      if (isWaiting) return t("A decision waits for a second member of the team.");
      return dispute.assigned_to === userId() ? t("It is your turn to decide.") : t("A decision is needed.");
    default: return t("The goods go back to the seller. Nothing is to be done.");
  }
}
