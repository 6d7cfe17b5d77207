// What somebody types is kept until it is sent: over reloads, sign-in and refusals, in this tab alone.
import { useState } from "preact/hooks";
import { userId } from "./auth";

/** A value that survives; `clear` forgets it. `name` says what it belongs to, such as "dp-1/MAKE_OFFER". */
export function useDraft<Value extends object>(name: string, initial: Value): [Value, (change: Partial<Value>) => void, () => void] {
  const key = `draft:${userId()}:${name}`;
  const [value, setValue] = useState<Value>(() => {
    const kept = sessionStorage.getItem(key);
    return kept === null ? initial : { ...initial, ...(JSON.parse(kept) as Partial<Value>) };
  });
  const change = (part: Partial<Value>): void => {
    setValue((before) => {
      const after = { ...before, ...part };
      sessionStorage.setItem(key, JSON.stringify(after));
      return after;
    });
  };
  const clear = (): void => {
    sessionStorage.removeItem(key);
    setValue(initial);
  };
  return [value, change, clear];
}
