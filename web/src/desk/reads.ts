// What the pages of the team read: three calls for a page at most.
import { casePath, loadCase, loadList, loadMore, loadPart, type CaseList } from "../api/cases";
import { get, learnTime, serverNow } from "../api/client";
import type { BriefDocument, Case, MediationSummary, MemberDocument, NoteDocument, NoteList, Page, TemplateDocument } from "../api/types";
import { isOver } from "../time";
import { learnNames } from "./words";

/** A case as the team sees it, with its dossier, where it has come to the team, and the team's notes. */
export interface Claim extends Case { brief: BriefDocument | null; briefTag: string | null; notes: NoteDocument[] }

export async function loadClaim(id: string, before: Claim | null): Promise<Claim> {
  const [{ page, etag }, notes] = await Promise.all([loadCase(id, before), loadNotes(id)]);
  if (page.dispute.escalated_at === null) return { page, etag, brief: null, briefTag: null, notes };
  const known = before?.brief ? before : null;
  const { data, changed, etag: tag } = await get<BriefDocument>(`${casePath(id)}/claim/brief`, { ifNoneMatch: known?.briefTag ?? null });
  return { page, etag, brief: changed || known === null ? data : known.brief, briefTag: tag ?? known?.briefTag ?? null, notes };
}

async function loadNotes(id: string): Promise<NoteDocument[]> {
  const notes: NoteDocument[] = [];
  for (let token: string | undefined = ""; token !== undefined;) {
    const part: NoteList = await loadPart<NoteDocument, NoteList>(`${casePath(id)}/claim/notes`, token);
    learnNames(part.members);
    notes.push(...part.items);
    token = part.next_page_token;
  }
  return notes;
}

export type QueueView = "OVERDUE" | "TODAY" | "MINE" | "UNASSIGNED" | "ALL" | "CLOSED";

/** What is looked for: one of the views, or whatever belongs to an order or a person. */
export interface Asked { view: QueueView; kind: string; searched: string }

export interface Queue { summary: MediationSummary; lists: CaseList[] }

const CLAIMS = "status=CLAIM_EVIDENCE&status=UNDER_REVIEW";

/** Claims come by their due dates; a day ends at midnight UTC, as the summary counts it. */
function pathsOf({ view, kind, searched }: Asked): string[] {
  const text = encodeURIComponent(searched);
  if (searched !== "") return (kind === "ORDER" ? ["order_id"] : ["buyer_id", "seller_id"]).map((name) => `/v1/disputes?${name}=${text}`);
  const now = new Date(serverNow());
  const tomorrow = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1));
  return [{
    OVERDUE: `/v1/disputes?${CLAIMS}&due_before=${now.toISOString()}`,
    TODAY: `/v1/disputes?${CLAIMS}&due_before=${tomorrow.toISOString()}`,
    MINE: "/v1/mediation/queue?assigned_to=me",
    UNASSIGNED: "/v1/mediation/queue?assigned_to=none",
    ALL: "/v1/mediation/queue",
    CLOSED: "/v1/disputes?stage=CLOSED",
  }[view]];
}

export async function loadQueue(asked: Asked): Promise<Queue> {
  const isToday = asked.view === "TODAY" && asked.searched === "";
  const [summary, ...lists] = await Promise.all([
    get<MediationSummary>("/v1/mediation/summary"),
    ...pathsOf(asked).map(async (path) => (isToday ? await loadAhead(await loadList(path)) : await loadList(path))),
  ]);
  learnTime(summary.data.as_of);
  learnNames(summary.data.members);
  return { summary: summary.data, lists };
}

/** What is late comes first in the list of what is due today: on to the part in which something is still ahead. */
async function loadAhead(list: CaseList): Promise<CaseList> {
  const items = list.items.filter((one) => !isOver(one.dispute.next_deadline?.due_at));
  if (items.length > 0 || list.next === undefined) return { ...list, items };
  return await loadAhead(await loadMore({ ...list, items }));
}

export const loadTeam = async (): Promise<MemberDocument[]> => (await get<Page<MemberDocument>>("/v1/mediation/team")).data.items;
export const loadTemplates = async (): Promise<TemplateDocument[]> => (await get<Page<TemplateDocument>>("/v1/mediation/templates")).data.items;

/** Earlier cases of a party. Each reading is recorded, so that it is done only where somebody asks for it. */
export const loadHistory = async (id: string, person: string): Promise<CaseList> =>
  await loadList(`/v1/people/${encodeURIComponent(person)}/history?dispute_id=${encodeURIComponent(id)}`);
