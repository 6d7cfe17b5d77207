// Opening a dispute: why, about what, how much, in one's own words; sent once, however often it is pressed.
import type { JSX } from "preact";
import type { Dispute, EligibilityDocument, MoneyDocument, OrderDocument, Reason } from "../api/types";
import { useDraft } from "../drafts";
import { REASONS } from "../enums";
import { AmountField, amountOf } from "../forms/agreement";
import { SubReasons } from "../forms/course";
import { useLoad } from "../loading";
import { typed } from "../money";
import { WrongInput } from "../problems";
import { navigate } from "../router";
import { useSending } from "../sending";
import { instant } from "../time";
import { capital, t, wordOf } from "../words";
import { Checklist } from "../parts/evidence";
import { Button, Card, Check, Choices, Problem, TextArea } from "../parts/ui";
import { loadGuideBefore } from "./reads";

interface Draft { reason: string; sub_reason: string; left_out: string[]; amount: string; description: string; contacted: boolean }
interface Props { order: OrderDocument; eligibility: EligibilityDocument; reload: () => Promise<void> }

const NEW: Draft = { reason: "", sub_reason: "", left_out: [], amount: "", description: "", contacted: false };

/** The lines that can be disputed now. */
function linesOf({ order, eligibility }: Props): OrderDocument["items"] {
  return order.items.filter((item) => eligibility.items.some((one) => one.item_id === item.item_id && one.eligible));
}

/** The most that can be refunded for the lines that are left in. */
function mostOf({ eligibility }: Props, chosen: string[]): MoneyDocument {
  const whole = eligibility.max_refundable;
  if (eligibility.eligible && eligibility.item_ids.every((id) => chosen.includes(id))) return whole;
  const sum = eligibility.items.filter((item) => chosen.includes(item.item_id)).reduce((total, one) => total + one.max_refundable.amount_minor, 0);
  return { amount_minor: sum, currency: whole.currency };
}

function requestOf(props: Props, draft: Draft): object | Error {
  const lines = linesOf(props);
  const chosen = lines.filter((item) => !draft.left_out.includes(item.item_id));
  if (chosen.length === 0) return new WrongInput(t("Please choose at least one item."));
  const amount = amountOf(draft.amount, mostOf(props, chosen.map((item) => item.item_id)));
  if (amount instanceof Error) return amount;
  const isWhole = chosen.length === props.order.items.length;
  return {
    order_id: props.order.order_id,
    reason: draft.reason,
    ...(draft.sub_reason === "" ? {} : { sub_reason: draft.sub_reason }),
    description: draft.description,
    requested_refund: amount,
    ...(draft.contacted ? { seller_contacted: true } : {}),
    ...(isWhole ? {} : { items: chosen.map(({ item_id, quantity }) => ({ item_id, quantity })) }),
  };
}

export function Opening(props: Props): JSX.Element {
  const { order, eligibility } = props;
  const [draft, change, clear] = useDraft<Draft>(`order/${order.order_id}`, NEW);
  const sending = useSending(props.reload);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const body = requestOf(props, draft);
    if (body instanceof Error) {
      sending.fail(body);
      return;
    }
    const answer = await sending.send<Dispute>("POST", "/v1/disputes", body);
    if (answer === null) return;
    clear();
    navigate(`/disputes/${answer.data.dispute_id}`);
  }
  return (
    <Card title={t("Ask for a refund")}>
      {eligibility.closes_at === null ? null : <p class="hint">{t("This is possible until %(at)s.", { at: instant(eligibility.closes_at) })}</p>}
      <form onSubmit={(event) => void submit(event)}>
        <Why draft={draft} change={change} />
        <What {...props} draft={draft} change={change} />
        <TextArea
          label={t("What happened?")} required max={2_000} value={draft.description} onInput={(description) => change({ description })}
          hint={t("The seller and the team can read it. You can add photos and documents as soon as the case is open.")}
        />
        <Check label={t("I have written to the seller already.")} checked={draft.contacted} onChange={(contacted) => change({ contacted })} />
        <Next />
        <Problem error={sending.error} />
        <Button kind="main" type="submit" disabled={sending.busy}>{t("Open a case")}</Button>
        {draft.reason === "" ? null : <Helps reason={draft.reason as Reason} subReason={draft.sub_reason} />}
      </form>
    </Card>
  );
}

type Change = (part: Partial<Draft>) => void;

function Why({ draft, change }: { draft: Draft; change: Change }): JSX.Element {
  const reasons = Object.keys(REASONS) as Reason[];
  return (
    <>
      <Choices
        label={t("What is wrong?")} name="reason" value={draft.reason} onChange={(reason) => change({ reason, sub_reason: "" })}
        choices={reasons.map((value) => ({ value, label: capital(wordOf(REASONS, value)) }))}
      />
      {draft.reason === "" ? null
        : <SubReasons reason={draft.reason} value={draft.sub_reason} onChange={(sub_reason) => change({ sub_reason })} />}
    </>
  );
}

function What(props: Props & { draft: Draft; change: Change }): JSX.Element {
  const { draft, change } = props;
  const lines = linesOf(props);
  const chosen = lines.filter((item) => !draft.left_out.includes(item.item_id)).map((item) => item.item_id);
  const most = mostOf(props, chosen);
  return (
    <>
      {lines.length < 2 ? null : (
        <fieldset class="field">
          <legend>{t("Which items?")}</legend>
          {lines.map((item) => (
            <Check
              key={item.item_id} label={item.title} checked={chosen.includes(item.item_id)}
              onChange={(checked) => change({ left_out: [...draft.left_out.filter((id) => id !== item.item_id), ...(checked ? [] : [item.item_id])] })}
            />
          ))}
        </fieldset>
      )}
      <AmountField most={most} value={draft.amount} onInput={(amount) => change({ amount })} />
      <Button onClick={() => change({ amount: typed(most) })}>{t("Ask for all of it")}</Button>
    </>
  );
}

/** What evidence will help, for the reason that is chosen; without an answer the page does without it. It comes while the
 * form is filled in, and so after it: before, it would move what somebody is about to press out of the screen. */
function Helps({ reason, subReason }: { reason: Reason; subReason: string }): JSX.Element | null {
  const { value } = useLoad(`${reason}/${subReason}`, async () => await loadGuideBefore(reason, subReason));
  if (value === null || value.length === 0) return null;
  return (
    <section class="next" aria-labelledby="helps">
      <h3 id="helps">{t("What helps in a case like this")}</h3>
      <Checklist lines={value} />
    </section>
  );
}

/** What follows, before anything is sent. */
function Next(): JSX.Element {
  return (
    <section class="next" aria-labelledby="next">
      <h3 id="next">{t("What happens next")}</h3>
      <ol>
        <li>{t("The seller answers: grants it, makes an offer, or refuses. You can negotiate.")}</li>
        <li>{t("If you do not agree, you can ask the Case Management Team to decide; after some days the case goes there by itself.")}</li>
        <li>{t("Both sides give evidence, and the team decides. You see all dates on the page of the case.")}</li>
      </ol>
    </section>
  );
}
