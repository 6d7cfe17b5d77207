// Builds the pages into a folder (.local/web, or the one that is named): one script, one style, one file per language, and
// the index.html that names them. What an area's readers alone need is another script and another file per language.
// What is in assets/ has a hash in its name and never changes.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { BUNDLED, writeElement } from "./embed.mjs";
import { readRunbook } from "./runbook.mjs";

const here = dirname(fileURLToPath(import.meta.url));
// The folders of src/ that are areas, each with the module that its script begins with.
const AREAS = { desk: "team", operations: "operators", order: "buyers" };
// French has a space before these signs; a line must not break there.
const BEFORE_SIGN = / (?=[:;?!»])/g;
const out = process.argv[2] ?? join(here, "..", ".local", "web");

/** A short name for a message: a language's file would be half English otherwise. As in src/words.ts. */
function keyOf(message) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < message.length; index++) hash = Math.imul(hash ^ message.charCodeAt(index), 0x01000193) >>> 0;
  return (hash % 36 ** 4).toString(36).padStart(4, "0");
}

/** The area that alone has a message, by the places that the catalogue names; undefined where the script of all pages has it. */
const areaOf = (places) => Object.keys(AREAS).find((area) => places.every((path) => path.startsWith(`../src/${area}/`)));

/** Those entries of a .po file that an area's script has, or without one that of all pages, as {key: msgstr, or the plural's
 * forms in their order}; empty ones are left out. */
function entriesOf(po, area) {
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
    if (!parts.msgid || areaOf(places) !== area) continue;
    for (const key of Object.keys(parts)) if (key.startsWith("msgstr")) parts[key] = parts[key].replace(BEFORE_SIGN, "\u00a0");
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
async function readLanguages(area) {
  const locale = join(here, "locale");
  const languages = {};
  for (const language of (await readdir(locale, { withFileTypes: true })).filter((it) => it.isDirectory())) {
    languages[language.name] = entriesOf(await readFile(join(locale, language.name, "LC_MESSAGES", "pages.po"), "utf8"), area);
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

/** A file below assets/ with a hash in its name; its address. */
async function writeAsset(name, text) {
  const [stem, ending] = name.split(".");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  await writeFile(join(out, "assets", `${stem}-${hash}.${ending}`), text);
  return `/assets/${stem}-${hash}.${ending}`;
}

/** Bundle entry points into assets/; the names of the files, and what the first script exports. */
async function bundle(entries, messages, plugins = []) {
  const { metafile } = await build({
    entryPoints: entries.map((entry) => join(here, "src", entry)),
    entryNames: "[name]-[hash]",
    outdir: join(out, "assets"),
    ...BUNDLED,
    define: { MESSAGES: JSON.stringify(messages.join("")) },
    plugins,
    metafile: true,
  });
  const outputs = Object.entries(metafile.outputs).map(([path, { exports }]) => ({ name: path.split("/").pop(), exports }));
  const script = outputs.find(({ name }) => name.endsWith(".js"));
  return { script: script.name, exports: script.exports, style: outputs.find(({ name }) => name.endsWith(".css"))?.name };
}

/** What the areas import from outside their folders, as exports: names one by one, since all of a module would be kept
 * otherwise. */
async function exportsFor(areas) {
  const names = { "preact/jsx-runtime": new Set(["Fragment", "jsx", "jsxs"]) };
  for (const area of areas) {
    for (const file of await readdir(join(here, "src", area))) {
      const source = await readFile(join(here, "src", area, file), "utf8");
      for (const [, imported, module] of source.matchAll(/^import \{([^}]*)\} from "((?:\.\.|preact)\/[^"]+)";$/gm)) {
        const all = names[module.replace("../", "./")] ??= new Set();
        for (const name of imported.split(",").map((it) => it.trim())) if (name && !name.startsWith("type ")) all.add(name);
      }
    }
  }
  return Object.entries(names).map(([module, all]) => `export { ${[...all].sort().join(", ")} } from "${module}";\n`).join("");
}

/** The script of all pages with what the areas take from it. */
const gives = (exported) => ({
  name: "gives",
  setup({ onLoad }) {
    onLoad({ filter: /src.main\.tsx$/ }, async ({ path }) => ({ contents: exported + (await readFile(path, "utf8")), loader: "tsx" }));
  },
});

/** An area's script takes it from the script of all pages. With esbuild's own splitting what both need would be one more
 * file, and one request more before anybody can sign in. */
const fromPages = ({ script, exports }) => ({
  name: "from-pages",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(\.\.\/|preact)/ }, () => ({ path: "kit", namespace: "pages" }));
    onResolve({ filter: /./, namespace: "pages" }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /./, namespace: "pages" }, () => ({ contents: `export { ${exports} } from "./${script}";` }));
  },
});

await rm(out, { recursive: true, force: true });
await mkdir(join(out, "assets"), { recursive: true });
const texts = await readLanguages();
const pages = await bundle(["main.tsx", "style.css"], texts.names, [gives(await exportsFor(Object.keys(AREAS)))]);
const known = new Set(texts.names);
const areas = {};
for (const [area, module] of Object.entries(AREAS)) {
  const own = await readLanguages(area);
  for (const name of own.names) {
    if (known.has(name)) throw new Error(`two messages have the key ${name}`);
    known.add(name);
  }
  const { script } = await bundle([`${area}/${module}.tsx`], own.names, [fromPages(pages)]);
  areas[area] = { script: `/assets/${script}`, languages: await writeLanguages(own, `-${module}`) };
}
const attribute = (value) => JSON.stringify(value).replaceAll('"', "&quot;");
const values = {
  script: pages.script,
  style: pages.style,
  languages: attribute(await writeLanguages(texts)),
  areas: attribute(areas),
  runbook: await writeAsset("runbook.json", JSON.stringify(await readRunbook(join(here, "..", "docs")))),
};
const page = await readFile(join(here, "index.html"), "utf8");
// The publisher fills in {{config}}, which only the deployment knows.
await writeFile(join(out, "index.html"), page.replace(/{{(\w+)}}/g, (whole, name) => values[name] ?? whole));
await copyFile(join(here, "icon.svg"), join(out, "icon.svg"));

const { src, integrity } = await writeElement(out, texts);
console.log(`<script type="module" src="${src}" integrity="${integrity}" crossorigin="anonymous"></script>`);
