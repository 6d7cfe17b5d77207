// The team's texts for reasons: a case manager writes and changes them here, each in as many languages as there are readers.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { newKey, Refused } from "../api/client";
import type { TemplateDocument } from "../api/types";
import { useDraft } from "../drafts";
import { useLoad } from "../loading";
import { Shown } from "../parts/shown";
import { Button, Dialog, Problem, TextArea, TextField } from "../parts/ui";
import { WrongInput } from "../problems";
import { useTitle } from "../router";
import { useSending } from "../sending";
import { briefly } from "../time";
import { isolated, LANGUAGES, t } from "../words";
import { loadTemplates } from "./reads";

const LONGEST = 2_000;

export function TemplatesPage(): JSX.Element {
  useTitle(t("Templates"), t("Queue"));
  const loaded = useLoad("templates", loadTemplates);
  const [open, setOpen] = useState<{ one: TemplateDocument | null } | null>(null);
  return (
    <>
      <p><a href="/desk">{t("Back to the queue")}</a></p>
      <div class="top">
        <h1 id="now" tabIndex={-1}>{t("Templates")}</h1>
        <Button kind="main" onClick={() => setOpen({ one: null })}>{t("Write a template")}</Button>
      </div>
      <p class="hint">{t("Texts with which reasons for decisions can begin. The buyer and the seller read only what is sent with a decision.")}</p>
      <Shown loaded={loaded}>
        {(all) => (all.length === 0 ? <p class="card">{t("The team has no templates yet.")}</p> : (
          <ul class="plain templates">{all.map((one) => <li class="card" key={one.template_id}><Row one={one} onOpen={() => setOpen({ one })} /></li>)}</ul>
        ))}
      </Shown>
      {open === null ? null : <Form one={open.one} onClose={() => setOpen(null)} onKept={async () => { await loaded.reload(); setOpen(null); }} />}
    </>
  );
}

function Row({ one, onOpen }: { one: TemplateDocument; onOpen: () => void }): JSX.Element {
  return (
    <>
      <h2><bdi dir="auto">{one.name}</bdi></h2>
      <p class="hint">{Object.keys(one.texts).map((tag) => isolated(LANGUAGES[tag] ?? tag)).join(" · ")} · {briefly(one.updated_at)}</p>
      <Button onClick={onOpen}>{t("Change the template")}</Button>
    </>
  );
}

/** What is typed, and over which version: 0 for a new one. `texts` may have languages that the pages do not have. */
interface Draft { id: string; version: number; name: string; texts: Record<string, string> }

const draftOf = (one: TemplateDocument | null): Draft =>
  (one === null ? { id: newKey(), version: 0, name: "", texts: {} } : { id: one.template_id, version: one.version, name: one.name, texts: one.texts });

/** A dialog with a new template, or with `one` of those that there are. */
function Form({ one, onClose, onKept }: { one: TemplateDocument | null; onClose: () => void; onKept: () => Promise<void> }): JSX.Element {
  const [draft, change, clear] = useDraft<Draft>(`desk/template/${one?.template_id ?? ""}`, draftOf(one));
  const [theirs, setTheirs] = useState<TemplateDocument | null>(null);
  // What somebody else has written meanwhile is shown beside it; who sends again has seen that.
  const sending = useSending(async () => {
    const found = (await loadTemplates()).find((it) => it.template_id === draft.id) ?? null;
    setTheirs(found);
    change({ version: found?.version ?? 0 });
  });
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const texts = Object.fromEntries(Object.entries(draft.texts).filter(([, text]) => text.trim() !== ""));
    if (Object.keys(texts).length === 0) {
      sending.fail(new WrongInput(t("Please write the text in at least one language.")));
      return;
    }
    const etag = draft.version === 0 ? null : `"${draft.version}"`;
    if (await sending.send("PUT", `/v1/mediation/templates/${encodeURIComponent(draft.id)}`, { name: draft.name, texts }, etag)) {
      clear();
      await onKept();
    }
  }
  const now = (mine = "", other = ""): { hint?: string } => (theirs === null || mine === other ? {} : { hint: t("It says now: %(text)s", { text: other || "–" }) });
  const outdated = useMemo(() => new WrongInput(t("Somebody else has changed the template meanwhile. Nothing of yours is lost: compare both, then keep it again.")), []);
  const isOutdated = sending.error instanceof Refused && sending.error.status === 412;
  const title = one === null ? t("Write a template") : t("Change the template");
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <TextField label={t("Its name")} required value={draft.name} {...now(draft.name, theirs?.name)} onInput={(name) => change({ name })} />
        {[...new Set([...Object.keys(LANGUAGES), ...Object.keys(draft.texts)])].map((tag) => (
          <TextArea
            key={tag} label={isolated(LANGUAGES[tag] ?? tag)} max={LONGEST} value={draft.texts[tag] ?? ""} {...now(draft.texts[tag], theirs?.texts[tag])}
            onInput={(text) => change({ texts: { ...draft.texts, [tag]: text } })}
          />
        ))}
        <Problem error={isOutdated ? outdated : sending.error} />
        <div class="buttons">
          <Button kind="main" type="submit" disabled={sending.busy}>{t("Keep the template")}</Button>
          <Button onClick={onClose}>{t("Not now")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
