// Evidence: the guide as a checklist, what both sides gave, and what is in the files.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { evidencePath, loadEvidence } from "../api/cases";
import type { ActionDocument, EvidenceDocument, EvidenceFileDocument, GuideLineDocument, Role } from "../api/types";
import { guideOf, openAction, type View } from "../context";
import { ACTIONS, EVIDENCE_STATUSES, EVIDENCE_TYPES, FILE_REFUSALS, FILE_WARNINGS, REMEDIES } from "../enums";
import { Resume } from "../forms/evidence";
import { actionsOf, deadlineOf } from "../situation";
import { briefly, instant } from "../time";
import { size } from "../upload";
import { capital, formats, t, wordOf } from "../words";
import { Button, Card, Problem, Said } from "./ui";

export function Evidence({ view }: { view: View }): JSX.Element {
  const { open } = actionsOf(view.value.dispute);
  const buttons = (["ADD_EVIDENCE", "EVIDENCE_COMPLETE"] as const).map((one) => openAction(open, one)).filter((one) => one !== undefined);
  const due = buttons.find((one) => one.due_at !== null)?.due_at;
  const sides: [Role, string][] = view.reader === "BUYER"
    ? [["BUYER", t("Yours")], ["SELLER", t("The seller's")]] : [["BUYER", t("The buyer's")], ["SELLER", t("Yours")]];
  return (
    <Card title={t("Evidence")}>
      <Guide view={view} />
      <div class="buttons">
        {buttons.map((one) => <Button key={one.action} onClick={() => view.start(one)}>{wordOf(ACTIONS, one.action)}</Button>)}
        {due && due !== deadlineOf(view.value.dispute) ? <span class="hint">{t("until %(at)s", { at: instant(due) })}</span> : null}
      </div>
      <div class="columns">
        {sides.map(([role, name]) => <Side key={role} role={role} name={name} view={view} />)}
      </div>
    </Card>
  );
}

/** What would help the reader's side, and what is there already. */
function Guide({ view }: { view: View }): JSX.Element | null {
  const lines = guideOf(view);
  if (lines.length === 0 || view.value.dispute.stage === "CLOSED") return null;
  return (
    <>
      <h3>{t("What helps in a case like this")}</h3>
      <Checklist lines={lines} />
    </>
  );
}

/** Types of evidence, the important ones first, with what is there already. */
export function Checklist({ lines }: { lines: GuideLineDocument[] }): JSX.Element {
  return (
    <ul class="checklist">
      {lines.map((line) => (
        <li key={line.type} class={line.given > 0 ? "given" : "missing"}>
          {capital(wordOf(EVIDENCE_TYPES, line.type))}{" "}
          <small>{line.given > 0 ? t("is there") : line.weight === "REQUIRED" ? t("important") : t("helps")}</small>
        </li>
      ))}
    </ul>
  );
}

function Side(props: { role: Role; name: string; view: View }): JSX.Element {
  const items = props.view.value.evidence.filter((item) => item.party === props.role);
  return (
    <div class="side">
      <h3>{props.name}</h3>
      {items.length === 0 ? <p class="hint">{t("Nothing was given.")}</p> : null}
      <ul class="plain">{items.map((item) => <li key={item.evidence_id}><Item item={item} view={props.view} /></li>)}</ul>
    </div>
  );
}

