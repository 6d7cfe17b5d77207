// One case as an operator sees it: its rows, timer, execution and outbox, without what anybody wrote. Names of rows, mails
// and statuses are those of the table and of the logs.
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { OperatedCaseDocument } from "../api/types";
import { ROLES, STATUSES } from "../enums";
import { useLoad } from "../loading";
import { money } from "../money";
import { Shown } from "../parts/shown";
import { Button, Card, Facts } from "../parts/ui";
import { useTitle } from "../router";
import { exactly } from "../time";
import { t, wordOf } from "../words";
import { loadOperated } from "./reads";

// A page has no more than some hundred elements.
const FIRST_LINES = 50;

const at = (instant: string | null): string => (instant === null ? "–" : exactly(instant));
const yes = (is: boolean | null): string => (is === null ? t("unknown") : is ? t("yes") : t("no"));
const code = (text: string | number): JSX.Element => <code dir="ltr">{text}</code>;

export function OperatedCasePage({ id }: { id: string }): JSX.Element {
  const loaded = useLoad(id, async () => await loadOperated(id));
  useTitle(t("Operations"), id, t("Buyer Protection"));
  return (
    <>
      <p><a href="/operations">{t("Operations")}</a></p>
      <Shown loaded={loaded}>{(one) => <Parts one={one} />}</Shown>
      {loaded.value === null ? null : <p><Button onClick={() => void loaded.reload()}>{t("Read it anew")}</Button></p>}
    </>
  );
}

function Parts({ one }: { one: OperatedCaseDocument }): JSX.Element {
  const { timer, execution, refund } = one;
  return (
    <>
      <h1><bdi>{one.dispute_id}</bdi></h1>
      <section class="card" aria-label={t("Case")}>
        <Facts facts={[
          [t("Order"), code(one.order_id ?? "–")],
          [t("Status"), one.status === null ? t("unknown") : wordOf(STATUSES, one.status)],
          [t("Version"), String(one.version ?? "–")],
          [t("Read on"), at(one.as_of)],
        ]} />
      </section>
      <Card title={t("Timer and execution")}>
        <Facts facts={[
          ...(timer === null ? [] : [
            [t("Status"), code(timer.status)], [t("Epoch"), String(timer.epoch)], [t("The clock acts next"), at(timer.wake_at)],
            [t("The sweeper looks"), at(timer.due_at)], [t("An execution waits"), yes(timer.is_parked)],
          ] satisfies [string, ComponentChildren][]),
          ...(execution === null ? [] : [
            [t("Generation"), String(execution.generation)], [t("It runs"), yes(execution.is_running)],
          ] satisfies [string, ComponentChildren][]),
        ]} />
        {timer === null && execution === null ? <p>{t("None.")}</p> : null}
      </Card>
      <Card title={t("Refund")}>
        {refund === null ? <p>{t("None.")}</p> : (
          <Facts facts={[
            [t("Id"), code(refund.refund_id)], [t("Status"), code(refund.status)], [t("Amount"), money(refund.amount)],
            [t("Attempt"), String(refund.attempt)], [t("Refund asked for"), at(refund.requested_at)], [t("Asked for again"), at(refund.due_at)],
          ]} />
        )}
      </Card>
      <Listing title={t("Mails")} items={one.outbox.map((mail) => [
        code(`${mail.seq} ${mail.mail} ${mail.status}`), " ", wordOf(ROLES, mail.recipient), " · ", t("Attempts"), ` ${mail.attempts} · `,
        mail.settled_at === null ? `${t("The sweeper looks")} · ` : "", <bdi>{at(mail.settled_at ?? mail.due_at)}</bdi>, " ", mail.dropped === null ? "" : code(mail.dropped),
      ])} />
      <Listing title={t("Rows")} items={one.rows.map((row) => [
        code(`${row.key} ${row.kind}`), Object.entries(row.instants).map(([name, instant]) => <> · {code(name)} <bdi>{at(instant)}</bdi></>),
      ])} />
      <Listing title={t("Who of the team read earlier disputes")} items={one.looks.map((look) => [
        code(`${look.reader_id} → ${look.person_id}`), " · ", <bdi>{at(look.seen_at)}</bdi>,
      ])} />
    </>
  );
}

function Listing({ title, items }: { title: string; items: ComponentChildren[] }): JSX.Element {
  const [most, setMost] = useState(FIRST_LINES);
  return (
    <Card title={title}>
      {items.length === 0 ? <p>{t("None.")}</p> : (
        <ul class="plain listing">{items.slice(0, most).map((item, index) => <li key={index}>{item}</li>)}</ul>
      )}
      {items.length > most ? <Button onClick={() => setMost(most + FIRST_LINES)}>{t("Show more")}</Button> : null}
    </Card>
  );
}
