// Notes of the team: no party reads them, and they look like nothing that one could.
import type { JSX } from "preact";
import { casePath } from "../api/cases";
import { useDraft } from "../drafts";
import { Button, Card, Problem, Said, TextArea } from "../parts/ui";
import { useSending } from "../sending";
import { isClosed } from "../situation";
import { briefly } from "../time";
import { t } from "../words";
import type { Desk } from "./context";
import { memberWords } from "./words";

const LONGEST = 4_000;

export function Notes({ desk }: { desk: Desk }): JSX.Element {
  const { page: { dispute }, notes } = desk.claim;
  const [draft, change, clear] = useDraft(`${dispute.dispute_id}/note`, { text: "" });
  const sending = useSending(desk.view.reload);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (await sending.send("POST", `${casePath(dispute.dispute_id)}/claim/notes`, { text: draft.text })) {
      clear();
      await desk.view.reload();
    }
  }
  return (
    <div class="internal">
      <Card title={t("Notes of the team")}>
        {notes.length === 0 ? <p class="hint">{t("No notes.")}</p> : null}
        <ul class="plain">
          {notes.map((note) => (
            <li key={note.note_id}><p class="by">{memberWords(note.author_id)} · {briefly(note.written_at)}</p><Said text={note.text} /></li>
          ))}
        </ul>
        {isClosed(dispute) ? null : (
          <form onSubmit={(event) => void submit(event)}>
            <TextArea label={t("A note")} hint={t("The team alone reads it, never the buyer or the seller.")} required max={LONGEST} value={draft.text} onInput={(text) => change({ text })} />
            <Problem error={sending.error} />
            <Button type="submit" disabled={sending.busy}>{t("Keep the note")}</Button>
          </form>
        )}
      </Card>
    </div>
  );
}
