// Builds the element that shops show a case with: the pages' style and modules, made fit for a page of somebody else.
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

/** How every script is bundled. */
export const BUNDLED = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
};
const SOURCES = join(dirname(fileURLToPath(import.meta.url)), "src");

/** The custom properties of a rule's body. */
const coloursOf = (body) => Object.fromEntries([...body.matchAll(/(--[\w-]+): ([^;]+);/g)].map(([, name, value]) => [name, value]));

/** The pages' style for a shadow tree. Each colour --x is the shop's --bp-x where it has one, and follows the page's scheme. */
function embedded(css) {
  const roots = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) => coloursOf(body));
  if (roots.length !== 2) throw new Error("style.css has the colours of both schemes in a :root each");
  const [light, dark] = roots;
  const colours = Object.entries(light).map(([name, value]) =>
    `${name}: var(${name.replace("--", "--bp-")}, light-dark(${value}, ${dark[name] ?? value}));`);
  const rest = css
    .replace(/@media \(prefers-color-scheme: dark\) \{\s*:root \{[^}]*\}\s*\}/, "")
    .replace(/:root \{[^}]*\}/, "")
    .replace(/^(html|body) \{[^}]*\}$/gm, "");
  return `:host { display: block; ${colours.join(" ")} font: 100%/1.5 var(--bp-font, system-ui, sans-serif); color: var(--text); `
    + `background: var(--back); overflow-wrap: anywhere; } :host > div { display: grid; } a[href="/"] { display: none; } ${rest}`;
}

/** A plugin of esbuild: modules whose path fits are another one, but for that one itself. */
const takesPlaceOf = (pattern, module) => ({
  name: "takes-place-of",
  setup(build) {
    build.onResolve({ filter: pattern }, ({ importer }) => (importer === module ? undefined : { path: module }));
  },
});

/** Write the element's script and languages into a folder of their own per version, which stays, since shops name it with
 * its digest; and embed.json, which says where the present one is. `texts` are the languages' entries and their names. */
export async function writeElement(out, { languages, names }) {
  const files = Object.entries(languages).map(([language, entries]) =>
    [`${language.replace("_", "-")}.json`, JSON.stringify(names.map((name) => entries[name] ?? 0))]);
  const style = embedded(await readFile(join(SOURCES, "style.css"), "utf8"));
  const made = await build({
    entryPoints: [join(SOURCES, "embed", "element.tsx")],
    ...BUNDLED,
    define: {
      MESSAGES: JSON.stringify(names.join("")),
      STYLE: JSON.stringify((await transform(style, { loader: "css", minify: true })).code),
      LANGUAGES_BESIDE: JSON.stringify(Object.fromEntries(files.map(([name]) => [name.split(".")[0], name]))),
    },
    plugins: [takesPlaceOf(/\/(auth|config|router)$/, join(SOURCES, "embed", "host.ts"))],
    write: false,
  });
  const script = made.outputFiles[0].contents;
  const version = createHash("sha256").update(script).update(JSON.stringify(files)).digest("hex").slice(0, 16);
  const folder = join(out, "embed", version);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "case.js"), script);
  for (const [name, text] of files) await writeFile(join(folder, name), text);
  const integrity = `sha384-${createHash("sha384").update(script).digest("base64")}`;
  const named = { src: `/embed/${version}/case.js`, integrity };
  await writeFile(join(out, "embed.json"), JSON.stringify(named));
  return named;
}
