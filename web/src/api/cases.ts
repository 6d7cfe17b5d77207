// What the pages read: one function per page.
import { staffOf } from "../auth";
import { get, learnTime } from "./client";
import type {
  Case, CasePageDocument, EligibilityDocument, EvidenceDocument, Listed, OrderDocument, Page, Reason, Role, SideGuideDocument, Summary,
  UnreadableDispute,
} from "./types";

const path = (id: string): string => `/v1/disputes/${encodeURIComponent(id)}`;

/** Everything about a case; what was there before, where it is still the same. */
export async function loadCase(id: string, before: Case | null): Promise<Case> {
  const { data, etag, changed } = await get<CasePageDocument>(`${path(id)}/page`, { ifNoneMatch: before?.etag ?? null });
  if (!changed && before !== null) return before;
  learnTime(data.as_of);
  return { page: data, etag };
}

/** A part of the messages or of the timeline of a case, oldest first; `next_page_token` leads to the part before it. */
export async function loadEarlier<Item>(id: string, what: "messages" | "timeline", token: string): Promise<Page<Item>> {
  const query = new URLSearchParams({ page_size: "50", page_token: token });
  return (await get<Page<Item>>(`${path(id)}/${what}?${query}`)).data;
}

export const evidencePath = (id: string, evidenceId: string): string => `${path(id)}/evidence/${encodeURIComponent(evidenceId)}`;

/** An item with links to its files, or with the forms of uploads that have not come yet. */
export async function loadEvidence(id: string, evidenceId: string): Promise<EvidenceDocument> {
  return (await get<EvidenceDocument>(evidencePath(id, evidenceId))).data;
}

export const loadExport = async (id: string): Promise<unknown> => (await get<unknown>(`${path(id)}/export`)).data;

/** One list of cases: those that somebody bought in, or those of a seller. */
export interface CaseList {
  query: Record<string, string>;
  items: Listed[];
  /** Ids of those that cannot be read now. */
  unreadable: string[];
  next: string | undefined;
}

const isUnreadable = (one: Summary): one is UnreadableDispute => !("titles" in one);

/** The lists that a person has: as a buyer, as a seller, and of each seller whose staff they are. */
export async function loadCases(): Promise<CaseList[]> {
  const sellers: Record<string, string>[] = staffOf().length === 0
    ? [{ role: "SELLER" }] : staffOf().map((seller_id) => ({ role: "SELLER", seller_id }));
  const queries = [{ role: "BUYER" }, ...sellers];
  return await Promise.all(queries.map(async (query) => await loadMore({ query, items: [], unreadable: [], next: undefined })));
}

/** The list with its next page, newest first. */
export async function loadMore({ query, items, unreadable, next }: CaseList): Promise<CaseList> {
  const asked = new URLSearchParams({ page_size: "50", ...query, ...(next ? { page_token: next } : {}) });
  const { data } = await get<Page<Summary>>(`/v1/disputes?${asked}`);
  const reader = data.viewer.role as Role;
  return {
    query,
    items: [...items, ...data.items.filter((one) => "titles" in one).map((dispute) => ({ dispute, reader }))],
    unreadable: [...unreadable, ...data.items.filter(isUnreadable).map((one) => one.dispute_id)],
    next: data.next_page_token,
  };
}

/** An order, and whether its buyer may open a dispute about it now; null for everybody else. */
export async function loadOrder(id: string): Promise<{ order: OrderDocument; eligibility: EligibilityDocument | null }> {
  const order = (await get<OrderDocument>(`/v1/orders/${encodeURIComponent(id)}`)).data;
  if (order.viewer.role !== "BUYER") return { order, eligibility: null };
  return { order, eligibility: (await get<EligibilityDocument>(`/v1/orders/${encodeURIComponent(id)}/dispute-eligibility`)).data };
}

// The profile of all stages so far.
const PROFILE = "aliexpress-classic";

/** What would help the buyer as evidence, before there is a case. */
export async function loadGuideBefore(reason: Reason, subReason: string): Promise<SideGuideDocument["lines"]> {
  const query = new URLSearchParams({ reason, ...(subReason === "" ? {} : { sub_reason: subReason }) });
  const { data } = await get<{ items: SideGuideDocument[] }>(`/v1/policies/${PROFILE}/evidence-guide?${query}`);
  return data.items.find((side) => side.party === "BUYER")?.lines ?? [];
}
