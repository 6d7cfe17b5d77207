// Offers: making, accepting, declining and withdrawing one, and granting the whole request.
import type { JSX } from "preact";
import type { MoneyDocument, OfferDocument, OfferType } from "../api/types";
import { useDraft } from "../drafts";
import { allowed, possible } from "../fields";
import { money, parseMoney, typed } from "../money";
import { WrongInput } from "../problems";
import { offerWords } from "../situation";
import { n, t } from "../words";
import { Choices, TextArea, TextField, type Choice } from "../parts/ui";
import { Asking, type FormProps } from "./asking";

/** The offer that an action is about. */
const offerAbout = ({ action, view }: FormProps): OfferDocument | undefined =>
  view.value.offers.find((one) => action.href.includes(`/offers/${one.offer_id}/`));

function offerOf(props: FormProps): string {
  const offer = offerAbout(props);
  return offer === undefined ? "" : offerWords(offer.type, offer.refund);
}

export function AcceptOffer(props: FormProps): JSX.Element {
  const offer = offerOf(props);
  const meaning = offerAbout(props)?.made_by === "CASE_MANAGER"
    ? t("You accept %(offer)s. It holds as soon as the other side accepts it too; until then nobody sees your answer. This cannot be undone.", { offer })
    : t("You accept %(offer)s. The case is then settled. This cannot be undone.", { offer });
  return <Asking {...props} meaning={meaning} bound />;
}

export function DeclineOffer(props: FormProps): JSX.Element {
  const meaning = t("You decline %(offer)s. The case stays open, and both sides can make other offers.", { offer: offerOf(props) });
  return <Asking {...props} meaning={meaning} />;
}

export function WithdrawOffer(props: FormProps): JSX.Element {
  const meaning = t("You take back %(offer)s. It can then no longer be accepted.", { offer: offerOf(props) });
  return <Asking {...props} meaning={meaning} />;
}

export function AcceptRequest(props: FormProps): JSX.Element {
  const amount = money(props.view.value.dispute.requested_refund);
  const meaning = t("You grant the whole request: the buyer gets %(amount)s. The case is then settled. This cannot be undone.", { amount });
  return <Asking {...props} meaning={meaning} bound />;
}

/** The amount that was typed, as far as it is one and within what can be refunded. */
export function amountOf(text: string, most: MoneyDocument): MoneyDocument | Error {
  const amount = parseMoney(text, most.currency);
  if (amount === null || amount.amount_minor === 0) return new WrongInput(t("Please write an amount, such as %(example)s.", { example: typed(most) }));
  if (amount.amount_minor > most.amount_minor) return new WrongInput(t("At most %(amount)s can be refunded.", { amount: money(most) }));
  return amount;
}

/** An amount up to the most that can be refunded. */
export function AmountField(props: { most: MoneyDocument; value: string; onInput: (value: string) => void }): JSX.Element {
  return (
    <TextField
      label={t("Amount in %(currency)s", { currency: props.most.currency })} numeric required value={props.value}
      hint={t("At most %(amount)s can be refunded.", { amount: money(props.most) })} onInput={props.onInput}
    />
  );
}

/** `meaning` says what it is where somebody else than a party makes it. */
export function MakeOffer(props: FormProps & { meaning?: string }): JSX.Element {
  const { dispute } = props.view.value;
  const choices = types(props);
  const [kept, change, clear] = useDraft(`${dispute.dispute_id}/offer`, { type: "", amount: "", note: "" });
  // A kind that was possible once is none now.
  const draft = { ...kept, type: choices.some((one) => one.value === kept.type) ? kept.type : (choices[0]?.value ?? "") };
  const { currency } = dispute.max_refundable;
  const most = { amount_minor: allowed(props.action, "/refund/amount_minor").maximum ?? dispute.max_refundable.amount_minor, currency };
  function body(): object | Error {
    if (draft.type === "NO_REFUND") return { type: draft.type, note: draft.note };
    const refund = amountOf(draft.amount, most);
    return refund instanceof Error ? refund : { type: draft.type, refund, note: draft.note };
  }
  return (
    <Asking
      {...props} body={body} onSent={clear}
      meaning={props.meaning ?? t("The other side can accept your offer as it is, and the case is then settled. It replaces your offer of before.")}
    >
      <Choices label={props.meaning === undefined ? t("What do you offer?") : t("What do you propose?")} name="type" value={draft.type} choices={choices} onChange={(type) => change({ type })} />
      {draft.type === "NO_REFUND" ? null : (
        <AmountField most={most} value={draft.amount} onInput={(amount) => change({ amount })} />
      )}
      <TextArea label={t("A note (optional)")} max={1_000} value={draft.note} onInput={(note) => change({ note })} />
      <Left count={dispute.limits?.offers_left} />
    </Asking>
  );
}

/** How often this is still possible, the time that is being asked for among them. */
export function Left({ count }: { count: number | undefined }): JSX.Element | null {
  return count === undefined ? null : <p class="hint">{n("You can do this %(count)s more time.", "You can do this %(count)s more times.", count)}</p>;
}

/** The kinds of offers that are possible now. */
function types({ action }: FormProps): Choice[] {
  const labels: Record<OfferType, string> = {
    REFUND: t("A refund, the buyer keeps the goods"),
    REFUND_WITH_RETURN: t("A refund once the goods are back"),
    NO_REFUND: t("No refund"),
  };
  const kinds = possible(allowed(action, "/type"), ["REFUND", "REFUND_WITH_RETURN", "NO_REFUND"] as const);
  return kinds.map((value) => ({ value, label: labels[value] }));
}
