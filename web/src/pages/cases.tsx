// My cases: whose turn it is, what is waiting, what is closed.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { loadCases, loadMore, type CaseList } from "../api/cases";
import type { Dispute, Summary } from "../api/types";
import { userId } from "../auth";
import { REASONS, STATUSES } from "../enums";
import { useLoad, usePolling } from "../loading";
import { money, total } from "../money";
import { Shown } from "../parts/shown";
import { Button, Problem } from "../parts/ui";
import { deadlineOf, isEnding, readerOf, situationOf } from "../situation";
import { useTitle } from "../router";
import { left, useTime } from "../time";
import { capital, t, wordOf } from "../words";

const LOOK_MS = 30_000;

export function CasesPage(): JSX.Element {
  const loaded = useLoad("cases", async () => await loadCases());
  usePolling(loaded.reload, LOOK_MS);
  useTitle(t("My cases"), t("Buyer Protection"));
  return (
    <>
      <h1>{t("My cases")}</h1>
      <Shown loaded={loaded}>{(first) => <Lists first={first} reload={loaded.reload} />}</Shown>
    </>
  );
}

function Lists({ first, reload }: { first: CaseList[]; reload: () => Promise<void> }): JSX.Element {
  const [more, setMore] = useState<CaseList[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  // What was read first is read anew; what came after it stays as it was.
  const lists = [...first, ...(more ?? [])];
  const all = [...new Map(lists.flatMap((list) => list.items).toReversed().map((one) => [one.dispute_id, one])).values()].toReversed();
  const unfinished = (more ?? first).filter((list) => list.next !== undefined);
  async function goOn(): Promise<void> {
    try {
      setMore(await Promise.all((more ?? first).map(async (list) => (list.next === undefined ? list : await loadMore(list)))));
      setError(null);
    } catch (thrown) {
      setError(thrown);
      await reload();
    }
  }
  useTime(all.map((one) => dueOf(one)));
  const isMine = (one: Summary): boolean => one.party_state === "REQUIRED_ACTION";
  const open = all.filter((one) => one.stage !== "CLOSED");
  return (
    <>
      {all.length === 0 ? <p class="card">{t("You have no cases. To ask for a refund, open the page of the order in the shop.")}</p> : null}
      <Group title={t("Your turn")} cases={open.filter(isMine)} />
      <Group title={t("Waiting")} cases={open.filter((one) => !isMine(one))} />
      <Group title={t("Closed")} cases={all.filter((one) => one.stage === "CLOSED")} />
      <Problem error={error} />
      {unfinished.length === 0 ? null : <Button onClick={() => void goOn()}>{t("Show more")}</Button>}
    </>
  );
}

const dueOf = (one: Summary): string | null => ("negotiation_due_at" in one ? deadlineOf(one as Dispute) : (one.due_at ?? null));

function Group({ title, cases }: { title: string; cases: Summary[] }): JSX.Element | null {
  if (cases.length === 0) return null;
  const sold = cases.filter((one) => readerOf(one as Dispute, userId()) === "SELLER" && one.stage !== "CLOSED");
  const isOneCurrency = new Set(sold.map((one) => one.requested_refund.currency)).size === 1;
  const stake = isOneCurrency ? total(sold.map((one) => one.requested_refund)) : null;
  return (
    <section aria-label={title}>
      <h2>{title} <span class="count">{cases.length}</span></h2>
      {stake === null ? null : <p class="hint">{t("Sum at stake as a seller: %(amount)s", { amount: money(stake) })}</p>}
      <ul class="cases">{cases.map((one) => <li key={one.dispute_id}><Row one={one} /></li>)}</ul>
    </section>
  );
}

function Row({ one }: { one: Summary }): JSX.Element {
  const due = dueOf(one);
  const reader = readerOf(one as Dispute, userId());
  const titles = (one.items ?? []).map((item) => item.title || item.item_id).join(", ");
  const isWhole = "current_offer" in one && "outcome" in one;
  return (
    <a class="card row" href={`/disputes/${one.dispute_id}`}>
      <span class="row-title"><bdi dir="auto">{titles || one.order_id}</bdi></span>
      <span class="amount"><bdi>{money(one.requested_refund)}</bdi></span>
      <span class="row-text">{isWhole ? situationOf(one as Dispute, reader) : capital(wordOf(REASONS, one.reason))}</span>
      <span class="row-state">
        <span class={`badge ${one.party_state === "REQUIRED_ACTION" ? "turn" : ""}`}>{wordOf(STATUSES, one.status)}</span>
        {due === null || isEnding(one as Dispute) || left(due) === "" ? null : <span class="left">{t("%(time)s left", { time: left(due) })}</span>}
        {(one.unread_messages ?? 0) > 0 ? <span class="badge turn">{t("New message")}</span> : null}
      </span>
    </a>
  );
}
