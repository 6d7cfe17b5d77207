// The one module that words: the catalogue of the reader's language, the fallbacks, and the direction of a text.
import { languageFiles } from "./config";

type Entry = string | string[];
type Values = Record<string, string | number>;

const SOURCE = "en";
const CHOSEN = "language";
// gettext numbers the forms of a plural; CLDR names them. The catalogues have them in this order.
const FORMS: Record<number, Intl.LDMLPluralRule[]> = {
  2: ["one", "other"],
  3: ["one", "few", "many"],
  6: ["zero", "one", "two", "few", "many", "other"],
};
// The names of a script's messages, one after the other, in the order of the languages' files; build.mjs puts them here.
declare const MESSAGES: string;
const NAME_LENGTH = 4;
/** What a script says: the names of its messages, and the files of its languages. */
interface Part { names: string; files: Record<string, string> }
const parts: Part[] = [{ names: MESSAGES, files: languageFiles }];
let catalogue: Record<string, Entry> = {};
let current = SOURCE;

/** The languages of the pages, by their tags, each named in itself. */
export const LANGUAGES: Record<string, string> = {
  en: "English", ar: "العربية", es: "Español", fr: "Français", "pt-BR": "Português (Brasil)", ru: "Русский",
};

/** The tag for `Intl`: the words' language with the reader's region, where the browser names one. */
export function formats(): string {
  return navigator.languages.find((tag) => tag.split("-")[0] === current.split("-")[0]) ?? current;
}

export const language = (): string => current;

/** The name of a message in the languages' files, as in build.mjs. */
function keyOf(message: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < message.length; index++) hash = Math.imul(hash ^ message.charCodeAt(index), 0x01000193) >>> 0;
  return (hash % 36 ** NAME_LENGTH).toString(36).padStart(NAME_LENGTH, "0");
}

/** The texts of a language by the names of their messages. */
const named = (names: string, texts: Entry[]): Record<string, Entry> =>
  Object.fromEntries(texts.map((text, index) => [names.slice(index * NAME_LENGTH, (index + 1) * NAME_LENGTH), text]));

/** Whether the page is read from the right. */
export const isRightToLeft = (): boolean => current === "ar";

/** Isolated, so that text of another direction does not move what stands around it. */
export const isolated = (text: string | number): string => `\u2068${text}\u2069`;

function filled(text: string, values: Values): string {
  return text.replace(/%\((\w+)\)s/g, (whole, name: string) => (name in values ? isolated(values[name]!) : whole));
}

/** A text in the reader's language. The message is a literal, which Babel extracts. */
export function t(message: string, values: Values = {}): string {
  const entry = catalogue[keyOf(message)];
  return filled(typeof entry === "string" ? entry : message, values);
}

/** A text that depends on a count, which stands in it as `%(count)s`. */
export function n(one: string, other: string, count: number, values: Values = {}): string {
  const entry = catalogue[keyOf(one)];
  let text = count === 1 ? one : other;
  if (Array.isArray(entry)) {
    const index = FORMS[entry.length]?.indexOf(new Intl.PluralRules(current).select(count)) ?? -1;
    text = entry[index < 0 ? entry.length - 1 : index] ?? text;
  }
  return filled(text, { count: new Intl.NumberFormat(formats()).format(count), ...values });
}

/** What stands between a deadline's label and its date: a colon where the label's translation is a noun. */
export const beforeDate = (): string => t("%(label)s %(date)s", { label: "", date: "" }).replace(/[\u2068\u2069]/g, "");

/** Mark a text for extraction that is looked up later, by `t`. */
export const N = <Text extends string>(message: Text): Text => message;

/** The word for a value of the contract; one that a newer API answers is shown as it is, readably. */
export function wordOf(words: Record<string, string>, value: string, values: Values = {}): string {
  const word = words[value];
  return word === undefined ? value.toLowerCase().replaceAll("_", " ") : t(word, values);
}

/** A word at the beginning of a line. */
export function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase(current) + text.slice(1);
}

/** The first of these languages that the pages have. */
export function fitting(choices: readonly string[]): string {
  for (const choice of choices) {
    const found = Object.keys(LANGUAGES).find((tag) => tag === choice)
      ?? Object.keys(LANGUAGES).find((tag) => choice !== "" && tag.split("-")[0] === choice.split("-")[0]);
    if (found !== undefined) return found;
  }
  return SOURCE;
}

async function load({ names, files }: Part): Promise<void> {
  const file = files[current];
  if (file !== undefined) catalogue = { ...catalogue, ...named(names, (await (await fetch(file)).json()) as Entry[]) };
}

/** Load the words of another script too, now and whenever the language changes. Without its file they are in English. */
export async function addWords(part: Part): Promise<void> {
  parts.push(part);
  await load(part).catch(() => undefined);
}

/** Load the reader's language. Without its file the pages are in English. */
export async function startLanguage(
  tag = fitting([localStorage.getItem(CHOSEN) ?? "", ...navigator.languages]), root = document.documentElement,
): Promise<void> {
  current = tag;
  catalogue = {};
  try {
    for (const part of parts) await load(part);
  } catch {
    current = SOURCE;
  }
  root.lang = current;
  root.dir = isRightToLeft() ? "rtl" : "ltr";
}

/** Remember the choice, and load it. */
export async function chooseLanguage(tag: string): Promise<void> {
  localStorage.setItem(CHOSEN, tag);
  await startLanguage();
}
