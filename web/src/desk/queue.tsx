// The queue of the team: what is late, due today, one's own or nobody's; and finding any other case.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Dispute, DisputeSummary, MediationSummary } from "../api/types";
import { useDraft } from "../drafts";
import { REASONS, STATUSES } from "../enums";
import { titlesOf, useLists } from "../lists";
import { useLoad, usePolling } from "../loading";
import { money } from "../money";
import { Shown } from "../parts/shown";
import { Button, Problem, Select, TextField } from "../parts/ui";
import { navigate, useTitle } from "../router";
import { useSending } from "../sending";
import { briefly, isOver, left, useTime } from "../time";
import { capital, t, wordOf } from "../words";
import { loadQueue, type Asked, type Queue, type QueueView } from "./reads";
import { endingWords, memberWords } from "./words";

const LOOK_MS = 30_000;

export function QueuePage(): JSX.Element {
  useTitle(t("Queue"), t("Buyer Protection"));
  // Whoever comes back from a claim finds the list that they left.
  const [asked, ask] = useDraft<Asked>("desk/queue", { view: "ALL", kind: "ORDER", searched: "" });
  const name = JSON.stringify(asked);
  const loaded = useLoad<Queue>(name, async () => await loadQueue(asked));
  usePolling(loaded.reload, LOOK_MS);
  return (
    <>
      <div class="top"><h1>{t("Queue")}</h1><TakeNext /></div>
      <p><a href="/desk/templates">{t("Templates")}</a></p>
      <Search asked={asked} ask={ask} />
      <Views asked={asked} ask={ask} summary={loaded.value?.summary ?? null} />
      <Shown loaded={loaded}>{(queue) => <Rows key={name} queue={queue} asked={asked} />}</Shown>
    </>
  );
}

function TakeNext(): JSX.Element {
  const sending = useSending();
  async function take(): Promise<void> {
    const taken = await sending.send<Dispute>("POST", "/v1/mediation/next");
    if (taken !== null) navigate(`/desk/${taken.data.dispute_id}`);
  }
  return (
    <div class="take">
      <Button kind="main" disabled={sending.busy} onClick={() => void take()}>{t("Take the next claim")}</Button>
      <Problem error={sending.error} />
    </div>
  );
}

interface AskProps { asked: Asked; ask: (change: Partial<Asked>) => void }

/** By an order or a person a list is found, by a case its page. */
function Search({ asked, ask }: AskProps): JSX.Element {
  const [text, setText] = useState(asked.searched);
  function submit(event: Event): void {
    event.preventDefault();
    const searched = text.trim();
    if (asked.kind === "CASE" && searched !== "") navigate(`/desk/${encodeURIComponent(searched)}`);
    else ask({ searched });
  }
  const kinds = [["ORDER", t("Order")], ["PERSON", t("Buyer or seller")], ["CASE", t("Case")]] as const;
  return (
    <form class="search" role="search" onSubmit={submit}>
      <Select label={t("Search by")} value={asked.kind} choices={kinds.map(([value, label]) => ({ value, label }))} onChange={(kind) => ask({ kind, searched: "" })} />
      <TextField label={t("Its id")} value={text} max={64} onInput={setText} />
      <Button type="submit">{t("Search")}</Button>
    </form>
  );
}

function Views({ asked, ask, summary }: AskProps & { summary: MediationSummary | null }): JSX.Element {
  const views: [QueueView, string, number | undefined][] = [
    ["OVERDUE", t("Overdue"), summary?.overdue],
    ["TODAY", t("Due later today"), summary?.due_today],
    ["MINE", t("Mine"), summary?.mine],
    ["UNASSIGNED", t("Nobody's"), summary?.unassigned],
    ["ALL", t("All open"), summary?.open],
    ["CLOSED", t("Closed"), undefined],
  ];
  return (
    <div class="views" role="group" aria-label={t("Which claims")}>
      {views.map(([view, name, count]) => (
        <button
          type="button" key={view} class="button" aria-pressed={asked.searched === "" && asked.view === view}
          onClick={() => ask({ view, searched: "" })}
        >
          {name}{view === "CLOSED" ? null : <>{" "}<span class="number">{count ?? ""}</span></>}
        </button>
      ))}
    </div>
  );
}

function Rows({ queue, asked }: { queue: Queue; asked: Asked }): JSX.Element {
  const { cases, unreadable, error, more } = useLists(queue.lists);
  const all = cases.map((one) => one.dispute);
  // What was due today and is late by now.
  const rows = asked.view === "TODAY" && asked.searched === "" ? all.filter((one) => !isOver(one.next_deadline?.due_at)) : all;
  useTime(rows.map((one) => one.next_deadline?.due_at));
  return (
    <>
      {rows.length + unreadable.length === 0 ? <p class="card">{t("Nothing is here.")}</p> : <Table rows={rows} />}
      {unreadable.map((id) => <p class="card" key={id}><bdi>{id}</bdi> · {t("This page cannot be shown")}</p>)}
      <Problem error={error} />
      {more === null ? null : <div><Button onClick={more}>{t("Show more")}</Button></div>}
    </>
  );
}

/** A table that is drawn as cards on a phone: the roles stay what they are. */
function Table({ rows }: { rows: DisputeSummary[] }): JSX.Element {
  const columns = [t("Claim"), t("Reason"), t("Amount"), t("Status"), t("Due"), t("Who has it")];
  return (
    <table class="queue" role="table" aria-label={t("Claims")}>
      <thead role="rowgroup"><tr role="row">{columns.map((name) => <th role="columnheader" scope="col" key={name}>{name}</th>)}</tr></thead>
      <tbody role="rowgroup">
        {rows.map((one) => (
          <tr role="row" key={one.dispute_id}>
            {cellsOf(one).map((cell, index) => <td role="cell" key={index} data-label={columns[index]}>{cell}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function cellsOf(one: DisputeSummary): (JSX.Element | string)[] {
  const due = one.next_deadline?.due_at;
  return [
    <><a href={`/desk/${one.dispute_id}`}><bdi dir="auto">{titlesOf(one)}</bdi></a> <small><bdi>{one.order_id}</bdi></small></>,
    capital(wordOf(REASONS, one.reason)),
    <bdi>{money(one.requested_refund)}</bdi>,
    one.outcome ? endingWords(one.outcome.code) : <span class={`badge ${one.action_required ? "turn" : ""}`}>{wordOf(STATUSES, one.status)}</span>,
    one.closed_at ? briefly(one.closed_at) : due ? (
      <>
        <time dateTime={due}>{briefly(due)}</time>{"\u00a0· "}
        {isOver(due) ? <strong class="bad">{t("late")}</strong> : <strong class="left">{t("%(time)s left", { time: left(due) })}</strong>}
      </>
    ) : "",
    one.stage === "CLAIM" ? memberWords(one.assigned_to) : "",
  ];
}
