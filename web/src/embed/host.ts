// What a page of a shop stands in for, where a case is shown inside it: who is signed in, where the API is, whose window it
// is. The build puts this in the place of auth.ts, config.ts and router.ts.
import type * as auth from "../auth";
import type * as config from "../config";
import type * as router from "../router";

/** The shop's own: the ID token of whoever looks, and a new one where the last was refused. */
export type TokenSource = (refused: boolean) => string | Promise<string>;

// The build knows the languages' files, which lie beside the script.
declare const LANGUAGES_BESIDE: Record<string, string>;
let api = "";
let source: TokenSource | undefined;
let onSignIn = (): void => undefined;
let refused = false;
let person = "";

/** One API and one person per page, however many elements it has. */
export function use(address: string, token: TokenSource, signInNeeded: () => void): void {
  api = address.replace(/\/$/, "");
  source = token;
  onSignIn = signInNeeded;
}

export class SignInNeeded extends Error {}
export const userId = (): string => person;
export const staffOf = (): string[] => [];
export const signIn = async (_returnTo: string): Promise<void> => { await Promise.resolve(onSignIn()); };

/** The person's id in the token: what they type is kept under it. */
function personOf(token: string): string {
  try {
    const claims = JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))) as Record<string, unknown>;
    return String(claims["custom:user_id"] ?? claims.sub ?? "");
  } catch {
    return "";
  }
}

export async function bearer(_path: string): Promise<string> {
  const token = await Promise.resolve(source?.(refused)).catch(() => "");
  refused = false;
  if (!token) throw new SignInNeeded("host");
  person = personOf(token);
  return token;
}

export const renew = async (): Promise<void> => { refused = true; await Promise.resolve(); };

export const apiBase = (): string => api;
export const poolOf = (_path: string): config.PoolName => "people";
export const languageFiles: Record<string, string> =
  Object.fromEntries(Object.entries(LANGUAGES_BESIDE).map(([tag, name]) => [tag, new URL(name, import.meta.url).href]));

/** The window's title is the shop's. */
export const useTitle = (..._parts: string[]): void => undefined;

// Each name is as its own module has it.
({ SignInNeeded, userId, staffOf, signIn, bearer, renew }) satisfies Partial<typeof auth>;
({ apiBase, languageFiles, poolOf }) satisfies Partial<typeof config>;
({ useTitle }) satisfies Partial<typeof router>;
