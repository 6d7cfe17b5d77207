// Sending a change: once, however often the button is pressed, with the same key until there is an answer.
import { useRef, useState } from "preact/hooks";
import { call, newKey, Refused, type Answer } from "./api/client";

export interface Sending {
  busy: boolean;
  error: unknown;
  /** Send it; the answer, or null where it failed, of which `error` says why. */
  send: <T>(method: string, href: string, body?: unknown, ifMatch?: string | null) => Promise<Answer<T> | null>;
  fail: (error: unknown) => void;
}

/** `onOutdated` reads the case anew; nothing is sent again before that is done. */
export function useSending(onOutdated?: () => Promise<void>): Sending {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const last = useRef<{ what: string; key: string } | null>(null);
  const isBusy = useRef(false);

  async function send<T>(method: string, href: string, body?: unknown, ifMatch?: string | null): Promise<Answer<T> | null> {
    if (isBusy.current) return null;
    const what = `${method} ${href} ${JSON.stringify(body)}`;
    if (last.current?.what !== what) last.current = { what, key: newKey() };
    isBusy.current = true;
    setBusy(true);
    setError(null);
    try {
      const options = { body: method === "POST" ? (body ?? {}) : body, ifMatch: ifMatch ?? null };
      const answer = await call<T>(method, href, method === "POST" ? { ...options, key: last.current.key } : options);
      last.current = null;
      return answer;
    } catch (thrown) {
      // An answer was given: the next attempt is another one.
      if (thrown instanceof Refused) last.current = null;
      if (thrown instanceof Refused && [409, 412].includes(thrown.status)) await onOutdated?.();
      setError(thrown);
      return null;
    } finally {
      isBusy.current = false;
      setBusy(false);
    }
  }
  return { busy, error, send, fail: setError };
}
