// The page of a case, for buyer and seller.
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { loadCase, loadDispute, loadMessages } from "../api/cases";
import type { ActionDocument, Case } from "../api/types";
import type { View } from "../context";
import { STATUSES } from "../enums";
import { ActionForm } from "../forms";
import { useLoad, usePolling, type Loaded } from "../loading";
import { Actions } from "../parts/actions";
import { Evidence } from "../parts/evidence";
import { Goods, Return } from "../parts/goods";
import { Messages } from "../parts/messages";
import { Now } from "../parts/now";
import { Offers } from "../parts/offers";
import { Notices, Outcome } from "../parts/outcome";
import { Past } from "../parts/past";
import { Shown } from "../parts/shown";
import { useTitle } from "../router";
import { deadlineOf, readerOf } from "../situation";
import { isNow, isOver, useTime } from "../time";
import { t, wordOf } from "../words";

// Somebody waits at the page: for the clock, or for a file that is being checked.
const SOON_MS = 3_000;
const CALM_MS = 15_000;

export function CasePage({ id }: { id: string }): JSX.Element {
  const loaded = useLoad(id, async () => await loadCase(id));
  useFreshness(id, loaded);
  return <Shown loaded={loaded}>{({ value, etag }) => <Parts value={value} etag={etag} reload={loaded.reload} />}</Shown>;
}

/** Look whether the case has changed; read the rest only where it has. */
function useFreshness(id: string, loaded: Loaded<{ value: Case; etag: string | null }>): void {
  const { value, etag } = loaded.value ?? {};
  const isWaiting = isOver(value && deadlineOf(value.dispute)) || isNow(value?.dispute.escalation_available_at)
    || value?.evidence.some((item) => item.status === "PENDING");
  usePolling(async () => {
    if (value === undefined) return;
    try {
      const [answer, messages] = await Promise.all([loadDispute(id, etag), loadMessages(id)]);
      if (answer.changed || messages.length !== value.messages.length || loaded.error !== null) await loaded.reload();
    } catch {
      // The page keeps what it has; reading it anew shows what is wrong.
      await loaded.reload();
    }
  }, isWaiting ? SOON_MS : CALM_MS);
}

function Parts({ value, etag, reload }: { value: Case; etag: string | null; reload: () => Promise<void> }): JSX.Element {
  const [action, setAction] = useState<ActionDocument | null>(null);
  const top = useRef<HTMLDivElement>(null);
  const { dispute } = value;
  useTitle(t("Case"), dispute.items.map((item) => item.title).join(", "), wordOf(STATUSES, dispute.status), t("Buyer Protection"));
  useTime([deadlineOf(dispute), dispute.escalation_available_at]);
  const view: View = { value, etag, reader: readerOf(dispute), reload, start: setAction };
  return (
    <div ref={top} class="case">
      <Notices view={view} />
      <Now view={view} />
      <Outcome view={view} />
      <Return view={view} />
      <Offers view={view} />
      <Evidence view={view} />
      <Messages view={view} />
      <Actions view={view} />
      <Goods view={view} />
      <Past view={view} />
      {action === null ? null : <ActionForm action={action} view={view} onClose={() => setAction(null)} />}
    </div>
  );
}
