// My cases: whose turn it is, what is waiting, what is closed.
import type { JSX } from "preact";
import { loadCases, type CaseList } from "../api/cases";
import type { Listed } from "../api/types";
import { STATUSES } from "../enums";
import { titlesOf, useLists } from "../lists";
import { useLoad, usePolling } from "../loading";
import { money, total } from "../money";
import { Shown } from "../parts/shown";
import { Button, Problem } from "../parts/ui";
import { deadlineOf, isClosed, isEnding, mustAct, situationOf } from "../situation";
import { useTitle } from "../router";
import { left, useTime } from "../time";
import { t, wordOf } from "../words";

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
  const { cases: all, unreadable, error, more } = useLists(first, reload);
  useTime(all.map((one) => deadlineOf(one.dispute)));
  const open = all.filter((one) => !isClosed(one.dispute));
  return (
    <>
      {all.length + unreadable.length === 0 ? <p class="card">{t("You have no cases. To ask for a refund, open the page of the order in the shop.")}</p> : null}
      <Group title={t("Your turn")} cases={open.filter((one) => mustAct(one.dispute))} />
      <Group title={t("Waiting")} cases={open.filter((one) => !mustAct(one.dispute))} />
      <Group title={t("Closed")} cases={all.filter((one) => isClosed(one.dispute))} />
      {unreadable.map((id) => <p class="card" key={id}><bdi>{id}</bdi> · {t("This page cannot be shown")}</p>)}
      <Problem error={error} />
      {more === null ? null : <Button onClick={more}>{t("Show more")}</Button>}
    </>
  );
}

function Group({ title, cases }: { title: string; cases: Listed[] }): JSX.Element | null {
  if (cases.length === 0) return null;
  const sold = cases.filter((one) => one.reader === "SELLER" && !isClosed(one.dispute)).map((one) => one.dispute.requested_refund);
  const isOneCurrency = new Set(sold.map((one) => one.currency)).size === 1;
  const stake = isOneCurrency ? total(sold) : null;
  return (
    <section aria-label={title}>
      <h2>{title} <span class="count">{cases.length}</span></h2>
      {stake === null ? null : <p class="hint">{t("Sum at stake as a seller: %(amount)s", { amount: money(stake) })}</p>}
      <ul class="cases">{cases.map((one) => <li key={one.dispute.dispute_id}><Row {...one} /></li>)}</ul>
    </section>
  );
}

function Row({ dispute, reader }: Listed): JSX.Element {
  const due = deadlineOf(dispute);
  return (
    <a class="card row" href={`/disputes/${dispute.dispute_id}`}>
      <span class="row-title"><bdi dir="auto">{titlesOf(dispute)}</bdi></span>
      <span class="amount"><bdi>{money(dispute.requested_refund)}</bdi></span>
      <span class="row-text">{situationOf(dispute, reader)}</span>
      <span class="row-state">
        <span class={`badge ${mustAct(dispute) ? "turn" : ""}`}>{wordOf(STATUSES, dispute.status)}</span>
        {due === null || isClosed(dispute) || isEnding(dispute) || left(due) === "" ? null : <span class="left">{t("%(time)s left", { time: left(due) })}</span>}
        {dispute.has_unread_messages ? <span class="badge turn">{t("New message")}</span> : null}
      </span>
    </a>
  );
}