function Item({ item, view }: { item: EvidenceDocument; view: View }): JSX.Element {
  const [shown, setShown] = useState<EvidenceDocument | null>(null);
  const [error, setError] = useState<unknown>(null);
  const about = view.value.dispute.items.find((one) => one.item_id === item.item_id);
  const canShow = item.files.some((file) => file.status === "VERIFIED");
  async function show(): Promise<void> {
    try {
      setShown(shown === null ? await loadEvidence(item.dispute_id, item.evidence_id) : null);
      setError(null);
    } catch (thrown) {
      setError(thrown);
    }
  }
  return (
    <article class="item">
      <h4>{capital(wordOf(EVIDENCE_TYPES, item.type))}</h4>
      <p class="by">{briefly(item.added_at)} · {wordOf(EVIDENCE_STATUSES, item.status)}{about?.title ? <> · <bdi dir="auto">{about.title}</bdi></> : null}</p>
      {item.text === "" ? null : <Said text={item.text} />}
      <ul class="plain">
        {item.files.map((file, index) => (
          <li key={file.file_id}><FileLine file={file} shown={shown?.files[index]} isOwn={item.party === view.reader} /><Waiting item={item} index={index} view={view} /></li>
        ))}
      </ul>
      <div class="buttons">
        {canShow ? <Button onClick={() => void show()}>{shown === null ? t("Show") : t("Hide")}</Button> : null}
        {item.withdrawable ? <Button onClick={() => view.start(withdrawal(item))}>{wordOf(ACTIONS, "WITHDRAW_EVIDENCE")}</Button> : null}
      </div>
      <Problem error={error} />
    </article>
  );
}

/** Whether an item can be taken back is its own `withdrawable`: the list of actions has none for each. */
const withdrawal = (item: EvidenceDocument): ActionDocument => ({
  action: "WITHDRAW_EVIDENCE", method: "DELETE", href: evidencePath(item.dispute_id, item.evidence_id),
  available_from: item.added_at, due_at: null, mandatory: false, if_missed: null, fields: null,
});

const isPicture = (file: EvidenceFileDocument): boolean => file.media_type.startsWith("image/");

function FileLine({ file, shown, isOwn }: { file: EvidenceFileDocument; shown: EvidenceFileDocument | undefined; isOwn: boolean }): JSX.Element {
  return (
    <>
      <p>
        <Thumbnail file={file} />
        <bdi dir="auto">{file.name}</bdi> <small>{size(file.size, formats())}</small>
      </p>
      {isOwn && file.status === "PENDING" ? file.warnings.map((one) => <p key={one} class="hint">{wordOf(FILE_WARNINGS, one)}</p>) : null}
      {!isOwn && file.status === "VERIFIED" && isPicture(file) && file.copy === undefined
        ? <p class="hint">{t("A copy for you is being made. Please look again later.")}</p> : null}
      {file.refusal === null ? null : <p class="bad">{wordOf(FILE_REFUSALS, file.refusal)} {wordOf(REMEDIES, file.refusal)}</p>}
      {shown?.download ? <Preview file={shown} url={(shown.copy?.download ?? shown.download).url} /> : null}
    </>
  );
}

/** The picture, small. Its link is good for minutes, so that the first one stays, however often the page is read anew. */
function Thumbnail({ file }: { file: EvidenceFileDocument }): JSX.Element | null {
  const [url, setUrl] = useState(file.thumbnail?.url);
  useEffect(() => { if (url === undefined) setUrl(file.thumbnail?.url); }, [file.thumbnail?.url]);
  return url === undefined ? null : <img class="thumbnail" src={url} alt="" width={64} height={64} onError={() => setUrl(undefined)} />;
}

/** Pictures and films by their elements; everything else is saved, never opened in the page. */
function Preview({ file, url }: { file: EvidenceFileDocument; url: string }): JSX.Element {
  if (isPicture(file)) return <img class="preview" src={url} alt={file.name} />;
  if (file.media_type.startsWith("video/")) return <video class="preview" src={url} controls preload="metadata" />;
  return <a class="button plain" href={url} download={file.name} rel="noreferrer">{t("Save the file")}</a>;
}

/** An upload of the reader's own that has not come. */
function Waiting({ item, index, view }: { item: EvidenceDocument; index: number; view: View }): JSX.Element | null {
  const file = item.files[index];
  if (file?.status !== "PENDING" || item.party !== view.reader) return null;
  return <Resume item={item} index={index} onDone={() => void view.reload()} />;
}
