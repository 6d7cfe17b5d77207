// Deciding: what, how much, why and on what; what both sides will read; then for good. And the ruling that waits for a second
// member of the team (R47).
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Refused } from "../api/client";
import type { ActionDocument, DecisionPreviewDocument, MoneyDocument, OutcomeDocument, SidePreview } from "../api/types";
import { ACTIONS, DECISION_REASONS } from "../enums";
import { allowed, possible } from "../fields";
import { AmountField, amountOf } from "../forms/agreement";
import { money } from "../money";
import { who } from "../parts/outcome";
import { Button, Card, Check, Choices, Dialog, focusHead, Problem, Said, TextArea, Ticks } from "../parts/ui";
import { WrongInput } from "../problems";
import { useSending } from "../sending";
import { briefly } from "../time";
import { n, t, wordOf } from "../words";
import { openNow, type Desk } from "./context";
import type { Claim } from "./reads";
import { Templates } from "./templates";
import { DECISIONS, memberWords } from "./words";

const LONGEST = 2_000;

export function Decide({ desk }: { desk: Desk }): JSX.Element | null {
  const action = openNow(desk, "DECIDE");
  if (action !== undefined) return <div id="decide"><Form desk={desk} action={action} /></div>;
  // What was typed for a claim that has moved on meanwhile is still there to be read and copied.
  return desk.draft.rationale === "" ? null : (
    <Card title={t("Your draft of a decision")}>
      <p class="hint">{t("The claim cannot be decided by you at the moment. Your reasons are kept.")}</p>
      <Said text={desk.draft.rationale} />
    </Card>
  );
}

/** Who would get what, in one sentence. */
const whoGets = (outcome: OutcomeDocument): string =>
  (outcome.refund.amount_minor === 0 ? t("The buyer gets nothing, the seller keeps the money.") : who(outcome));

const reliesOn = (cited: string[]): string =>
  n("%(count)s item of evidence is marked as what the decision relies on.", "%(count)s items of evidence are marked as what the decision relies on.", cited.length);

/** The most that this outcome can give the buyer. */
const mostOf = ({ page: { dispute: { max_refundable } } }: Claim, action: ActionDocument, outcome: string): MoneyDocument =>
  ({ ...max_refundable, amount_minor: allowed(action, "/refund/amount_minor", { "/outcome": outcome }).maximum ?? max_refundable.amount_minor });

function bodyOf({ draft, claim }: Desk, action: ActionDocument): object | Error {
  const { excluded } = allowed(action, "/refund/amount_minor", { "/outcome": draft.outcome });
  const refund = draft.outcome === "PARTIAL" ? amountOf(draft.amount, mostOf(claim, action, draft.outcome)) : null;
  if (refund instanceof Error) return refund;
  if (refund !== null && excluded?.includes(refund.amount_minor)) return new WrongInput(t("This is everything. Please choose that the buyer gets everything."));
  if (draft.reasons.length === 0) return new WrongInput(t("Please choose at least one reason."));
  const citable = claim.page.evidence.filter((item) => item.counts).map((item) => item.evidence_id);
  return {
    outcome: draft.outcome,
    ...(refund === null ? {} : { refund }),
    return_required: draft.returned && mayReturn(action, draft.outcome),
    reasons: draft.reasons,
    rationale: draft.rationale,
    evidence_ids: draft.cited.filter((id) => citable.includes(id)),
  };
}

const mayReturn = (action: ActionDocument, outcome: string): boolean =>
  outcome !== "" && allowed(action, "/return_required", { "/outcome": outcome }).values?.includes(true) === true;

function Form({ desk, action }: { desk: Desk; action: ActionDocument }): JSX.Element {
  const { draft, change, view } = desk;
  const sending = useSending(view.reload);
  const [preview, setPreview] = useState<{ body: object; answer: DecisionPreviewDocument; etag: string | null } | null>(null);
  async function look(event: Event): Promise<void> {
    event.preventDefault();
    const body = bodyOf(desk, action);
    if (body instanceof Error) {
      sending.fail(body);
      return;
    }
    const etag = view.etag;
    const found = await sending.send<DecisionPreviewDocument>("POST", `${action.href}?dry_run=true`, body, etag);
    if (found !== null) setPreview({ body, answer: found.data, etag });
  }
  async function decide(): Promise<void> {
    if (preview === null) return;
    if (await sending.send("POST", action.href, preview.body, preview.etag)) {
      desk.clear();
      setPreview(null);
      await view.reload();
      focusHead();
    }
  }
  // What was refused has to be looked at anew; the reason stands in the form.
  if (preview !== null && sending.error instanceof Refused) setPreview(null);
  return (
    <Card title={wordOf(ACTIONS, "DECIDE")}>
      <form onSubmit={(event) => void look(event)}>
        <Outcomes desk={desk} action={action} />
        <Ticks
          label={t("Reasons")} chosen={draft.reasons} onChange={(reasons) => change({ reasons })}
          choices={possible(allowed(action, "/reasons"), Object.keys(DECISION_REASONS)).map((value) => ({ value, label: wordOf(DECISION_REASONS, value) }))}
        />
        <Templates onChosen={(text) => change({ rationale: [draft.rationale, text].filter(Boolean).join("\n\n").slice(0, LONGEST) })} />
        <TextArea
          label={t("The reasons in your words")} required max={LONGEST} value={draft.rationale}
          hint={t("Both sides read them as you write them.")} onInput={(rationale) => change({ rationale })}
        />
        <p class="hint">{reliesOn(draft.cited)}</p>
        <Problem error={sending.error} />
        <Button type="submit" disabled={sending.busy}>{t("See what both sides will read")}</Button>
      </form>
      {preview === null ? null : (
        <Preview answer={preview.answer} busy={sending.busy} error={sending.error} onSure={() => void decide()} onClose={() => setPreview(null)} />
      )}
    </Card>
  );
}

