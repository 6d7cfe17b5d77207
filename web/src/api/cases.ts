// What the pages read: one function per page.
import { staffOf } from "../auth";
import { get, learnTime } from "./client";
import type { Case, CasePageDocument, EvidenceDocument, Listed, Page, Role, Summary, UnreadableDispute } from "./types";

export const casePath = (id: string): string => `/v1/disputes/${encodeURIComponent(id)}`;

/** Everything about a case; what was there before, where it is still the same. */
export async function loadCase(id: string, before: Case | null): Promise<Case> {
  const { data, etag, changed } = await get<CasePageDocument>(`${casePath(id)}/page`, { ifNoneMatch: before?.etag ?? null });
  if (!changed && before !== null) return before;
  learnTime(data.as_of);
  return { page: data, etag };
}

/** A part of a list, from the beginning or from where a token leads; `path` may have a query of its own. */
export async function loadPart<Item, List = Page<Item>>(path: string, token?: string): Promise<List> {
  const query = new URLSearchParams({ page_size: "50", ...(token ? { page_token: token } : {}) });
  return (await get<List>(`${path}${path.includes("?") ? "&" : "?"}${query}`)).data;
}

/** A part of the messages or of the timeline of a case, oldest first; `next_page_token` leads to the part before it. */
export const loadEarlier = async <Item>(id: string, what: "messages" | "timeline", token: string): Promise<Page<Item>> =>
  await loadPart<Item>(`${casePath(id)}/${what}`, token);

export const evidencePath = (id: string, evidenceId: string): string => `${casePath(id)}/evidence/${encodeURIComponent(evidenceId)}`;

/** An item with links to its files, or with the forms of uploads that have not come yet. */
export async function loadEvidence(id: string, evidenceId: string): Promise<EvidenceDocument> {
  return (await get<EvidenceDocument>(evidencePath(id, evidenceId))).data;
}

export const loadExport = async (id: string): Promise<unknown> => (await get<unknown>(`${casePath(id)}/export`)).data;

/** A list of cases, as far as it has been read. */
export interface CaseList {
  path: string;
  items: Listed[];
  /** Ids of those that cannot be read now. */
  unreadable: string[];
  next: string | undefined;
}

const isUnreadable = (one: Summary): one is UnreadableDispute => !("titles" in one);

/** The lists that a person has: as a buyer, as a seller, and of each seller whose staff they are. */
export async function loadCases(): Promise<CaseList[]> {
  const sellers = staffOf().length === 0 ? [""] : staffOf().map((seller) => `&seller_id=${encodeURIComponent(seller)}`);
  return await Promise.all(["BUYER", ...sellers.map((seller) => `SELLER${seller}`)].map(async (role) => await loadList(`/v1/disputes?role=${role}`)));
}

/** The first part of a list. */
export const loadList = async (path: string): Promise<CaseList> => await loadMore({ path, items: [], unreadable: [], next: undefined });

/** The list with its next part. */
export async function loadMore({ path, items, unreadable, next }: CaseList): Promise<CaseList> {
  const part = await loadPart<Summary>(path, next);
  const reader = part.viewer.role as Role;
  return {
    path,
    items: [...items, ...part.items.filter((one) => "titles" in one).map((dispute) => ({ dispute, reader }))],
    unreadable: [...unreadable, ...part.items.filter(isUnreadable).map((one) => one.dispute_id)],
    next: part.next_page_token,
  };
}
