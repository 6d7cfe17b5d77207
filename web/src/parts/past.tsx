// The history in plain words, and the case file.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { loadExport } from "../api/cases";
import type { View } from "../context";
import { useEarlier } from "../earlier";
import { sentenceOf } from "../history";
import { briefly } from "../time";
import { t } from "../words";
import { Button, Card, Problem } from "./ui";

export function Past({ view }: { view: View }): JSX.Element {
  const { timeline, dispute } = view.value;
  const past = useEarlier(dispute.dispute_id, "timeline", timeline, (entry) => entry.seq);
  const [error, setError] = useState<unknown>(null);
  async function save(): Promise<void> {
    try {
      const file = new Blob([JSON.stringify(await loadExport(dispute.dispute_id), null, 2)], { type: "application/json" });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = `${dispute.dispute_id}.json`;
      link.click();
      URL.revokeObjectURL(link.href);
      setError(null);
    } catch (thrown) {
      setError(thrown);
    }
  }
  return (
    <Card title={t("History")}>
      <details>
        <summary>{t("Everything that happened")}</summary>
        <ol class="history">
          {past.items.toReversed().map((entry) => (
            <li key={entry.seq}><time dateTime={entry.at}>{briefly(entry.at)}</time> <span>{sentenceOf(entry)}</span></li>
          ))}
        </ol>
        {past.more === null ? null : <Button onClick={past.more}>{t("Show earlier ones")}</Button>}
        <Problem error={past.error} />
      </details>
      <Problem error={error} />
      <Button onClick={() => void save()}>{t("Download the case file")}</Button>
    </Card>
  );
}
