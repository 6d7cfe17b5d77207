// What the members of an action's body can be now, as `fields` of the action says it: what a form offers is not refused.
import type { ActionDocument, AllowedDocument } from "./api/types";

/** By a member's JSON pointer; `chosen` has the values that others depend on, by their pointers. */
export function allowed(action: ActionDocument, pointer: string, chosen: Record<string, string> = {}): AllowedDocument {
  const found = action.fields?.allowed[pointer] ?? {};
  return (found.depends_on === undefined ? undefined : found.by?.[chosen[found.depends_on] ?? ""]) ?? found;
}

/** Those of the pages' own values that the member can have; all of them where nothing is said. */
export function possible<Value extends string>({ values }: AllowedDocument, all: readonly Value[]): Value[] {
  return values === undefined ? [...all] : all.filter((value) => values.includes(value));
}
