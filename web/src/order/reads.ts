// What the page of an order reads.
import { get } from "../api/client";
import type { EligibilityDocument, OrderDocument, Reason, SideGuideDocument } from "../api/types";

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
