// What the TypeScript clients share: settings, keys, answers, and who calls.
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.d.ts";

export type Schemas = components["schemas"];

export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is missing`);
  return value;
}

// The API as that person may call it.
export function clientOf(token: string) {
  return createClient<paths>({
    baseUrl: setting("API_URL"),
    headers: { Authorization: `Bearer ${token}` },
  });
}

// A new key for each POST; the same one again only to repeat the same call.
export const keyed = () => ({ "Idempotency-Key": randomUUID() });

// The answer, if it is what was hoped for; otherwise its problem document in the error.
export function given<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}
