// Open disputes by status and age: a bar per status, drawn as SVG. Its words say all of it, for whoever does not see it.
import type { JSX } from "preact";
import type { OpenDocument } from "../api/types";
import { STATUSES } from "../enums";
import { n, t, wordOf } from "../words";

const ageWords = (days: number | null): string =>
  days === null ? t("older") : n("under %(count)s day", "under %(count)s days", days);

export function Ages({ open }: { open: OpenDocument[] }): JSX.Element {
  const most = Math.max(...open.map((one) => one.count), 1);
  const some = open.filter((one) => one.count > 0);
  if (some.length === 0) return <p>{t("None.")}</p>;
  return (
    <>
      <ul class="legend">
        {(some[0]?.by_age ?? []).map((age, index) => (
          <li key={index}><svg class="key" viewBox="0 0 1 1" aria-hidden="true"><rect class={`age-${index}`} width="1" height="1" /></svg>{ageWords(age.under_days)}</li>
        ))}
      </ul>
      <ul class="ages">{some.map((one) => <li key={one.status}><Bar one={one} most={most} /></li>)}</ul>
    </>
  );
}

function Bar({ one, most }: { one: OpenDocument; most: number }): JSX.Element {
  let from = 0;
  const parts = one.by_age.map(({ count }) => ({ count, from: (from += count) - count }));
  return (
    <>
      <p class="bar-name"><span>{wordOf(STATUSES, one.status)}</span> <strong>{one.count}</strong></p>
      <svg class="bar-shape" viewBox={`0 0 ${most} 1`} preserveAspectRatio="none" aria-hidden="true">
        {parts.map(({ count, from: x }, index) => (count === 0 ? null : <rect class={`age-${index}`} key={index} x={x} width={count} height="1" />))}
      </svg>
      <small>{one.by_age.filter(({ count }) => count > 0).map(({ under_days, count }) => `${ageWords(under_days)} (${count})`).join(" · ")}</small>
    </>
  );
}
