// What operators read: the state of the system, one case by its rows, and the runbook.
import { runbookFile } from "../config";
import { file, get, learnTime } from "../api/client";
import type { OperatedCaseDocument, OperationsSummaryDocument } from "../api/types";

/** How the system fares. */
export async function loadSummary(): Promise<OperationsSummaryDocument> {
  const { data } = await get<OperationsSummaryDocument>("/v1/operations/summary");
  learnTime(data.as_of);
  return data;
}

/** One case with its rows, without what anybody wrote. */
export const loadOperated = async (id: string): Promise<OperatedCaseDocument> =>
  (await get<OperatedCaseDocument>(`/v1/operations/cases/${encodeURIComponent(id)}`)).data;

/** A piece of a line: text, or ["code", text], ["b", text], ["a", text, the section's name]. */
export type Piece = string | [kind: "code" | "b" | "a", text: string, to?: string];
export type Line = Piece[];
export type Block =
  | { p: Line } | { ul: Line[] } | { ol: Line[] } | { pre: string } | { h: Line } | { head: Line[]; rows: Line[][] };
export interface Section { name: string; title: string; blocks: Block[] }

/** The runbook, as web/runbook.mjs has taken it from docs/. */
export const loadRunbook = async (): Promise<Section[]> => await file<Section[]>(runbookFile);
