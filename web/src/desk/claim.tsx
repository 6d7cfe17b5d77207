// A claim: on one side what it is about, in the middle the evidence of both, on the other side what helps to decide.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ActionDocument, Dispute } from "../api/types";
import { userId } from "../auth";
import type { View } from "../context";
import { useDraft } from "../drafts";
import { ACTIONS, REASONS, STATUSES } from "../enums";
import { sentenceOf } from "../history";
import { useLoad, usePolling } from "../loading";
import { money } from "../money";
import { Goods, Return } from "../parts/goods";
import { Messages } from "../parts/messages";
import { Offers } from "../parts/offers";
import { Outcome } from "../parts/outcome";
import { Past } from "../parts/past";
import { Shown } from "../parts/shown";
import { Button, Card, Facts, focusHead, Problem } from "../parts/ui";
import { useTitle } from "../router";
import { useSending } from "../sending";
import { deadlineOf, isClosed, isEnding, readerOf } from "../situation";
import { briefly, instant, isOver, left, useTime } from "../time";
import { beforeDate, t, wordOf } from "../words";
import { Brief, Earlier } from "./brief";
import { NO_DRAFT, openNow, type Desk } from "./context";
import { Decide, Ruling } from "./decision";
import { Exhibits } from "./exhibits";
import { Notes } from "./notes";
import { loadClaim, type Claim } from "./reads";
import { TEAM_ACTIONS, TeamForm } from "./work";
import { memberWords, situationWords } from "./words";

const LOOK_MS = 15_000;

export function ClaimPage({ id }: { id: string }): JSX.Element {
  const loaded = useLoad<Claim>(id, async (before) => await loadClaim(id, before));
  usePolling(loaded.reload, LOOK_MS);
  return <Shown loaded={loaded}>{(claim) => <Parts claim={claim} reload={loaded.reload} />}</Shown>;
}

const lastSeq = ({ page }: Claim): number => page.timeline.items.at(-1)?.seq ?? 0;

function Parts({ claim, reload }: { claim: Claim; reload: () => Promise<void> }): JSX.Element {
  const { page, etag } = claim;
  const { dispute } = page;
  const [action, setAction] = useState<ActionDocument | null>(null);
  const [draft, change, clear] = useDraft(`${dispute.dispute_id}/decision`, NO_DRAFT);
  const [seen, setSeen] = useState(lastSeq(claim));
  useTitle(dispute.items.map((item) => item.title).join(", "), wordOf(STATUSES, dispute.status), t("Queue"));
  useTime([deadlineOf(dispute)]);
  const view: View = { value: page, etag, reader: readerOf(dispute), reload, start: setAction };
  const desk: Desk = { claim, view, isMine: dispute.assigned_to === userId(), draft, change, clear };
  return (
    <div class="desk">
      <p><a href="/desk">{t("Back to the queue")}</a></p>
      <Head desk={desk} />
      <News claim={claim} seen={seen} onSeen={() => setSeen(lastSeq(claim))} />
      <div class="desk-columns">
        <div class="desk-part"><Outcome view={view} /><Goods view={view} /><Clocks dispute={dispute} /><Offers view={view} /><Return view={view} /><Past view={view} /></div>
        <div class="desk-part"><Exhibits desk={desk} /><Messages view={view} /></div>
        <div class="desk-part"><Ruling desk={desk} /><Brief desk={desk} /><Decide desk={desk} /><Earlier desk={desk} /><Notes desk={desk} /></div>
      </div>
      {action === null ? null : <TeamForm action={action} view={view} desk={desk} onClose={() => setAction(null)} />}
    </div>
  );
}

