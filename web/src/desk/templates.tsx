// The team's texts for reasons, read where somebody asks for them; a chosen one is added to what is typed.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { TemplateDocument } from "../api/types";
import { Button, Problem, Select } from "../parts/ui";
import { t } from "../words";
import { loadTemplates } from "./reads";

export function Templates({ onChosen }: { onChosen: (text: string) => void }): JSX.Element {
  const [templates, setTemplates] = useState<TemplateDocument[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  async function read(): Promise<void> {
    try {
      setTemplates(await loadTemplates());
      setError(null);
    } catch (thrown) {
      setError(thrown);
    }
  }
  if (templates === null) return <><div><Button onClick={() => void read()}>{t("Use a template")}</Button></div><Problem error={error} /></>;
  if (templates.length === 0) return <p class="hint">{t("The team has no templates yet.")}</p>;
  const texts = templates.flatMap(({ name, texts }) => Object.entries(texts).map(([tag, text]) => ({ label: `${name} (${tag})`, text })));
  return (
    <Select
      label={t("Template")} value="" onChange={(index) => onChosen(texts[Number(index)]?.text ?? "")}
      choices={[{ value: "", label: t("Please choose") }, ...texts.map(({ label }, index) => ({ value: String(index), label }))]}
    />
  );
}
