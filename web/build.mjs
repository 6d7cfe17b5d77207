// Builds the pages into a folder (.local/web, or the one that is named): one script, one style, one file per language, and
// the index.html that names them. What the team alone needs is another script and another file per language (src/desk/).
// What is in assets/ has a hash in its name and never changes.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
// As the catalogues name it.
const TEAM = "../src/desk/";
const out = process.argv[2] ?? join(here, "..", ".local", "web");

/** A short name for a message: a language's file would be half English otherwise. As in src/words.ts. */
function keyOf(message) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < message.length; index++) hash = Math.imul(hash ^ message.charCodeAt(index), 0x01000193) >>> 0;
  return (hash % 36 ** 4).toString(36).padStart(4, "0");
}

/** Those entries of a .po file that the team's script alone has (`ofTeam`), or all others, as {key: msgstr, or the plural's
 * forms in their order}; empty ones are left out. */
function entriesOf(po, ofTeam) {
  const entries = {};
  for (const block of po.split(/\n\s*\n/)) {
    const parts = {};
    let name = "";
    const places = [...block.matchAll(/^#: (.*)$/gm)].flatMap(([, paths]) => paths.split(" "));
    for (const line of block.split("\n")) {
      const [, key, text] = line.match(/^(?:(msg\w+(?:\[\d\])?) )?"(.*)"$/) ?? [];
      if (text === undefined) continue;
      name = key ?? name;
      parts[name] = (parts[name] ?? "") + JSON.parse(`"${text}"`);
    }
    if (!parts.msgid || places.every((path) => path.startsWith(TEAM)) !== ofTeam) continue;
    const forms = Object.keys(parts).filter((key) => key.startsWith("msgstr[")).sort().map((key) => parts[key]);
    const translated = parts.msgid_plural === undefined ? parts.msgstr : forms;
    if (translated?.length && (typeof translated === "string" || translated.every(Boolean))) {
      const key = keyOf(parts.msgid);
      if (key in entries) throw new Error(`two messages have the key ${key}: ${parts.msgid}`);
      entries[key] = translated;
    }
  }
  return entries;
}

/** The entries of each language, and the names of all messages in one order. */
async function readLanguages(ofTeam) {
  const locale = join(here, "locale");
  const languages = {};
  for (const language of (await readdir(locale, { withFileTypes: true })).filter((it) => it.isDirectory())) {
    languages[language.name] = entriesOf(await readFile(join(locale, language.name, "LC_MESSAGES", "pages.po"), "utf8"), ofTeam);
  }
  return { languages, names: [...new Set(Object.values(languages).flatMap(Object.keys))] };
}

/** The texts alone, in the order of the names, which the script has: 0 stands for one that is not translated. */
async function writeLanguages({ languages, names }, part = "") {
  const files = {};
  for (const [language, entries] of Object.entries(languages)) {
    const text = JSON.stringify(names.map((name) => entries[name] ?? 0));
    const hash = createHash("sha256").update(names + text).digest("hex").slice(0, 8).toUpperCase();
    const tag = language.replace("_", "-");
    files[tag] = `/assets/${tag}${part}-${hash}.json`;
    await writeFile(join(out, files[tag]), text);
  }
  return files;
}

/** Bundle entry points into assets/; the names of the files, and what the first script exports. */
async function bundle(entries, messages, plugins = []) {
  const { metafile } = await build({
    entryPoints: entries.map((entry) => join(here, "src", entry)),
    entryNames: "[name]-[hash]",
    outdir: join(out, "assets"),
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { MESSAGES: JSON.stringify(messages.join("")) },
    plugins,
    metafile: true,
    logLevel: "warning",
  });
  const outputs = Object.entries(metafile.outputs).map(([path, { exports }]) => ({ name: path.split("/").pop(), exports }));
  const script = outputs.find(({ name }) => name.endsWith(".js"));
  return { script: script.name, exports: script.exports, style: outputs.find(({ name }) => name.endsWith(".css"))?.name };
}

/** The team's script takes from the script of all pages (src/kit.ts) whatever lies outside its folder: with esbuild's own
 * splitting that would be a third file, and one request more before anybody can sign in. */
const fromPages = (script) => ({
  name: "from-pages",
  setup: ({ onResolve }) => onResolve({ filter: /^(\.\.\/|preact)/ }, () => ({ path: `./${script}`, external: true })),
});

/** Throws where the team's script takes what the other does not give: the browser would refuse the whole of it. */
async function checkTaken(script, exports) {
  const taken = [...(await readFile(join(out, "assets", script), "utf8")).matchAll(/import\{([^}]*)\}from"\.\/main-/g)]
    .flatMap(([, names]) => names.split(",").map((name) => name.split(" as ")[0]));
  const missing = taken.filter((name) => !exports.includes(name));
  if (taken.length === 0 || missing.length > 0) throw new Error(`src/kit.ts does not give the team's script: ${missing}`);
}

await rm(out, { recursive: true, force: true });
await mkdir(join(out, "assets"), { recursive: true });
const texts = await readLanguages(false);
const ofTeam = await readLanguages(true);
const twice = ofTeam.names.find((name) => texts.names.includes(name));
if (twice !== undefined) throw new Error(`two messages have the key ${twice}`);
const pages = await bundle(["main.tsx", "style.css"], texts.names);
const team = await bundle(["desk/team.tsx"], ofTeam.names, [fromPages(pages.script)]);
await checkTaken(team.script, pages.exports);
const attribute = (value) => JSON.stringify(value).replaceAll('"', "&quot;");
const values = {
  script: pages.script,
  style: pages.style,
  languages: attribute(await writeLanguages(texts)),
  team: attribute({ script: `/assets/${team.script}`, languages: await writeLanguages(ofTeam, "-team") }),
};
const page = await readFile(join(here, "index.html"), "utf8");
// The publisher fills in {{config}}, which only the deployment knows.
await writeFile(join(out, "index.html"), page.replace(/{{(\w+)}}/g, (whole, name) => values[name] ?? whole));
await copyFile(join(here, "icon.svg"), join(out, "icon.svg"));
