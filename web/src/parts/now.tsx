// The head of a case: what is going on, until when, what happens if nobody acts, and the one main button.
import type { JSX } from "preact";
import type { View } from "../context";
import { ACTIONS, STATUSES } from "../enums";
import { actionsOf, consequenceOf, deadlineOf, isClosed, isEnding, missedWords, mustAct, offerWords, situationOf } from "../situation";
import { instant, isOver, left } from "../time";
import { beforeDate, n, t, wordOf } from "../words";
import { Button } from "./ui";

export function Now({ view }: { view: View }): JSX.Element {
  const { dispute, offers } = view.value;
  const { main } = actionsOf(dispute);
  const unread = dispute.unread_messages ?? 0;
  const proposed = isClosed(dispute) ? undefined : offers.find((one) => one.made_by === "CASE_MANAGER" && one.status === "OPEN");
  return (
    <section class="now" aria-labelledby="now">
      <p class={`badge ${mustAct(dispute) ? "turn" : ""}`}>
        {wordOf(STATUSES, dispute.status)}
        {mustAct(dispute) ? ` · ${t("Your turn")}` : ""}
      </p>
      <h1 id="now" tabIndex={-1}>{situationOf(dispute, view.reader)}</h1>
      {proposed === undefined ? null : <p>{t("The team proposes %(offer)s.", { offer: offerWords(proposed.type, proposed.refund) })}</p>}
      <Deadline view={view} />
      {unread === 0 ? null : <a class="badge turn" href="#messages">{n("%(count)s new message", "%(count)s new messages", unread)}</a>}
      {main === null ? null : <Button kind="main" onClick={() => view.start(main)}>{wordOf(ACTIONS, main.action)}</Button>}
    </section>
  );
}

/** What ends at the deadline, as the mails say it. */
function untilWhat({ value: { dispute }, reader }: View): string {
  const isMine = mustAct(dispute);
  const others = reader === "BUYER" ? t("The seller has until") : t("The buyer has until");
  switch (dispute.status) {
    case "NEGOTIATION": return t("Time to agree until");
    case "CLAIM_EVIDENCE": return isMine ? t("Give your evidence by") : t("Evidence can be added until");
    case "UNDER_REVIEW": return t("Decision expected by");
    case "AWAITING_RETURN": return !isMine ? others : reader === "BUYER" ? t("Register the return by") : t("Confirm the return address by");
    case "RETURN_SHIPPED": return reader === "BUYER" ? others : t("Acknowledge the return by");
    default: return t("By when");
  }
}

function Deadline({ view }: { view: View }): JSX.Element | null {
  const { dispute } = view.value;
  const due = deadlineOf(dispute);
  if (due === null || isClosed(dispute) || isEnding(dispute)) return null;
  const missed = consequenceOf(dispute);
  const isDecision = dispute.status === "UNDER_REVIEW";
  const late = isDecision && isOver(due);
  return (
    <div class="deadline">
      <p>
        <span>{late ? t("The decision is late. It was expected by") : untilWhat(view)}</span>{late ? " " : beforeDate()}
        <time dateTime={due}><bdi>{instant(due)}</bdi></time>
        {late ? null : <>{"\u00a0"}· <strong class="left">{t("%(time)s left", { time: left(due) })}</strong></>}
      </p>
      {missed === null || isDecision ? null : <p>{missedWords(missed, view.reader === "BUYER")}</p>}
    </div>
  );
}
