// How the system fares, for operators: whether anything is late, each number with what to do about it, and the way to a case.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { serverNow } from "../api/client";
import type { OperationsSummaryDocument, QueueDocument } from "../api/types";
import { useLoad, usePolling } from "../loading";
import { Shown } from "../parts/shown";
import { Button, Card, Facts, TextField } from "../parts/ui";
import { navigate, useTitle } from "../router";
import { briefly } from "../time";
import { isolated, n, t } from "../words";
import { Ages } from "./ages";
import { loadSummary } from "./reads";

const LOOK_MS = 30_000;
// The sweeper runs every minute, the audit every night: as their alarms have it.
const SWEEP_LATE_MS = 3 * 60_000;
const AUDIT_LATE_MS = 48 * 3_600_000;

/** A number, whether somebody must look at it, and the runbook's section. */
interface Figure { name: string; value: string | number | null; late: boolean; section: string }

const isOld = (at: string | null | undefined, ms: number): boolean => !!at && serverNow() - Date.parse(at) > ms;
const when = (at: string | null | undefined): string | null => (at ? briefly(at) : null);

/** How many messages lie in these queues together, as far as that is known of all of them. */
const depthOf = (queues: QueueDocument[]): number | string =>
  (queues.some(({ waiting }) => waiting === null) ? t("unknown") : queues.reduce((sum, { waiting }) => sum + (waiting ?? 0), 0));

function figuresOf(all: OperationsSummaryDocument): Figure[] {
  const { refunds, last_sweep: sweep, last_audit: audit, queues } = all;
  const dead = queues.filter((one) => one.holds_dead_letters);
  // Before the first audit nothing has been counted.
  const counted = (count: number): number | null => (all.counted_at === null ? null : count);
  const bad = (count: number): boolean => all.counted_at !== null && count > 0;
  return [
    { name: t("Overdue decisions"), value: counted(all.overdue_decisions), late: bad(all.overdue_decisions), section: "commands" },
    { name: t("Refunds asked for"), value: counted(refunds.asked), late: false, section: "refunds-to-look-at" },
    { name: t("Refunds held"), value: counted(refunds.held), late: bad(refunds.held), section: "the-refund-switch" },
    { name: t("Refunds unanswered for days"), value: counted(refunds.unanswered), late: bad(refunds.unanswered), section: "refunds-to-look-at" },
    { name: t("Refunds given up"), value: counted(refunds.given_up), late: bad(refunds.given_up), section: "refunds-to-look-at" },
    { name: t("All refunds held since"), value: when(all.refunds_held_since) ?? t("not held"), late: all.refunds_held_since !== null, section: "the-refund-switch" },
    { name: t("Mails waiting"), value: counted(all.mails_waiting), late: false, section: "mail-the-state-of-a-mail" },
    { name: t("Disputes without an execution"), value: counted(all.executions_missing), late: bad(all.executions_missing), section: "the-sweeper" },
    { name: t("Last round of the sweeper"), value: when(sweep?.ended_at), late: isOld(sweep?.ended_at, SWEEP_LATE_MS), section: "the-sweeper" },
    { name: t("Sweeper ran out of time"), value: sweep === null ? null : sweep.unfinished ? t("yes") : t("no"), late: sweep?.unfinished ?? false, section: "the-sweeper" },
    { name: t("Last audit"), value: when(all.counted_at), late: isOld(all.counted_at, AUDIT_LATE_MS), section: "the-audit" },
    { name: t("Disagreements it found"), value: audit?.disagreements ?? null, late: (audit?.disagreements ?? 0) > 0, section: "the-audit" },
    { name: t("Messages in queues"), value: depthOf(queues.filter((one) => !one.holds_dead_letters)), late: false, section: "commands" },
    { name: t("Messages given up"), value: depthOf(dead), late: dead.some(({ waiting }) => (waiting ?? 0) > 0), section: "dead-letters" },
  ];
}

