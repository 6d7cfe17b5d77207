// Lists of cases on a page: what was read first, and more of it where somebody asks for it.
import { useState } from "preact/hooks";
import { loadMore, type CaseList } from "./api/cases";
import type { DisputeSummary, Listed } from "./api/types";

export interface Lists {
  /** Each case once, as it comes first. */
  cases: Listed[];
  /** Ids of those that cannot be read now. */
  unreadable: string[];
  error: unknown;
  /** Read the next parts; null where everything has been read. */
  more: (() => void) | null;
}

/** What was read first is read anew by the page; what came after it stays as it was. */
export function useLists(first: CaseList[], onFailed?: () => Promise<void>): Lists {
  const [later, setLater] = useState<CaseList[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const lists = [...first, ...(later ?? [])];
  async function goOn(): Promise<void> {
    try {
      setLater(await Promise.all((later ?? first).map(async (list) => (list.next === undefined ? list : await loadMore(list)))));
      setError(null);
    } catch (thrown) {
      setError(thrown);
      await onFailed?.();
    }
  }
  const all = lists.flatMap((list) => list.items).toReversed();
  return {
    cases: [...new Map(all.map((one) => [one.dispute.dispute_id, one])).values()].toReversed(),
    unreadable: [...new Set(lists.flatMap((list) => list.unreadable))],
    error,
    more: (later ?? first).some((list) => list.next !== undefined) ? () => void goOn() : null,
  };
}

/** The disputed lines: the first three have their titles. */
export function titlesOf({ titles, items, order_id }: DisputeSummary): string {
  const named = titles.filter((title) => title !== "");
  return named.length === 0 ? order_id : named.join(", ") + (items > named.length ? " …" : "");
}