/** What is going on, until when, who has the claim, and what the team can do. */
function Head({ desk }: { desk: Desk }): JSX.Element {
  const { dispute } = desk.claim.page;
  const due = deadlineOf(dispute);
  const isDecision = dispute.status === "UNDER_REVIEW";
  const until = dispute.status === "CLAIM_EVIDENCE" ? t("Evidence can be added until") : isDecision ? t("Decision expected by") : t("By when");
  const isLate = isDecision && isOver(due);
  return (
    <section class="now" aria-labelledby="now">
      <p class={`badge ${desk.isMine ? "turn" : ""}`}>{wordOf(STATUSES, dispute.status)} · {money(dispute.requested_refund)} · {wordOf(REASONS, dispute.reason)}</p>
      <h1 id="now" tabIndex={-1}>{isEnding(dispute) && !isClosed(dispute)
        ? t("The time is over. The case is about to move on by itself; this takes a moment.")
        : situationWords(dispute, Boolean(desk.claim.brief?.waiting_decision))}</h1>
      {due === null || isClosed(dispute) ? null : (
        <p>
          {isLate ? `${t("The decision is late. It was expected by")} ` : until + beforeDate()}
          <time dateTime={due}><bdi>{instant(due)}</bdi></time>
          {isOver(due) ? null : <>{"\u00a0"}· <strong class="left">{t("%(time)s left", { time: left(due) })}</strong></>}
        </p>
      )}
      <Holder desk={desk} />
    </section>
  );
}

/** Who works on the claim: somebody else's is shown as theirs, and nobody's is there to be taken. */
function Holder({ desk }: { desk: Desk }): JSX.Element | null {
  const { dispute } = desk.claim.page;
  const sending = useSending(desk.view.reload);
  const assign = openNow(desk, "ASSIGN");
  if (dispute.stage !== "CLAIM") return null;
  async function take(): Promise<void> {
    if (assign !== undefined && await sending.send("POST", assign.href, { assignee: userId() }, desk.view.etag)) {
      await desk.view.reload();
      focusHead();
    }
  }
  const isFree = dispute.assigned_to === null;
  const others = TEAM_ACTIONS.map((name) => openNow(desk, name)).filter((one) => one !== undefined);
  return (
    <>
      <p class={isFree || desk.isMine ? "" : "notices"}>
        {isFree ? t("Nobody has this claim.") : desk.isMine ? t("You have this claim.")
          : t("Somebody else works on this claim: %(member)s. Only they can decide it.", { member: memberWords(dispute.assigned_to) })}
      </p>
      <div class="buttons">
        {isFree && assign !== undefined ? <Button kind="main" disabled={sending.busy} onClick={() => void take()}>{t("Take this claim")}</Button> : null}
        {openNow(desk, "DECIDE") === undefined ? null : <a class="button main" href="#decide">{wordOf(ACTIONS, "DECIDE")}</a>}
        {others.map((one) => <Button key={one.action} onClick={() => desk.view.start(one)}>{wordOf(ACTIONS, one.action)}</Button>)}
      </div>
      <Problem error={sending.error} />
    </>
  );
}

/** What others have done since the page was opened. */
function News({ claim, seen, onSeen }: { claim: Claim; seen: number; onSeen: () => void }): JSX.Element {
  const news = claim.page.timeline.items.filter((entry) => entry.seq > seen && entry.actor.id !== userId());
  return (
    <div role="status">
      {news.length === 0 ? null : (
        <div class="notices">
          <p>{t("New since you opened this page:")}</p>
          <ul>{news.map((entry) => <li key={entry.seq}>{sentenceOf(entry)} <small>{briefly(entry.at)}</small></li>)}</ul>
          <Button onClick={onSeen}>{t("I have seen it")}</Button>
        </div>
      )}
    </div>
  );
}

function Clocks({ dispute }: { dispute: Dispute }): JSX.Element {
  const at = (text: string | null): string | null => (text === null ? null : briefly(text));
  return (
    <Card title={t("Dates")}>
      <Facts facts={[
        [t("Opened"), at(dispute.opened_at)],
        [t("Escalated"), at(dispute.escalated_at)],
        [t("Evidence until"), at(dispute.evidence_due_at)],
        [t("Decision by"), at(dispute.decision_due_at)],
        [t("Delivered"), at(dispute.delivered_at)],
        [t("Closed"), at(dispute.closed_at)],
      ]} />
    </Card>
  );
}
