// The runbook for the pages: docs/operations.md, docs/operations-mail.md and docs/runbook.md (what each alarm means) as
// sections of blocks, which the pages draw as elements. No markup is made of text there, so that the text is taken apart here.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const FILES = [["operations.md", ""], ["operations-mail.md", "mail-"], ["runbook.md", "alarm-"]];

/** A heading's anchor, as GitHub makes it. */
export const anchorOf = (title) => title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");

/** The section that a link leads to; undefined where it leads out of the runbook. */
function sectionOf(href, prefix) {
  const [file, anchor = ""] = href.split("#");
  const found = file === "" ? prefix : FILES.find(([name]) => name === file)?.[1];
  return found === undefined ? undefined : anchor === "" ? "" : found + anchor;
}

/** A line as pieces: text, code, bold, and links within the runbook; others are their words alone. */
function piecesOf(text, prefix) {
  const pieces = [];
  let at = 0;
  for (const found of text.matchAll(/`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)]+)\)/g)) {
    if (found.index > at) pieces.push(text.slice(at, found.index));
    const [whole, code, bold, words, href] = found;
    const to = href === undefined ? undefined : sectionOf(href, prefix);
    if (code !== undefined) pieces.push(["code", code]);
    else if (bold !== undefined) pieces.push(["b", bold]);
    else pieces.push(to === undefined ? words.replaceAll("`", "") : ["a", words, to]);
    at = found.index + whole.length;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}

const cellsOf = (row) => row.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));

/** The blocks of lines between two headings. */
function blocksOf(lines, prefix) {
  const blocks = [];
  let fence = null;
  let last = "";
  for (const line of lines) {
    const item = line.match(/^(?:([-*])|\d+\.) (.*)$/);
    const block = blocks.at(-1);
    if (line.startsWith("```")) {
      if (fence === null) fence = [];
      else { blocks.push({ pre: fence.join("\n") }); fence = null; }
    } else if (fence !== null) fence.push(line);
    else if (line.startsWith("### ")) blocks.push({ h: piecesOf(line.slice(4), prefix) });
    else if (line.startsWith("|")) {
      if (/^\|[\s|:-]+\|$/.test(line)) continue;
      const cells = cellsOf(line).map((cell) => piecesOf(cell, prefix));
      if (last.startsWith("|")) block.rows.push(cells);
      else blocks.push({ head: cells, rows: [] });
    } else if (item) {
      const kind = item[1] ? "ul" : "ol";
      if (last !== "" && block?.[kind]) block[kind].push(item[2]);
      else blocks.push({ [kind]: [item[2]] });
    } else if (line.trim() !== "") {
      const list = block?.ul ?? block?.ol;
      if (last !== "" && list) list[list.length - 1] += ` ${line.trim()}`;
      else if (last !== "" && block?.p) block.p += ` ${line}`;
      else blocks.push({ p: line });
    }
    last = line;
  }
  for (const block of blocks) {
    if (block.p) block.p = piecesOf(block.p, prefix);
    for (const kind of ["ul", "ol"]) if (block[kind]) block[kind] = block[kind].map((text) => piecesOf(text, prefix));
  }
  return blocks;
}

/** All sections of the runbook: {name, title, blocks}. */
export async function readRunbook(docs) {
  const sections = [];
  for (const [file, prefix] of FILES) {
    const [, ...parts] = (await readFile(join(docs, file), "utf8")).split(/^## /m);
    for (const part of parts) {
      const [title, ...lines] = part.split("\n");
      sections.push({ name: prefix + anchorOf(title), title, blocks: blocksOf(lines, prefix) });
    }
  }
  return sections;
}
