// Giving evidence: a text, or files from a camera or a disk, each with its progress and another try.
import type { JSX, TargetedEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { loadEvidence } from "../api/cases";
import type { EvidenceDocument } from "../api/types";
import { guideOf } from "../context";
import { useDraft } from "../drafts";
import { EVIDENCE_TYPES, FILE_WARNINGS } from "../enums";
import { allowed } from "../fields";
import { WrongInput } from "../problems";
import { useSending } from "../sending";
import { describe, isAllowed, keepsMetadata, LARGEST_BYTES, MEDIA_TYPES, sha256, size, upload } from "../upload";
import { capital, formats, n, t, wordOf } from "../words";
import { Button, Dialog, Problem, Select, TextArea, type Choice } from "../parts/ui";
import { Left } from "./agreement";
import type { FormProps } from "./asking";

export function AddEvidence({ action, view, onClose }: FormProps): JSX.Element {
  const { dispute } = view.value;
  const limits: Limits = dispute.limits ?? { files: 10, bytes: LARGEST_BYTES };
  const [draft, change, clear] = useDraft(`${dispute.dispute_id}/evidence`, { type: "", text: "", item_id: "" });
  const [files, setFiles] = useState<File[]>([]);
  const [added, setAdded] = useState<EvidenceDocument | null>(null);
  const sending = useSending(view.reload);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const needsFile = allowed(action, "/files", { "/type": draft.type || "OTHER" }).required ?? false;
    const wrong = wrongIn(files, draft.text, needsFile, limits);
    if (wrong !== null) {
      sending.fail(wrong);
      return;
    }
    const body = {
      type: draft.type || "OTHER",
      ...(draft.text.trim() === "" ? {} : { text: draft.text }),
      ...(draft.item_id === "" ? {} : { item_id: draft.item_id }),
      files: await Promise.all(files.map(describe)),
    };
    const answer = await sending.send<EvidenceDocument>(action.method, action.href, body);
    if (answer === null) return;
    clear();
    await view.reload();
    if (files.length === 0) onClose();
    else setAdded(answer.data);
  }
  return (
    <Dialog title={t("Add evidence")} onClose={onClose}>
      {added !== null ? <Uploads item={added} files={files} onDone={() => { void view.reload(); onClose(); }} /> : (
        <form onSubmit={(event) => void submit(event)}>
          <p class="meaning">{t("The other side and the team can see it.")}</p>
          <Select label={t("What is it?")} value={draft.type} choices={typesOf(guideOf(view))} onChange={(type) => change({ type })} />
          <TextArea label={t("What does it show?")} max={2_000} value={draft.text} onInput={(text) => change({ text })} />
          {dispute.items.length < 2 ? null : <Items view={view} value={draft.item_id} onChange={(item_id) => change({ item_id })} />}
          <Files files={files} onChange={setFiles} limits={limits} />
          <Left count={dispute.limits?.evidence_left} />
          <Problem error={sending.error} />
          <div class="buttons">
            <Button kind="main" type="submit" disabled={sending.busy}>{t("Add evidence")}</Button>
            <Button onClick={onClose}>{t("Not now")}</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

interface Limits { files: number; bytes: number }

function wrongIn(files: File[], text: string, needsFile: boolean, limits: Limits): Error | null {
  const refused = files.find((file) => !isAllowed(file, limits.bytes));
  if (refused !== undefined) {
    const values = { name: refused.name, size: size(limits.bytes, formats()) };
    return new WrongInput(t("%(name)s cannot be taken: files are JPEG, PNG, WebP, HEIC, PDF, MP4 or MOV, of %(size)s at most.", values));
  }
  if (files.length > limits.files) return new WrongInput(n("Please choose %(count)s file at most.", "Please choose %(count)s files at most.", limits.files));
  if (needsFile && files.length === 0) return new WrongInput(t("Please choose a file: a text alone does not prove this."));
  return files.length === 0 && text.trim() === "" ? new WrongInput(t("Please write a text or choose a file.")) : null;
}

/** The types of the guide first: they help in this case. */
function typesOf(guide: { type: string }[]): Choice[] {
  const helpful = guide.map((line) => line.type);
  const others = Object.keys(EVIDENCE_TYPES).filter((type) => !helpful.includes(type));
  const choices = [...helpful, ...others].map((value) => ({ value, label: capital(wordOf(EVIDENCE_TYPES, value)) }));
  return [{ value: "", label: t("Please choose") }, ...choices];
}

function Items(props: { view: FormProps["view"]; value: string; onChange: (value: string) => void }): JSX.Element {
  const choices = props.view.value.dispute.items.map((item) => ({ value: item.item_id, label: item.title || item.item_id }));
  return <Select label={t("Which item?")} value={props.value} choices={[{ value: "", label: t("All of them") }, ...choices]} onChange={props.onChange} />;
}

function Files(props: { files: File[]; onChange: (files: File[]) => void; limits: Limits }): JSX.Element {
  const accept = [...Object.keys(MEDIA_TYPES), ".heic", ".heif", ".mov"].join(",");
  const take = (event: TargetedEvent<HTMLInputElement>): void => {
    props.onChange([...props.files, ...(event.currentTarget.files ?? [])]);
    event.currentTarget.value = "";
  };
  return (
    <fieldset class="field">
      <legend>{t("Files")}</legend>
      <p class="hint">{t("JPEG, PNG, WebP, HEIC, PDF, MP4 or MOV, of %(size)s at most.", { size: size(props.limits.bytes, formats()) })}</p>
      <div class="buttons">
        <label class="button plain pick">{t("Choose files")}<input type="file" accept={accept} multiple onChange={take} /></label>
        <label class="button plain pick camera">{t("Take a photo")}<input type="file" accept="image/jpeg,image/png" capture="environment" onChange={take} /></label>
      </div>
      <ul class="plain">
        {props.files.map((file, index) => (
          <li key={`${file.name}-${index}`}>
            <bdi dir="auto">{file.name}</bdi> <small>{size(file.size, formats())}</small>{" "}
            <Button onClick={() => props.onChange(props.files.filter((one) => one !== file))}>{t("Remove")}</Button>
            {keepsMetadata(file) ? <p class="hint">{wordOf(FILE_WARNINGS, "METADATA_STAYS")}</p> : null}
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

/** The files of an item on their way. */
function Uploads(props: { item: EvidenceDocument; files: File[]; onDone: () => void }): JSX.Element {
  const [done, setDone] = useState<number[]>([]);
  const isAll = done.length === props.files.length;
  return (
    <>
      <ul class="plain">
        {props.files.map((file, index) => (
          <li key={index}>
            <Sending file={file} item={props.item} index={index} onDone={() => setDone((before) => [...before, index])} />
          </li>
        ))}
      </ul>
      <p role="status">{isAll ? t("Everything has arrived and is being checked. It counts once that is done.") : t("Please stay here until everything has arrived.")}</p>
      <Button kind="main" onClick={props.onDone}>{isAll ? t("Done") : t("Close")}</Button>
    </>
  );
}

function Sending(props: { file: File; item: EvidenceDocument; index: number; onDone: () => void }): JSX.Element {
  const [part, setPart] = useState(0);
  const [state, setState] = useState<"sending" | "done" | "failed">("sending");
  async function send(): Promise<void> {
    setState("sending");
    try {
      await sendFile(props.item, props.file, props.index, setPart);
      setState("done");
      props.onDone();
    } catch {
      setState("failed");
    }
  }
  useEffect(() => { void send(); }, []);
  return (
    <>
      <bdi dir="auto">{props.file.name}</bdi>{" "}
      <progress max={1} value={part} aria-label={props.file.name} />{" "}
      {state === "done" ? t("has arrived") : null}
      {state === "failed" ? <><span class="bad">{t("did not arrive")}</span> <Button onClick={() => void send()}>{t("Try again")}</Button></> : null}
    </>
  );
}

async function sendFile(item: EvidenceDocument, file: File, index: number, onProgress: (part: number) => void): Promise<void> {
  let form = item.files[index]?.upload;
  // The form of the first answer is good for minutes; later ones come with the item.
  if (form === undefined || Date.parse(form.expires_at) < Date.now()) {
    form = (await loadEvidence(item.dispute_id, item.evidence_id)).files[index]?.upload;
  }
  if (form === undefined) throw new Error("too late");
  await upload(form, file, onProgress);
}

/** A file whose upload never came: choose it again, and it is sent to the form that waits for it. */
export function Resume(props: { item: EvidenceDocument; index: number; onDone: () => void }): JSX.Element {
  const [error, setError] = useState<unknown>(null);
  async function take(event: TargetedEvent<HTMLInputElement>): Promise<void> {
    const file = event.currentTarget.files?.[0];
    if (file === undefined) return;
    try {
      if ((await sha256(file)) !== props.item.files[props.index]?.sha256) throw new WrongInput(t("This is another file than the one that is awaited."));
      await sendFile(props.item, file, props.index, () => undefined);
      setError(null);
      props.onDone();
    } catch (thrown) {
      setError(thrown);
    }
  }
  return (
    <>
      <label class="button plain pick">{t("Choose the file again")}<input type="file" onChange={(event) => void take(event)} /></label>
      <Problem error={error} />
    </>
  );
}