export function OperationsPage(): JSX.Element {
  const loaded = useLoad("operations", loadSummary);
  usePolling(loaded.reload, LOOK_MS);
  useTitle(t("Operations"), t("Buyer Protection"));
  return (
    <>
      <Shown loaded={loaded}>{(all) => <Summary all={all} />}</Shown>
      {loaded.value === null ? null : <Find />}
      {loaded.value === null ? null : <p><a href="/operations/runbook">{t("Runbook")}</a></p>}
    </>
  );
}

function Summary({ all }: { all: OperationsSummaryDocument }): JSX.Element {
  const figures = figuresOf(all);
  const late = figures.filter((one) => one.late).length;
  return (
    <>
      <section class="now" aria-labelledby="now">
        <p class={`badge ${late > 0 ? "turn" : ""}`}>{t("Operations")}</p>
        <h1 id="now" tabIndex={-1}>
          {late > 0 ? n("%(count)s number needs a look.", "%(count)s numbers need a look.", late) : t("Nothing is late.")}
        </h1>
        <p>
          {all.counted_at === null
            ? t("Nothing has been counted yet: the counts come with the first whole audit.")
            : t("The counts are those of the audit that ended on %(at)s.", { at: briefly(all.counted_at) })}
        </p>
      </section>
      <Card title={t("Numbers")}>
        <ul class="figures">{figures.map((one) => <li key={one.name}><Shape {...one} /></li>)}</ul>
      </Card>
      <Card title={t("Queues")}>
        <p class="hint">{t("About so many messages lie in each at this moment, those that are tried again among them:")}</p>
        <Depths queues={all.queues.filter((one) => !one.holds_dead_letters)} />
        <p class="hint">{t("These have been given up, and wait for somebody:")}</p>
        <Depths queues={all.queues.filter((one) => one.holds_dead_letters)} />
      </Card>
      <Card title={t("Open disputes by status and age")}><Ages open={all.open} /></Card>
      <Workers all={all} />
    </>
  );
}

const Depths = ({ queues }: { queues: QueueDocument[] }): JSX.Element =>
  <Facts facts={queues.map(({ name, waiting }) => [isolated(name), waiting === null ? t("unknown") : String(waiting)])} />;

function Shape({ name, value, late, section }: Figure): JSX.Element {
  const id = useId();
  return (
    <div class={`figure ${late ? "late-one" : ""}`}>
      <span id={id}>{name}</span>
      <strong><bdi>{value ?? "–"}</bdi></strong>
      {late ? <span class="badge turn">{t("needs a look")}</span> : null}
      <a href={`/operations/runbook/${section}`} id={`${id}-runbook`} aria-labelledby={`${id}-runbook ${id}`}>{t("Runbook")}</a>
    </div>
  );
}

/** What the sweeper did in its last round, by the names that its log has, and the audit that is under way. */
function Workers({ all: { last_sweep: sweep, audit_under_way: audit } }: { all: OperationsSummaryDocument }): JSX.Element | null {
  const done = Object.entries(sweep?.done ?? {}).filter(([, count]) => count > 0);
  if (done.length === 0 && audit === null) return null;
  return (
    <Card title={t("What the workers do")}>
      {audit === null ? null : (
        <p>{n("An audit is under way since %(at)s and has seen %(count)s dispute.", "An audit is under way since %(at)s and has seen %(count)s disputes.", audit.cases, { at: briefly(audit.began_at) })}</p>
      )}
      <Facts facts={done.map(([name, count]) => [name, String(count)])} />
    </Card>
  );
}

function Find(): JSX.Element {
  const [id, setId] = useState("");
  return (
    <form class="card" onSubmit={(event) => { event.preventDefault(); navigate(`/operations/cases/${encodeURIComponent(id.trim())}`); }}>
      <TextField label={t("Find a case by its id")} value={id} required max={100} onInput={setId} />
      <Button type="submit">{t("Find")}</Button>
    </form>
  );
}
