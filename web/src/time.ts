// Instants and durations in the reader's zone and language.
import { useEffect, useState } from "preact/hooks";
import { serverNow } from "./api/client";
import { formats } from "./words";

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]] as const;
const SOON_MS = 300_000;

/** An instant as date, time and zone; seconds where it is near. An opening is rounded up, so that nobody comes too early. */
export function instant(text: string, opens = false): string {
  const at = Date.parse(text);
  const isNear = Math.abs(at - serverNow()) < SOON_MS;
  const shown = opens && !isNear ? Math.ceil(at / 60_000) * 60_000 : at;
  return new Intl.DateTimeFormat(formats(), {
    weekday: "short", day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit",
    ...(isNear ? { second: "2-digit" } : {}), timeZoneName: "short",
  }).format(shown);
}

/** Day and time alone, for lists of what has been. */
export function briefly(text: string): string {
  return new Intl.DateTimeFormat(formats(), { dateStyle: "medium", timeStyle: "short" }).format(Date.parse(text));
}

/** The same with seconds, for whoever compares it with logs. */
export function exactly(text: string): string {
  return new Intl.DateTimeFormat(formats(), { dateStyle: "medium", timeStyle: "medium" }).format(Date.parse(text));
}

/** Until then, in its largest fitting unit, rounded down: "15 days", "47 hours"; empty where it is over. */
export function left(text: string): string {
  const seconds = Math.floor((Date.parse(text) - serverNow()) / 1000);
  for (const [unit, length] of UNITS) {
    // Below two of a unit the smaller one says more.
    if (seconds >= 2 * length || (seconds >= length && length === 1)) {
      return new Intl.NumberFormat(formats(), { style: "unit", unit, unitDisplay: "long" }).format(Math.floor(seconds / length));
    }
  }
  return "";
}

/** Whether an instant is so near that its event may come at any moment, or has just come. */
export const isNow = (text: string | null | undefined): boolean => !!text && Math.abs(Date.parse(text) - serverNow()) < 15_000;
export const isOver = (text: string | null | undefined): boolean => !!text && Date.parse(text) <= serverNow();
export const isAhead = (text: string | null | undefined): boolean => !!text && Date.parse(text) > serverNow();

/** Draw again as time passes: each second while one of these instants is near, else twice a minute. */
export function useTime(instants: (string | null | undefined)[]): void {
  const [, draw] = useState(0);
  const isNear = instants.some((one) => one && Math.abs(Date.parse(one) - serverNow()) < SOON_MS);
  useEffect(() => {
    const timer = setInterval(() => draw((count) => count + 1), isNear ? 1_000 : 30_000);
    return () => clearInterval(timer);
  }, [isNear]);
}
