// What the pages read: one function per page.
import { staffOf } from "../auth";
import { get, learnTime, type Answer } from "./client";
import type { Case, Dispute, EligibilityDocument, EvidenceDocument, Listed, OrderDocument, Page, Role, Summary, UnreadableDispute } from "./types";

const path = (id: string): string => `/v1/disputes/${encodeURIComponent(id)}`;

/** All pages of a list that is bounded by the contract. */
async function all<Item>(address: string): Promise<Item[]> {
  const found: Item[] = [];
  let token: string | undefined;
  do {
    const query = new URLSearchParams({ page_size: "50", ...(token ? { page_token: token } : {}) });
    const { data } = await get<Page<Item>>(`${address}?${query}`);
    found.push(...data.items);
    token = data.next_page_token;
  } while (token !== undefined);
  return found;
}

/** The dispute alone; `changed` is false where it still has that ETag. */
export async function loadDispute(id: string, etag?: string | null): Promise<Answer<Dispute>> {
  const answer = await get<Dispute>(path(id), { ifNoneMatch: etag ?? null });
  if (!answer.changed || (etag && answer.etag === etag)) return { ...answer, changed: false };
  learnTime(answer.data.as_of);
  return answer;
}

/** Everything about a case, and the dispute's ETag. */
export async function loadCase(id: string): Promise<{ value: Case; etag: string | null }> {
  const [answer, offers, evidence, messages, timeline, guide] = await Promise.all([
    loadDispute(id),
    get<Page<Case["offers"][number]>>(`${path(id)}/offers`),
    get<Page<EvidenceDocument>>(`${path(id)}/evidence`),
    all<Case["messages"][number]>(`${path(id)}/messages`),
    all<Case["timeline"][number]>(`${path(id)}/timeline`),
    get<Page<Case["guide"][number]>>(`${path(id)}/evidence-guide`),
  ]);
  const value = {
    dispute: answer.data, offers: offers.data.items, evidence: evidence.data.items, messages, timeline, guide: guide.data.items,
  };
  return { value, etag: answer.etag };
}

/** The messages of a case, oldest first: they change without a new version of the dispute. */
export const loadMessages = async (id: string): Promise<Case["messages"]> => await all(`${path(id)}/messages`);

/** An item with links to its files, or with the forms of uploads that have not come yet. */
export async function loadEvidence(id: string, evidenceId: string): Promise<EvidenceDocument> {
  return (await get<EvidenceDocument>(`${path(id)}/evidence/${encodeURIComponent(evidenceId)}`)).data;
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
  const queries: Record<string, string>[] = [
    { role: "BUYER" }, { role: "SELLER" }, ...staffOf().map((seller_id) => ({ role: "SELLER", seller_id })),
  ];
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

/** An order, and whether a dispute may be opened about it now. */
export async function loadOrder(id: string): Promise<{ order: OrderDocument; eligibility: EligibilityDocument | null }> {
  const order = await get<OrderDocument>(`/v1/orders/${encodeURIComponent(id)}`);
  return { order: order.data, eligibility: await loadEligibility(id) };
}

/** None for whoever is not the buyer. */
async function loadEligibility(id: string): Promise<EligibilityDocument | null> {
  try {
    return (await get<EligibilityDocument>(`/v1/orders/${encodeURIComponent(id)}/dispute-eligibility`)).data;
  } catch (error) {
    if ((error as { status?: number }).status === 403) return null;
    throw error;
  }
}
