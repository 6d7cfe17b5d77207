// How it ended: who gets what, why, on which evidence, and where the money is.
import type { JSX } from "preact";
import type { OutcomeDocument } from "../api/types";
import type { View } from "../context";
import { DECISION_REASONS, EVIDENCE_TYPES, NOTICES, OUTCOMES, REFUNDS, ROLES } from "../enums";
import { money } from "../money";
import { briefly, instant } from "../time";
import { capital, t, wordOf } from "../words";
import { Card, Facts, Said } from "./ui";

export function Outcome({ view }: { view: View }): JSX.Element | null {
  const { dispute } = view.value;
  const outcome = dispute.outcome ?? dispute.settlement ?? null;
  if (outcome === null) return null;
  const isSettled = dispute.outcome === null;
  return (
    <Card title={isSettled ? t("What is settled") : t("How it ended")}>
      {isSettled ? <p>{t("This holds once the goods are back.")}</p> : null}
      <p>{who(outcome)}</p>
      <Money view={view} />
      <Why outcome={outcome} view={view} />
      {dispute.closed_at === null ? null : <p class="hint">{t("Closed on %(at)s.", { at: instant(dispute.closed_at) })}</p>}
    </Card>
  );
}

/** Who gets what, in one sentence. */
export function who(outcome: OutcomeDocument): string {
  if (outcome.refund.amount_minor === 0) return wordOf(OUTCOMES, outcome.code);
  const amount = money(outcome.refund);
  return outcome.return_required
    ? t("The buyer gets %(amount)s back and returns the goods.", { amount })
    : t("The buyer gets %(amount)s back and keeps the goods.", { amount });
}

function Money({ view }: { view: View }): JSX.Element | null {
  const { refund } = view.value.dispute;
  if (refund === null) return null;
  const status = wordOf(REFUNDS, refund.status, { amount: money(refund.amount) });
  const at = refund.paid_at ?? refund.asked_at;
  return <p class="money">{status} <small>{briefly(at)}</small></p>;
}

function Why({ outcome, view }: { outcome: OutcomeDocument; view: View }): JSX.Element | null {
  if (outcome.reasons.length === 0 && outcome.rationale === "") return null;
  const cited = view.value.evidence.filter((item) => outcome.evidence_ids.includes(item.evidence_id));
  return (
    <>
      <h3>{t("Why")}</h3>
      <ul>{outcome.reasons.map((reason) => <li key={reason}>{wordOf(DECISION_REASONS, reason)}</li>)}</ul>
      {outcome.rationale === "" ? null : <Said text={outcome.rationale} />}
      {cited.length === 0 ? null : (
        <Facts facts={cited.map((item) => [
          t("Evidence"), `${capital(wordOf(EVIDENCE_TYPES, item.type))} · ${wordOf(ROLES, item.party)} · ${briefly(item.added_at)}`,
        ])} />
      )}
    </>
  );
}

/** What only this reader may know, such as that mails do not arrive. */
export function Notices({ view }: { view: View }): JSX.Element | null {
  const { notices } = view.value.dispute;
  if (notices.length === 0) return null;
  return <ul class="notices" aria-label={t("Please note")}>{notices.map((one) => <li key={one.code}>{wordOf(NOTICES, one.code)}</li>)}</ul>;
}
