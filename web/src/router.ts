// Addresses of the pages: a link inside the pages changes what is shown without loading anything.
import { useEffect, useState } from "preact/hooks";

const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

/** Go to a path of ours. */
export function navigate(path: string): void {
  history.pushState(null, "", path);
  window.scrollTo(0, 0);
  changed();
  // Who reads with a keyboard or a screen reader goes on at the beginning of the new page.
  document.getElementById("main")?.focus();
}

/** The present path; the page is drawn again when it changes. */
export function usePath(): string {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const listener = (): void => setPath(location.pathname);
    listeners.add(listener);
    window.addEventListener("popstate", listener);
    return () => {
      listeners.delete(listener);
      window.removeEventListener("popstate", listener);
    };
  }, []);
  return path;
}

/** The title of the window: what is shown, then whose pages these are. */
export function useTitle(...parts: string[]): void {
  const title = parts.filter((part) => part !== "").join(" · ");
  useEffect(() => { document.title = title; }, [title]);
}

/** Let plain clicks on our own links stay on the page. */
export function followLinks(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (link === null || !isPlain || event.defaultPrevented) return;
  if (link.origin !== location.origin || link.target !== "" || link.hasAttribute("download") || link.hash !== "") return;
  event.preventDefault();
  navigate(link.pathname);
}
