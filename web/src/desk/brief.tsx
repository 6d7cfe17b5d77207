// The brief: the rules that bear on the claim, what the facts point to, and the earlier cases of both sides.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { loadMore, type CaseList } from "../api/cases";
import { CLAIM_REASONS, STATUSES } from "../enums";
import { money } from "../money";
import { Button, Card, Problem, Said } from "../parts/ui";
import { briefly } from "../time";
import { capital, formats, t, wordOf } from "../words";
import type { Desk } from "./context";
import { loadHistory } from "./reads";
import { DECISIONS, endingWords, GROUNDS, RULES, UNSEEN } from "./words";

export function Brief({ desk }: { desk: Desk }): JSX.Element | null {
  if (desk.claim.brief === null) return null;
  const { suggestion, rules, claim_text } = desk.claim.brief;
  const { claim_reason } = desk.claim.page.dispute;
  const unseen = suggestion.not_looked_at.map((one) => wordOf(UNSEEN, one));
  return (
    <Card title={t("Brief")}>
      {claim_reason === null ? null : (
        <>
          <h3>{t("Why the buyer asked the team")}</h3>
          <p>{wordOf(CLAIM_REASONS, claim_reason)}</p>
          {claim_text === "" ? null : <Said text={claim_text} />}
        </>
      )}
      <h3>{t("What the facts point to")}</h3>
      <p><strong>{wordOf(DECISIONS, suggestion.outcome)} · <bdi>{money(suggestion.refund)}</bdi></strong></p>
      <ul>{suggestion.grounds.map((one) => <li key={one}>{wordOf(GROUNDS, one)}</li>)}</ul>
      <p class="hint">
        {unseen.length === 0 ? t("This is arithmetic; you decide.") : t("This is arithmetic; you decide. It did not look at: %(what)s.", { what: new Intl.ListFormat(formats()).format(unseen) })}
      </p>
      <details>
        <summary>{t("Rules that count here")}</summary>
        <ul class="plain">{rules.map((rule) => <li key={rule}><small><bdi>{rule}</bdi></small> {wordOf(RULES, rule)}</li>)}</ul>
      </details>
    </Card>
  );
}

export function Earlier({ desk }: { desk: Desk }): JSX.Element {
  const { dispute } = desk.claim.page;
  return (
    <Card title={t("Earlier cases")}>
      {desk.isMine ? (
        <>
          <p class="hint">{t("Each look at somebody's earlier cases is recorded.")}</p>
          <Of name={t("The buyer's")} button={t("Show the buyer's")} id={dispute.dispute_id} person={dispute.buyer_id} />
          <Of name={t("The seller's")} button={t("Show the seller's")} id={dispute.dispute_id} person={dispute.seller_id} />
        </>
      ) : <p class="hint">{t("Only the person who has the claim can see them.")}</p>}
    </Card>
  );
}

function Of({ name, button, id, person }: { name: string; button: string; id: string; person: string }): JSX.Element {
  const [list, setList] = useState<CaseList | null>(null);
  const [error, setError] = useState<unknown>(null);
  async function read(): Promise<void> {
    try {
      setList(list === null ? await loadHistory(id, person) : await loadMore(list));
      setError(null);
    } catch (thrown) {
      setError(thrown);
    }
  }
  return (
    <>
      {list === null ? null : <h3>{name}</h3>}
      {list?.items.length === 0 && list.next === undefined ? <p class="hint">{t("There are none.")}</p> : null}
      {list === null || list.items.length === 0 ? null : <ul class="plain">
        {list.items.map(({ dispute: one }) => (
          <li key={one.dispute_id}>
            <a href={`/desk/${one.dispute_id}`}>{briefly(one.opened_at)}</a> <bdi>{money(one.requested_refund)}</bdi>{" "}
            <small>{one.outcome ? endingWords(one.outcome.code) : capital(wordOf(STATUSES, one.status))}</small>
          </li>
        ))}
      </ul>}
      {list === null || list.next !== undefined ? <div><Button onClick={() => void read()}>{list === null ? button : t("Show more")}</Button></div> : null}
      <Problem error={error} />
    </>
  );
}
