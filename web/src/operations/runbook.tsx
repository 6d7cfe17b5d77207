// The runbook: what docs/operations.md, docs/operations-mail.md and docs/runbook.md say, a section at a time. It is in English.
import type { JSX } from "preact";
import { useLoad } from "../loading";
import { Shown } from "../parts/shown";
import { useTitle } from "../router";
import { t } from "../words";
import { loadRunbook, type Block, type Line, type Section } from "./reads";

const pathTo = (name: string): string => `/operations/runbook${name === "" ? "" : `/${name}`}`;

/** The sections, or the one of that name. */
export function RunbookPage({ name }: { name: string }): JSX.Element {
  const loaded = useLoad("runbook", loadRunbook);
  const chosen = loaded.value?.find((one) => one.name === name);
  useTitle(chosen?.title ?? t("Runbook"), t("Buyer Protection"));
  return (
    <>
      <p><a href="/operations">{t("Operations")}</a>{name === "" ? null : <> · <a href={pathTo("")}>{t("Runbook")}</a></>}</p>
      <Shown loaded={loaded}>{(all) => (chosen === undefined ? <Contents all={all} /> : <One section={chosen} />)}</Shown>
    </>
  );
}

function Contents({ all }: { all: Section[] }): JSX.Element {
  return (
    <section class="card" aria-labelledby="runbook">
      <h1 id="runbook">{t("Runbook")}</h1>
      <ul class="plain" lang="en" dir="ltr">{all.map((one) => <li key={one.name}><a href={pathTo(one.name)}>{one.title}</a></li>)}</ul>
    </section>
  );
}

function One({ section }: { section: Section }): JSX.Element {
  return (
    <section class="card reading" lang="en" dir="ltr" aria-labelledby="runbook">
      <h1 id="runbook">{section.title}</h1>
      {section.blocks.map((block, index) => <Part block={block} key={index} />)}
    </section>
  );
}

function Part({ block }: { block: Block }): JSX.Element {
  if ("p" in block) return <p><Pieces line={block.p} /></p>;
  if ("h" in block) return <h2><Pieces line={block.h} /></h2>;
  if ("pre" in block) return <pre>{block.pre}</pre>;
  if ("ul" in block) return <ul class="dots">{block.ul.map((line, index) => <li key={index}><Pieces line={line} /></li>)}</ul>;
  if ("ol" in block) return <ol class="dots">{block.ol.map((line, index) => <li key={index}><Pieces line={line} /></li>)}</ol>;
  // A table's rows one below the other: it fits a phone, and each cell has its heading.
  return (
    <ul class="plain">
      {block.rows.map((row, index) => (
        <li class="item" key={index}>
          {row.map((cell, column) => (
            <p key={column}>{column === 0 ? <strong><Pieces line={cell} /></strong> : <><small><Pieces line={block.head[column] ?? []} /> </small><Pieces line={cell} /></>}</p>
          ))}
        </li>
      ))}
    </ul>
  );
}

function Pieces({ line }: { line: Line }): JSX.Element {
  return (
    <>
      {line.map((piece, index) => {
        if (typeof piece === "string") return piece;
        const [kind, text, to] = piece;
        if (kind === "a") return <a href={pathTo(to ?? "")} key={index}>{text}</a>;
        return kind === "b" ? <strong key={index}>{text}</strong> : <code key={index}>{text}</code>;
      })}
    </>
  );
}
