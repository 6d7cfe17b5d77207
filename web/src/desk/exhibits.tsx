// The evidence of both sides beside each other, with a mark for what the decision relies on.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { EvidenceDocument, EvidenceFileDocument, Role } from "../api/types";
import { EVIDENCE_STATUSES, EVIDENCE_TYPES } from "../enums";
import { Checklist } from "../parts/evidence";
import { Button, Card, Check, Said } from "../parts/ui";
import { briefly } from "../time";
import { size } from "../upload";
import { capital, formats, t, wordOf } from "../words";
import { openNow, type Desk } from "./context";
import { Viewer, type Exhibit } from "./viewer";

export function Exhibits({ desk }: { desk: Desk }): JSX.Element {
  const { evidence, guide } = desk.claim.page;
  const [at, setAt] = useState<number | null>(null);
  const sides: [Role, string][] = [["BUYER", t("The buyer's")], ["SELLER", t("The seller's")]];
  const exhibits: Exhibit[] = sides.flatMap(([role, side]) => evidence.filter((item) => item.party === role).flatMap((item) =>
    item.files.filter((file) => file.status === "VERIFIED").map((file) => ({ item, file, side }))));
  const view = (file: EvidenceFileDocument, item: EvidenceDocument): void =>
    setAt(exhibits.findIndex((one) => one.file.file_id === file.file_id && one.item.evidence_id === item.evidence_id));
  return (
    <Card title={t("Evidence")}>
      <div class="columns">
        {sides.map(([role, name]) => {
          const items = evidence.filter((item) => item.party === role);
          const lines = guide.find((side) => side.party === role)?.lines ?? [];
          return (
            <div class="side" key={role}>
              <h3>{name}</h3>
              {items.length === 0 ? <p class="hint">{t("Nothing was given.")}</p> : null}
              <ul class="plain">{items.map((item) => <li key={item.evidence_id}><Item item={item} desk={desk} view={view} /></li>)}</ul>
              {lines.length === 0 ? null : <details><summary>{t("What helps in a case like this")}</summary><Checklist lines={lines} /></details>}
            </div>
          );
        })}
      </div>
      {at === null || exhibits[at] === undefined ? null : <Viewer exhibits={exhibits} first={at} onClose={() => setAt(null)} />}
    </Card>
  );
}

interface ItemProps { item: EvidenceDocument; desk: Desk; view: (file: EvidenceFileDocument, item: EvidenceDocument) => void }

function Item({ item, desk, view }: ItemProps): JSX.Element {
  const { cited } = desk.draft;
  const about = desk.claim.page.dispute.items.find((one) => one.item_id === item.item_id);
  return (
    <article class={cited.includes(item.evidence_id) ? "item standing" : "item"}>
      <h4>{capital(wordOf(EVIDENCE_TYPES, item.type))}</h4>
      <p class="by">{briefly(item.added_at)} · {wordOf(EVIDENCE_STATUSES, item.status)}{about?.title ? <> · <bdi dir="auto">{about.title}</bdi></> : null}</p>
      {item.text === "" ? null : <Said text={item.text} />}
      {item.files.map((file) => (
        <div key={file.file_id}>
          {file.status === "VERIFIED" ? <Thumb file={file} onClick={() => view(file, item)} /> : null}
          <p><bdi dir="auto">{file.name}</bdi> <small>{size(file.size, formats())}</small></p>
        </div>
      ))}
      {item.counts && openNow(desk, "DECIDE") !== undefined ? (
        <Check
          label={t("The decision relies on this")} checked={cited.includes(item.evidence_id)}
          onChange={(on) => desk.change({ cited: on ? [...cited, item.evidence_id] : cited.filter((id) => id !== item.evidence_id) })}
        />
      ) : null}
    </article>
  );
}

/** A small picture that opens the viewer; of other files, and where its link is not at hand, a button. */
function Thumb({ file, onClick }: { file: EvidenceFileDocument; onClick: () => void }): JSX.Element {
  const small = file.thumbnail ?? file.download;
  if (!file.media_type.startsWith("image/") || small === undefined) return <Button onClick={onClick}>{t("Look at it")}</Button>;
  return <button type="button" class="thumb" aria-label={t("Look at %(name)s", { name: file.name })} onClick={onClick}><img src={small.url} alt="" /></button>;
}
