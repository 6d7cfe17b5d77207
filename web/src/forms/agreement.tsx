// Offers: making, accepting, declining and withdrawing one, and granting the whole request.
import type { JSX } from "preact";
import type { MoneyDocument, OfferType } from "../api/types";
import { useDraft } from "../drafts";
import { money, parseMoney, typed } from "../money";
import { WrongInput } from "../problems";
import { offerWords } from "../situation";
import { t } from "../words";
import { Choices, TextArea, TextField, type Choice } from "../parts/ui";
import { Asking, type FormProps } from "./asking";

/** The offer that an action is about. */
function offerOf({ action, view }: FormProps): string {
  const offer = view.value.offers.find((one) => action.href.includes(`/offers/${one.offer_id}/`));
  return offer === undefined ? "" : offerWords(offer.type, offer.refund);
}

export function AcceptOffer(props: FormProps): JSX.Element {
  const meaning = t("You accept %(offer)s. The case is then settled. This cannot be undone.", { offer: offerOf(props) });
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

export function MakeOffer(props: FormProps): JSX.Element {
  const { dispute } = props.view.value;
  const [draft, change, clear] = useDraft(`${dispute.dispute_id}/offer`, { type: "REFUND", amount: "", note: "" });
  function body(): object | Error {
    if (draft.type === "NO_REFUND") return { type: draft.type, note: draft.note };
    const refund = amountOf(draft.amount, dispute.max_refundable);
    return refund instanceof Error ? refund : { type: draft.type, refund, note: draft.note };
  }
  return (
    <Asking {...props} body={body} onSent={clear} meaning={t("The other side can accept your offer as it is, and the case is then settled. It replaces your offer of before.")}>
      <Choices label={t("What do you offer?")} name="type" value={draft.type} choices={types(props)} onChange={(type) => change({ type })} />
      {draft.type === "NO_REFUND" ? null : (
        <TextField
          label={t("Amount in %(currency)s", { currency: dispute.max_refundable.currency })} numeric required value={draft.amount}
          hint={t("At most %(amount)s can be refunded.", { amount: money(dispute.max_refundable) })} onInput={(amount) => change({ amount })}
        />
      )}
      <TextArea label={t("A note (optional)")} max={1_000} value={draft.note} onInput={(note) => change({ note })} />
    </Asking>
  );
}

/** The kinds of offers; goods that never came cannot go back. */
function types({ view }: FormProps): Choice[] {
  const { reason } = view.value.dispute;
  const all: (Choice & { value: OfferType })[] = [
    { value: "REFUND", label: t("A refund, the buyer keeps the goods") },
    { value: "REFUND_WITH_RETURN", label: t("A refund once the goods are back") },
    { value: "NO_REFUND", label: t("No refund") },
  ];
  return all.filter((one) => reason === "NOT_AS_DESCRIBED" || one.value !== "REFUND_WITH_RETURN");
}
