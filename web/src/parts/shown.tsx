// What a page shows while it reads, when it cannot, and when it has: the same for all pages.
import type { ComponentChildren, JSX } from "preact";
import { Refused, Unreachable } from "../api/client";
import { SignInNeeded } from "../auth";
import { poolOf } from "../config";
import type { Loaded } from "../loading";
import { wordsFor } from "../problems";
import { instant } from "../time";
import { t } from "../words";
import { Button, SignInAgain } from "./ui";

export function Shown<Value>(props: { loaded: Loaded<Value>; children: (value: Value) => ComponentChildren }): JSX.Element {
  const { value, error, at, reload } = props.loaded;
  if (value === null && error === null) return <p class="loading" role="status">{t("Loading …")}</p>;
  if (value === null) return <Failed error={error} reload={reload} />;
  return (
    <>
      {error === null ? null : <Stale error={error} at={at} reload={reload} />}
      <div class={error === null ? "shown" : "shown stale"}>{props.children(value)}</div>
    </>
  );
}

/** Nothing could be read. */
function Failed({ error, reload }: { error: unknown; reload: () => Promise<void> }): JSX.Element {
  const isMissing = error instanceof Refused && error.status === 404;
  return (
    <section class="card">
      <h1>{isMissing ? t("Not found") : t("This page cannot be shown")}</h1>
      <p role="alert">{wordsFor(error)}</p>
      {error instanceof SignInNeeded ? <SignInAgain /> : <Button kind="main" onClick={() => void reload()}>{t("Try again")}</Button>}
      {poolOf(location.pathname) === "team" ? null : <p><a href="/">{t("My cases")}</a></p>}
    </section>
  );
}

/** What is shown was read a while ago: from when it is, and what helps. */
function Stale({ error, at, reload }: { error: unknown; at: number; reload: () => Promise<void> }): JSX.Element {
  const since = t("You see what we knew on %(at)s.", { at: instant(new Date(at).toISOString()) });
  return (
    <div class="problem" role="alert">
      <p>{wordsFor(error)} {error instanceof Unreachable || error instanceof SignInNeeded ? since : ""}</p>
      {error instanceof SignInNeeded ? <SignInAgain /> : <Button onClick={() => void reload()}>{t("Try again")}</Button>}
    </div>
  );
}
