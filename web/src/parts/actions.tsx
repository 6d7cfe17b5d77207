// Everything else that the reader can do, now or later; cancelling comes last and apart.
import type { JSX } from "preact";
import type { Action, ActionDocument } from "../api/types";
import { openAction, type View } from "../context";
import { ACTIONS } from "../enums";
import { hasForm } from "../forms";
import { actionsOf, deadlineOf, isClosed, isEnding } from "../situation";
import { instant, isOver, left } from "../time";
import { t, wordOf } from "../words";
import { Button, Card } from "./ui";

// They have their places elsewhere on the page.
const ELSEWHERE: string[] = [
  "SEND_MESSAGE", "ADD_EVIDENCE", "EVIDENCE_COMPLETE", "ACCEPT_OFFER", "DECLINE_OFFER", "WITHDRAW_OFFER",
] satisfies Action[];

export function Actions({ view }: { view: View }): JSX.Element | null {
  const { dispute } = view.value;
  if (isClosed(dispute) || isEnding(dispute)) return null;
  const { open, later } = actionsOf(dispute);
  // The opening request is the buyer's first offer: accepting it is granting it.
  const isDouble = openAction(open, "ACCEPT_OFFER", "/offers/of-1/") !== undefined;
  const here = open.filter((one) => !ELSEWHERE.includes(one.action) && hasForm(one.action)
    && one.action !== "CANCEL" && !(isDouble && one.action === "ACCEPT_REQUEST"));
  const cancel = open.find((one) => one.action === "CANCEL");
  const over = closedOnes(view);
  if (here.length + later.length + over.length === 0 && cancel === undefined) return null;
  return (
    <Card title={t("What you can do")}>
      <ul class="actions">
        {here.map((one) => <li key={one.href}><Open action={one} view={view} /></li>)}
        {later.filter((one) => !ELSEWHERE.includes(one.action) && hasForm(one.action)).map((one) => (
          <li key={one.href} class="later">
            {t("%(action)s: possible from %(at)s", { action: wordOf(ACTIONS, one.action), at: instant(one.available_from, true) })}{" "}
            <strong class="left">{t("in %(time)s", { time: left(one.available_from) })}</strong>
          </li>
        ))}
        {over.map(([action, at]) => (
          <li key={action} class="later">{t("%(action)s: closed on %(at)s", { action: wordOf(ACTIONS, action), at: instant(at) })}</li>
        ))}
      </ul>
      {cancel === undefined ? null : <div class="apart"><Open action={cancel} view={view} /></div>}
    </Card>
  );
}

function Open({ action, view }: { action: ActionDocument; view: View }): JSX.Element {
  return (
    <>
      <Button kind={action.action === "CANCEL" ? "danger" : "plain"} onClick={() => view.start(action)}>{wordOf(ACTIONS, action.action)}</Button>
      {action.due_at === null || action.due_at === deadlineOf(view.value.dispute) ? null : <span class="hint">{t("until %(at)s", { at: instant(action.due_at) })}</span>}
    </>
  );
}

/** What was possible once: a button that vanishes without a word is one that people look for. */
function closedOnes({ value: { dispute }, reader }: View): [Action, string][] {
  const found: [Action, string | null][] = [
    ["ADD_EVIDENCE", dispute.status === "UNDER_REVIEW" ? dispute.evidence_due_at : null],
    ["CHANGE_REASON", reader === "BUYER" ? dispute.reason_change_due_at : null],
  ];
  const listed = dispute.available_actions.map((one) => one.action);
  return found.filter((pair): pair is [Action, string] => isOver(pair[1]) && !listed.includes(pair[0]));
}
