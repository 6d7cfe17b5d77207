// The newest part of a list comes with the page of a case; what was before it is read when somebody asks for it.
import { useRef, useState } from "preact/hooks";
import { loadEarlier } from "./api/cases";

interface Newest<Item> { items: Item[]; earlier_page_token?: string }

export interface Earlier<Item> {
  /** What was read so far, oldest first. */
  items: Item[];
  /** Read the part before; null where there is none. */
  more: (() => void) | null;
  error: unknown;
}

/** `keyOf` says which entry is which, so that nothing is lost or doubled as newer ones come. */
export function useEarlier<Item>(
  id: string, what: "messages" | "timeline", newest: Newest<Item>, keyOf: (item: Item) => string | number,
): Earlier<Item> {
  const [before, setBefore] = useState<{ items: Item[]; token: string | undefined } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const seen = useRef<Item[]>([]);
  const keys = new Set(newest.items.map(keyOf));
  seen.current = [...seen.current.filter((item) => !keys.has(keyOf(item))), ...newest.items];
  const token = before === null ? newest.earlier_page_token : before.token;
  async function read(from: string): Promise<void> {
    try {
      const part = await loadEarlier<Item>(id, what, from);
      setBefore({ items: [...part.items, ...(before?.items ?? [])], token: part.next_page_token });
      setError(null);
    } catch (thrown) {
      setError(thrown);
    }
  }
  return { items: [...(before?.items ?? []), ...seen.current], more: token === undefined ? null : () => void read(token), error };
}
