// What the team does with a claim besides deciding it: giving it to somebody, asking for evidence, dates, proposals.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { serverNow } from "../api/client";
import type { Action, ActionDocument, MemberDocument } from "../api/types";
import { useDraft } from "../drafts";
import { EVIDENCE_TYPES, ROLES } from "../enums";
import { allowed } from "../fields";
import { MakeOffer } from "../forms/agreement";
import { Asking, type FormProps } from "../forms/asking";
import { useLoad } from "../loading";
import { Shown } from "../parts/shown";
import { Choices, Select, TextArea, Ticks } from "../parts/ui";
import { WrongInput } from "../problems";
import { instant } from "../time";
import { capital, n, t, wordOf } from "../words";
import type { Desk } from "./context";
import { loadTeam } from "./reads";
import { memberWords } from "./words";

export const TEAM_ACTIONS: Action[] = ["REQUEST_EVIDENCE", "SET_EVIDENCE_WINDOW", "PROPOSE", "ASSIGN", "UNASSIGN"];
const MINUTE_MS = 60_000;

type TeamFormProps = FormProps & { desk: Desk };

export function TeamForm(props: TeamFormProps): JSX.Element | null {
  // With the bounds of now, where the case was read anew meanwhile.
  const { available_actions } = props.view.value.dispute;
  const action = available_actions.find((one) => one.action === props.action.action && one.href === props.action.href) ?? props.action;
  const Form = {
    ASSIGN: Assign,
    PROPOSE: Propose,
    REQUEST_EVIDENCE: RequestEvidence,
    SET_EVIDENCE_WINDOW: SetWindow,
    UNASSIGN: Unassign,
    CONFIRM_DECISION: Confirm,
    REFUSE_DECISION: Refuse,
    WITHDRAW_DECISION: Withdraw,
  }[action.action as string];
  return Form === undefined ? null : <Form {...props} action={action} />;
}

const Confirm = (props: FormProps): JSX.Element =>
  <Asking {...props} bound meaning={t("The decision takes effect, both sides are informed, and the claim is closed. This cannot be undone.")} />;
const Refuse = (props: FormProps): JSX.Element =>
  <Asking {...props} meaning={t("The decision does not take effect. The claim has to be decided anew.")} />;
const Withdraw = (props: FormProps): JSX.Element =>
  <Asking {...props} meaning={t("You take your decision back before it takes effect. The claim has to be decided anew.")} />;
const Unassign = (props: FormProps): JSX.Element =>
  <Asking {...props} meaning={t("The claim is nobody's then, and anybody of the team can take it. What you have typed for it stays here.")} />;
const Propose = (props: FormProps): JSX.Element =>
  <MakeOffer {...props} meaning={t("It holds only if both sides accept it. Until then the claim goes on as before, with its dates.")} />;

function Assign(props: TeamFormProps): JSX.Element {
  const loaded = useLoad<MemberDocument[]>("team", async () => await loadTeam());
  const [assignee, setAssignee] = useState("");
  const holder = props.view.value.dispute.assigned_to;
  const others = (loaded.value ?? []).filter((one) => one.member_id !== holder);
  // The field is there from the beginning: late, it would move the buttons below it.
  const isMissing = loaded.value === null && loaded.error !== null;
  return (
    <Asking {...props} bound body={() => ({ assignee })} meaning={t("Only the person who has the claim can ask for evidence, set dates and decide.")}>
      {isMissing ? <Shown loaded={loaded}>{() => null}</Shown> : (
        <Select
          label={t("Who shall have it?")} required value={assignee} onChange={setAssignee}
          choices={[{ value: "", label: loaded.value === null ? t("Loading …") : t("Please choose") }, ...others.map((one) => ({
            value: one.member_id,
            label: `${one.display_name ?? memberWords(one.member_id)} (${n("%(count)s open claim", "%(count)s open claims", one.open_claims)})`,
          }))]}
        />
      )}
    </Asking>
  );
}

/** An instant as the field writes it: in the reader's zone, without one. */
function local(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

/** An instant within what the action allows now, which the field's whole minutes are rounded into. */
function When(props: { action: ActionDocument; label: string; value: string; onChange: (value: string) => void }): JSX.Element {
  const id = useId();
  const { earliest, latest } = boundsOf(props.action);
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <p class="hint" id={`${id}-hint`}>{t("Between %(from)s and %(to)s.", { from: instant(new Date(earliest).toISOString()), to: instant(new Date(latest).toISOString()) })}</p>
      <input
        id={id} type="datetime-local" required value={props.value} min={local(earliest)} max={local(latest)} aria-describedby={`${id}-hint`}
        onInput={(event) => props.onChange(event.currentTarget.value)}
      />
    </div>
  );
}

function boundsOf(action: ActionDocument): { earliest: number; latest: number } {
  const { earliest_in = 86_400, latest_in = 30 * 86_400 } = allowed(action, "/due_at");
  // A minute to read and send it.
  const earliest = Math.ceil((serverNow() + earliest_in * 1_000) / MINUTE_MS + 1) * MINUTE_MS;
  return { earliest, latest: Math.max(earliest, Math.floor((serverNow() + latest_in * 1_000) / MINUTE_MS) * MINUTE_MS) };
}

const instantOf = (typed: string): string | Error =>
  (typed === "" ? new WrongInput(t("Please choose a date.")) : new Date(typed).toISOString());

function SetWindow(props: TeamFormProps): JSX.Element {
  const [draft, change, clear] = useDraft(`${props.view.value.dispute.dispute_id}/window`, { due: "" });
  function body(): object | Error {
    const due_at = instantOf(draft.due);
    return due_at instanceof Error ? due_at : { due_at };
  }
  return (
    <Asking {...props} body={body} onSent={clear} meaning={t("Both sides are informed of the new date.")}>
      <When action={props.action} label={t("Evidence until")} value={draft.due} onChange={(due) => change({ due })} />
    </Asking>
  );
}

function RequestEvidence(props: TeamFormProps): JSX.Element {
  const { dispute, guide } = props.view.value;
  const [draft, change, clear] = useDraft(`${dispute.dispute_id}/question`, { party: "", types: [] as string[], due: "", question: "" });
  // What helps that side in a case like this; any other kind may be asked for too.
  const helpful = guide.find((side) => side.party === draft.party)?.lines.map((line) => line.type as string) ?? [];
  const types = [...helpful, ...Object.keys(EVIDENCE_TYPES).filter((type) => !helpful.includes(type))];
  function body(): object | Error {
    const due_at = instantOf(draft.due);
    if (draft.types.length === 0) return new WrongInput(t("Please choose at least one kind of evidence."));
    return due_at instanceof Error ? due_at : { party: draft.party, types: draft.types, due_at, question: draft.question };
  }
  return (
    <Asking {...props} body={body} onSent={clear} meaning={t("The review stops until that side has answered, or until the date.")}>
      <Choices
        label={t("Of whom?")} name="party" value={draft.party} onChange={(party) => change({ party })}
        choices={(["BUYER", "SELLER"] as const).map((value) => ({ value, label: wordOf(ROLES, value) }))}
      />
      <Ticks
        label={t("What is needed?")} chosen={draft.types} onChange={(types) => change({ types })}
        choices={types.map((value) => ({ value, label: capital(wordOf(EVIDENCE_TYPES, value)) }))}
      />
      <TextArea label={t("Your question")} required max={2_000} value={draft.question} hint={t("That side reads it as you write it.")} onInput={(question) => change({ question })} />
      <When action={props.action} label={t("Answer until")} value={draft.due} onChange={(due) => change({ due })} />
    </Asking>
  );
}
