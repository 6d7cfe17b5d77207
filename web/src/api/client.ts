// The one module that calls the API: the token, idempotency, retries, problems and the server's clock.
import { bearer, renew, SignInNeeded } from "../auth";
import { apiBase } from "../config";
import type { Problem } from "./types";

/** A refusal of the API; `problem.code` says which. */
export class Refused extends Error {
  constructor(readonly status: number, readonly problem: Problem) { super(problem.code); }
}

/** Nobody answered, or only to say that nobody can now. */
export class Unreachable extends Error {}

export interface Answer<T> { data: T; etag: string | null; changed: boolean }
export interface Options { body?: unknown; key?: string; ifMatch?: string | null; ifNoneMatch?: string | null }

const TRIES = 3;
const BUSY = [429, 500, 502, 503, 504];
const LONGEST_WAIT_MS = 10_000;
let offsetMs = 0;

/** The server's time in milliseconds: a clock that is wrong here must not hide or offer an action. */
export const serverNow = (): number => Date.now() + offsetMs;

/** Learn the server's time from a document's `as_of`, which is finer than a header's second. */
export function learnTime(instant: string | undefined): void {
  if (instant !== undefined) offsetMs = Date.parse(instant) - Date.now();
}

/** A new name for something that is to be done once, however often it is sent. */
export const newKey = (): string => crypto.randomUUID();

export async function get<T>(path: string, options: Options = {}): Promise<Answer<T>> {
  return await call<T>("GET", path, options);
}

/** Call a path of ours or a link of an answer. Throws Refused, Unreachable or SignInNeeded. */
export async function call<T>(method: string, path: string, options: Options = {}): Promise<Answer<T>> {
  let renewedOnce = false;
  for (let attempt = 1; ; attempt++) {
    const answer = await send(method, path, options);
    if (answer?.status === 401 && !renewedOnce) {
      renewedOnce = true;
      await renew();
      continue;
    }
    const mayRepeat = method === "GET" || method === "DELETE" || options.key !== undefined;
    if ((answer === null || BUSY.includes(answer.status)) && mayRepeat && attempt < TRIES) {
      await pause(answer, attempt);
      continue;
    }
    if (answer === null) throw new Unreachable();
    return await read<T>(answer);
  }
}

/** A file of ours, which has a hash in its name. Throws Unreachable. */
export async function file<T>(path: string): Promise<T> {
  try {
    return (await (await fetch(path)).json()) as T;
  } catch {
    throw new Unreachable();
  }
}

async function send(method: string, path: string, options: Options): Promise<Response | null> {
  const headers = new Headers({ accept: "application/json", authorization: `Bearer ${await bearer(location.pathname)}` });
  if (options.body !== undefined) headers.set("content-type", "application/json");
  if (options.key !== undefined) headers.set("idempotency-key", options.key);
  if (options.ifMatch) headers.set("if-match", options.ifMatch);
  if (options.ifNoneMatch) headers.set("if-none-match", options.ifNoneMatch);
  const body = options.body === undefined ? null : JSON.stringify(options.body);
  try {
    return await fetch(path.startsWith("/") ? apiBase() + path : path, { method, headers, body, cache: "no-store" });
  } catch {
    return null;
  }
}

async function pause(answer: Response | null, attempt: number): Promise<void> {
  const asked = Number(answer?.headers.get("retry-after") ?? 0) * 1000;
  const wait = Math.min(Math.max(asked, 400 * 2 ** attempt * Math.random()), LONGEST_WAIT_MS);
  await new Promise((resolve) => setTimeout(resolve, wait));
}

async function read<T>(answer: Response): Promise<Answer<T>> {
  const date = answer.headers.get("date");
  if (date !== null && Math.abs(Date.parse(date) - serverNow()) > 2_000) offsetMs = Date.parse(date) - Date.now();
  const etag = answer.headers.get("etag");
  if (answer.status === 304) return { data: undefined as T, etag, changed: false };
  if (answer.status === 401) throw new SignInNeeded("refused");
  const data: unknown = await answer.json().catch(() => null);
  if (!answer.ok) {
    if (BUSY.includes(answer.status) && (data as Problem | null)?.code === undefined) throw new Unreachable();
    const code = (data as Problem | null)?.code ?? "UNKNOWN";
    throw new Refused(answer.status, { ...(data as Problem), code });
  }
  resolveLinks(data, answer.url);
  return { data: data as T, etag, changed: true };
}

/** Links are relative to the path that was called: from here on they are whole. */
function resolveLinks(value: unknown, base: string): void {
  if (Array.isArray(value)) value.forEach((item) => resolveLinks(item, base));
  else if (value !== null && typeof value === "object") {
    for (const [name, item] of Object.entries(value)) {
      if (name === "href" && typeof item === "string") (value as Record<string, unknown>)[name] = new URL(item, base).href;
      else resolveLinks(item, base);
    }
  }
}
