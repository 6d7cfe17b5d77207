// Reading for a page: what is there, what failed, and reading anew while somebody looks.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { serverNow } from "./api/client";

export interface Loaded<Value> {
  value: Value | null;
  error: unknown;
  /** When `value` was read, in the server's milliseconds. */
  at: number;
  reload: () => Promise<void>;
}

/** Read once, and again whenever `name` changes. `read` gets what was there; a failed reading keeps it. */
export function useLoad<Value>(name: string, read: (before: Value | null) => Promise<Value>): Loaded<Value> {
  const [state, setState] = useState<{ name: string; value: Value | null; error: unknown; at: number }>(
    { name, value: null, error: null, at: 0 },
  );
  const reading = useRef(read);
  reading.current = read;
  const known = useRef<{ name: string; value: Value } | null>(null);
  const started = useRef(0);
  const shown = useRef(0);
  const reload = useCallback(async () => {
    const turn = ++started.current;
    try {
      const value = await reading.current(known.current?.name === name ? known.current.value : null);
      // An answer that was overtaken by that of a later reading is older than what is shown.
      if (turn < shown.current) return;
      shown.current = turn;
      known.current = { name, value };
      setState({ name, value, error: null, at: serverNow() });
    } catch (error) {
      if (turn < shown.current) return;
      setState((before) => ({ ...before, name, value: before.name === name ? before.value : null, error }));
    }
  }, [name]);
  useEffect(() => { void reload(); }, [reload]);
  return { value: state.name === name ? state.value : null, error: state.name === name ? state.error : null, at: state.at, reload };
}

/** Call `look` regularly, but only while the page is visible, and at once when it becomes so. */
export function usePolling(look: () => Promise<void>, everyMs: number): void {
  const latest = useRef(look);
  latest.current = look;
  useEffect(() => {
    const lookNow = (): void => { if (document.visibilityState === "visible") void latest.current(); };
    const timer = setInterval(lookNow, everyMs);
    document.addEventListener("visibilitychange", lookNow);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", lookNow);
    };
  }, [everyMs]);
}