/** In whose favour, the amount within its bounds, and whether the goods go back first. */
function Outcomes({ desk: { draft, change, claim }, action }: { desk: Desk; action: ActionDocument }): JSX.Element {
  const choices = possible(allowed(action, "/outcome"), ["BUYER_FAVOUR", "PARTIAL", "SELLER_FAVOUR"] as const).map((value) => ({
    value, label: value === "BUYER_FAVOUR" ? `${t(DECISIONS[value])} · ${money(mostOf(claim, action, value))}` : t(DECISIONS[value]),
  }));
  return (
    <>
      <Choices label={t("Who gets what?")} name="outcome" value={draft.outcome} choices={choices} onChange={(outcome) => change({ outcome })} />
      {draft.outcome === "PARTIAL" ? (
        <AmountField most={mostOf(claim, action, "PARTIAL")} value={draft.amount} onInput={(amount) => change({ amount })} />
      ) : null}
      {mayReturn(action, draft.outcome) ? <Check label={t("The goods go back first")} checked={draft.returned} onChange={(returned) => change({ returned })} /> : null}
    </>
  );
}

interface PreviewProps { answer: DecisionPreviewDocument; busy: boolean; error: unknown; onSure: () => void; onClose: () => void }

/** What would happen, in one sentence and in the mails of both sides; the second press is the one that counts. */
function Preview({ answer, busy, error, onSure, onClose }: PreviewProps): JSX.Element {
  const [isRead, setRead] = useState(false);
  return (
    <Dialog title={t("What both sides will read")} onClose={onClose}>
      <form class="wide" onSubmit={(event) => { event.preventDefault(); onSure(); }}>
        <p><strong>{whoGets(answer.outcome)}</strong></p>
        <p class="meaning">
          {answer.confirmation_needed
            ? t("Because of the amount, a second member of the team has to confirm it before it takes effect. Until then neither side reads anything.")
            : t("This is final: the claim is decided, both sides get these mails, and nobody can change it.")}
        </p>
        <div class="columns">
          <Mail name={t("The buyer reads")} side={answer.buyer} />
          <Mail name={t("The seller reads")} side={answer.seller} />
        </div>
        <Check label={t("I have read both, and I decide so.")} required checked={isRead} onChange={setRead} />
        <Problem error={error} />
        <div class="buttons">
          <Button kind="main" type="submit" disabled={busy}>{answer.confirmation_needed ? t("Decide and ask for the confirmation") : t("Decide for good")}</Button>
          <Button onClick={onClose}>{t("Not now")}</Button>
        </div>
      </form>
    </Dialog>
  );
}

function Mail({ name, side: { mail } }: { name: string; side: SidePreview }): JSX.Element {
  return (
    <section class="side" aria-label={name}>
      <h3>{name}</h3>
      {mail === null ? <p class="hint">{t("No mail: the addresses are not known.")}</p> : (
        <div class="mail" tabIndex={0} role="group" aria-label={name}><p dir="auto"><strong>{mail.subject}</strong></p><Said text={mail.text} /></div>
      )}
    </section>
  );
}

export function Ruling({ desk }: { desk: Desk }): JSX.Element | null {
  const ruling = desk.claim.brief?.waiting_decision;
  if (!ruling) return null;
  const { outcome } = ruling;
  const actions = (["CONFIRM_DECISION", "REFUSE_DECISION", "WITHDRAW_DECISION"] as const).map((name) => openNow(desk, name)).filter((one) => one !== undefined);
  return (
    <Card title={t("A decision that waits")}>
      <p>{t("Because of the amount, a second member of the team has to confirm it.")}</p>
      <p class="by">{memberWords(ruling.made_by)} · {briefly(ruling.made_at)}</p>
      <p><strong>{whoGets(outcome)}</strong></p>
      <ul>{outcome.reasons.map((reason) => <li key={reason}>{wordOf(DECISION_REASONS, reason)}</li>)}</ul>
      <Said text={outcome.rationale} />
      <p class="hint">{reliesOn(outcome.evidence_ids)}</p>
      <div class="buttons">
        {actions.map((one) => <Button key={one.action} kind={one.action === "CONFIRM_DECISION" ? "main" : "plain"} onClick={() => desk.view.start(one)}>{wordOf(ACTIONS, one.action)}</Button>)}
      </div>
    </Card>
  );
}
