// What went wrong, in words, and what helps. The API's own sentences are for engineers.
import { Refused, Unreachable } from "./api/client";
import { SignInNeeded } from "./auth";
import { money } from "./money";
import { instant } from "./time";
import { N, t } from "./words";

const WORDS: Record<string, string> = {
  STALE_VERSION: N("The case has changed in the meantime. It is shown anew; what you typed is still here."),
  WRONG_STATUS: N("The case has moved on, so that this is no longer possible."),
  DISPUTE_CLOSED: N("The case is closed."),
  OFFER_NOT_CURRENT: N("This offer no longer stands."),
  AMOUNT_OUT_OF_RANGE: N("This amount is not possible here."),
  CURRENCY_MISMATCH: N("The amount must be in the currency of the order."),
  LIMIT_REACHED: N("You have reached the limit for this."),
  REASON_CHANGE_CLOSED: N("The reason can no longer be changed."),
  RETURN_ADDRESS_UNCONFIRMED: N("The seller has not confirmed a return address yet."),
  NOT_SHIPPED: N("The order has not been shipped yet."),
  ORDER_COMPLETED: N("The order is completed, so that no dispute can be opened."),
  DISPUTE_EXISTS: N("There is already a case about this order."),
  DISPUTE_OPEN: N("There is an open case about this order."),
  NOTHING_TO_REFUND: N("Nothing that was paid is left to refund."),
  TOO_EARLY: N("It is too early for this."),
  TOO_LATE: N("The time for this is over."),
  ITEM_SETTLED: N("One of these items has been settled already."),
  UPLOAD_PENDING: N("A file is still being checked. Please wait a moment and try again."),
  CONFIRMATION_NEEDED: N("Please confirm that you know what this means."),
  VALIDATION_FAILED: N("Something in the form is not as it should be."),
  NO_CLAIM_WAITING: N("No claim waits for somebody to take it."),
  NOT_ASSIGNED: N("Somebody else has the claim now. What you typed is still here."),
  DATE_OUT_OF_RANGE: N("This date is not possible here."),
  EVIDENCE_NOT_SHARED: N("Only evidence that both sides could see can be cited."),
  IDEMPOTENCY_KEY_REUSED: N("This was already sent with other words. Please look at the case before you send it again."),
};

/** A sentence for whatever was thrown. */
export function wordsFor(error: unknown): string {
  if (error instanceof SignInNeeded) return t("Your session has ended. Sign in again; what you typed is kept.");
  if (error instanceof Unreachable) return t("We cannot be reached at the moment. What you typed is kept; please try again.");
  if (error instanceof WrongInput) return error.message;
  if (!(error instanceof Refused)) return t("Something went wrong. Please try again.");
  const { problem, status } = error;
  if (problem.code === "TOO_EARLY" && problem.available_at) {
    return t("This is possible from %(at)s.", { at: instant(problem.available_at, true) });
  }
  if (problem.code === "TOO_LATE" && problem.deadline) return t("The time for this ended on %(at)s.", { at: instant(problem.deadline) });
  if (problem.max_refundable) {
    return t("No more than %(amount)s can be refunded for this order.", { amount: money(problem.max_refundable) });
  }
  const message = WORDS[problem.code];
  if (message !== undefined) return t(message);
  if (status === 404 || problem.code === "FORBIDDEN") return t("This does not exist, or it is not yours to see.");
  if (status === 429) return t("Too many requests. Please wait a moment and try again.");
  return `${t("This was not possible.")} (${problem.code})`;
}

/** Why something is not possible, by its code alone. */
export const codeWords = (code: string): string => (WORDS[code] === undefined ? t("This is not possible.") : t(WORDS[code]));

/** What somebody typed cannot be sent; the message is in their language already. */
export class WrongInput extends Error {}
