// What changes the course of a case: escalating, changing the reason, cancelling, saying that nothing more comes.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AllowedDocument, ClaimReason, Reason } from "../api/types";
import { useDraft } from "../drafts";
import { allowed, possible } from "../fields";
import { CLAIM_REASONS, REASONS, SUB_REASONS, SUB_REASONS_OF } from "../enums";
import { money } from "../money";
import { capital, t, wordOf } from "../words";
import { Check, Choices, Select, TextArea } from "../parts/ui";
import { Asking, type FormProps } from "./asking";

const TEXT = 2_000;

export function Escalate(props: FormProps): JSX.Element {
  const [draft, change, clear] = useDraft(`${props.view.value.dispute.dispute_id}/escalate`, { claim_reason: "", text: "", agreed: false });
  const choices = Object.keys(CLAIM_REASONS).map((value) => ({ value, label: wordOf(CLAIM_REASONS, value as ClaimReason) }));
  const isText = allowed(props.action, "/text", { "/claim_reason": draft.claim_reason }).required ?? false;
  return (
    <Asking
      {...props} bound onSent={clear}
      body={() => ({ confirm_no_agreement: draft.agreed, claim_reason: draft.claim_reason, text: draft.text })}
      meaning={t("The Case Management Team then decides, and its decision is final. Offers that are still open lapse. Both sides get time to give evidence.")}
    >
      <Choices label={t("Why?")} name="why" value={draft.claim_reason} choices={choices} onChange={(claim_reason) => change({ claim_reason })} />
      <TextArea
        label={isText ? t("What should the team know?") : t("What should the team know? (optional)")} required={isText} max={TEXT} value={draft.text} onInput={(text) => change({ text })}
      />
      <Check label={t("We could not agree.")} required checked={draft.agreed} onChange={(agreed) => change({ agreed })} />
    </Asking>
  );
}

interface SubReasonProps { reason: string; value: string; onChange: (value: string) => void; allowed?: AllowedDocument }

/** The choice of a sub-reason; none is a choice too, unless one is needed. */
export function SubReasons(props: SubReasonProps): JSX.Element {
  const values = possible(props.allowed ?? {}, SUB_REASONS_OF[props.reason as Reason] ?? []);
  const none = { value: "", label: props.allowed?.required ? t("Please choose") : t("None of these") };
  const choices = values.map((value) => ({ value: value as string, label: capital(wordOf(SUB_REASONS, value)) }));
  return (
    <Select
      label={t("More exactly")} value={props.value} choices={[none, ...choices]} required={props.allowed?.required ?? false}
      onChange={props.onChange}
    />
  );
}

export function ChangeReason(props: FormProps): JSX.Element {
  const { dispute } = props.view.value;
  const reasons = possible(allowed(props.action, "/reason"), Object.keys(REASONS));
  const [draft, change, clear] = useDraft(`${dispute.dispute_id}/reason`, {
    reason: reasons.length === 1 ? (reasons[0] ?? "") : "", sub_reason: "", description: dispute.description,
  });
  const chosen = { "/reason": draft.reason };
  const hasText = draft.reason !== "" && !allowed(props.action, "/description", chosen).absent;
  return (
    <Asking
      {...props} onSent={clear}
      meaning={t("Change it if the order has arrived after all and is not as described. This way leads in one direction only.")}
      body={() => ({
        reason: draft.reason,
        ...(draft.sub_reason === "" ? {} : { sub_reason: draft.sub_reason }),
        ...(!hasText || draft.description.trim() === "" ? {} : { description: draft.description }),
      })}
    >
      <Choices
        label={t("Reason")} name="reason" value={draft.reason} onChange={(reason) => change({ reason, sub_reason: "" })}
        choices={reasons.map((value) => ({ value, label: capital(wordOf(REASONS, value)) }))}
      />
      {draft.reason === "" ? null : (
        <SubReasons
          reason={draft.reason} value={draft.sub_reason} allowed={allowed(props.action, "/sub_reason", chosen)}
          onChange={(sub_reason) => change({ sub_reason })}
        />
      )}
      {hasText ? <TextArea label={t("Describe it")} max={TEXT} value={draft.description} onInput={(description) => change({ description })} /> : null}
    </Asking>
  );
}

export function Cancel(props: FormProps): JSX.Element {
  const [isSure, setSure] = useState(false);
  const amount = money(props.view.value.dispute.requested_refund);
  return (
    <Asking
      {...props} bound body={() => ({ acknowledge_consequences: isSure })} button={t("Cancel this case for good")}
      meaning={t("You give up your request for %(amount)s. This case ends without a refund, and the order goes on as if nothing had been wrong. You can open another case only while the order still allows it.", { amount })}
    >
      <Check label={t("I know that I get no refund from this case.")} required checked={isSure} onChange={setSure} />
    </Asking>
  );
}

export function WithdrawEvidence(props: FormProps): JSX.Element {
  return <Asking {...props} meaning={t("The item no longer counts, and nobody can open it any more. This cannot be undone.")} />;
}

export function EvidenceComplete(props: FormProps): JSX.Element {
  const meaning = t("The review begins as soon as nobody's evidence is awaited, and you cannot add any more then. This cannot be undone.");
  return <Asking {...props} bound meaning={meaning} />;
}
