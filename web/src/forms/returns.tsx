// Sending goods back: the address, the parcel, and how they arrived.
import type { JSX } from "preact";
import type { ReturnCondition } from "../api/types";
import { useDraft } from "../drafts";
import { EVIDENCE_TYPES, RETURN_CONDITIONS } from "../enums";
import { WrongInput } from "../problems";
import { briefly } from "../time";
import { capital, t, wordOf } from "../words";
import { Check, Choices, Select, TextArea, TextField } from "../parts/ui";
import { Asking, type FormProps } from "./asking";

const LINES = 10;

export function ConfirmAddress(props: FormProps): JSX.Element {
  const [draft, change, clear] = useDraft(`${props.view.value.dispute.dispute_id}/address`, { lines: "", postal_code: "", country: "" });
  function body(): object | Error {
    const lines = draft.lines.split("\n").map((line) => line.trim()).filter(Boolean).slice(0, LINES);
    const country = draft.country.trim().toUpperCase();
    if (lines.length === 0) return new WrongInput(t("Please write the address."));
    if (!/^[A-Z]{2}$/.test(country)) return new WrongInput(t("Please write the country as two letters, such as DE or BR."));
    return { address: { lines, postal_code: draft.postal_code.trim(), country } };
  }
  return (
    <Asking {...props} body={body} onSent={clear} meaning={t("The buyer sees this address and sends the goods there. What is sent to it counts as sent to you.")}>
      <TextArea label={t("Name, street and place, one below the other")} required max={1_000} value={draft.lines} onInput={(lines) => change({ lines })} />
      <TextField label={t("Postal code")} max={20} value={draft.postal_code} onInput={(postal_code) => change({ postal_code })} />
      <TextField label={t("Country, as two letters")} required max={2} value={draft.country} onInput={(country) => change({ country })} />
    </Asking>
  );
}

export function RegisterShipment(props: FormProps): JSX.Element {
  const addresses = props.view.value.dispute.return_addresses;
  const [draft, change, clear] = useDraft(`${props.view.value.dispute.dispute_id}/parcel`, {
    carrier: "", tracking_number: "", address_id: addresses.at(-1)?.address_id ?? "",
  });
  const choices = addresses.map((one) => ({ value: one.address_id, label: one.lines.join(", ") }));
  return (
    <Asking
      {...props} onSent={clear} bound
      body={() => ({ carrier: draft.carrier, tracking_number: draft.tracking_number, ...(draft.address_id ? { address_id: draft.address_id } : {}) })}
      meaning={t("Register the parcel once you have sent it, with the number that the carrier gave you. It cannot be changed afterwards.")}
    >
      <TextField label={t("Carrier")} required value={draft.carrier} onInput={(carrier) => change({ carrier })} />
      <TextField label={t("Tracking number")} required value={draft.tracking_number} onInput={(tracking_number) => change({ tracking_number })} />
      {choices.length < 2 ? null
        : <Select label={t("Sent to")} value={draft.address_id} choices={choices} onChange={(address_id) => change({ address_id })} />}
    </Asking>
  );
}

export function AcknowledgeReturn(props: FormProps): JSX.Element {
  const { dispute, evidence } = props.view.value;
  const [draft, change, clear] = useDraft(`${dispute.dispute_id}/arrival`, { condition: "", note: "", evidence_ids: [] as string[] });
  const isProblem = draft.condition !== "" && draft.condition !== "ITEM_RECEIVED";
  const mine = evidence.filter((item) => item.party === props.view.reader && item.status === "ACCEPTED");
  const choices = Object.keys(RETURN_CONDITIONS).map((value) => ({ value, label: wordOf(RETURN_CONDITIONS, value as ReturnCondition) }));
  function body(): object | Error {
    if (isProblem && draft.evidence_ids.length === 0) {
      return new WrongInput(t("Please choose the evidence that shows the problem. Add it on the page of the case first, if it is not there yet."));
    }
    return { condition: draft.condition, note: draft.note, evidence_ids: isProblem ? draft.evidence_ids : [] };
  }
  const meaning = isProblem
    ? t("Both sides then get time to give evidence, and the team looks at the return.")
    : t("If the goods are back as they should be, the refund is due at once. This cannot be undone.");
  return (
    <Asking {...props} body={body} onSent={clear} bound meaning={meaning}>
      <Choices label={t("How did the goods come back?")} name="condition" value={draft.condition} choices={choices} onChange={(condition) => change({ condition })} />
      {!isProblem ? null : (
        <fieldset class="field">
          <legend>{t("Evidence of the problem")}</legend>
          {mine.length === 0 ? <p class="hint">{t("You have given no evidence yet.")}</p> : null}
          {mine.map((item) => (
            <Check
              key={item.evidence_id} label={`${capital(wordOf(EVIDENCE_TYPES, item.type))}, ${briefly(item.added_at)}`}
              checked={draft.evidence_ids.includes(item.evidence_id)}
              onChange={(checked) => change({
                evidence_ids: [...draft.evidence_ids.filter((id) => id !== item.evidence_id), ...(checked ? [item.evidence_id] : [])],
              })}
            />
          ))}
        </fieldset>
      )}
      <TextArea label={t("A note (optional)")} max={1_000} value={draft.note} onInput={(note) => change({ note })} />
    </Asking>
  );
}
