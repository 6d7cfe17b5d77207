// What the deployment knows: it stands in the head of index.html, where the publisher has put it.

/** Where people of one user pool sign in. `provider` skips Cognito's own page, with the marketplace's provider. */
export interface Pool {
  domain: string;
  client_id: string;
  callback: string;
  home: string;
  provider?: string;
}

export type PoolName = "people" | "team";

function contentOf<T>(name: string): T {
  const text = document.querySelector(`meta[name=${name}]`)?.getAttribute("content") ?? "{}";
  return JSON.parse(text) as T;
}

export const pools = contentOf<{ pools: Record<PoolName, Pool> }>("config").pools;
/** The files of the languages, by BCP 47 tag. English is in the script. */
export const languageFiles = contentOf<Record<string, string>>("languages");
/** Where the API is: these pages have it at their own host. */
export const apiBase = (): string => "";
/** The runbook's file. */
export const runbookFile = document.querySelector("meta[name=runbook]")?.getAttribute("content") ?? "";

/** Pages below a path that not everybody opens: their script, and the files of its languages. */
export type Area = "desk" | "operations" | "order";
export const areas = contentOf<Record<Area, { script: string; languages: Record<string, string> }>>("areas");

/** Members of the team sign in for what lies below these paths, everybody else for all others. */
export function poolOf(path: string): PoolName {
  return /^\/(desk|operations)(\/|$)/.test(path) ? "team" : "people";
}
