// The page of a case, for buyer and seller.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { loadCase } from "../api/cases";
import type { ActionDocument, Case, CasePageDocument } from "../api/types";
import type { View } from "../context";
import { STATUSES } from "../enums";
import { ActionForm } from "../forms";
import { useLoad, usePolling } from "../loading";
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
  const loaded = useLoad<Case>(id, async (before) => await loadCase(id, before));
  const { dispute, evidence } = loaded.value?.page ?? {};
  const isWaiting = isOver(dispute && deadlineOf(dispute)) || isNow(dispute?.escalation_available_at)
    || evidence?.some((item) => item.status === "PENDING");
  usePolling(loaded.reload, isWaiting ? SOON_MS : CALM_MS);
  return <Shown loaded={loaded}>{({ page, etag }) => <Parts value={page} etag={etag} reload={loaded.reload} />}</Shown>;
}

function Parts({ value, etag, reload }: { value: CasePageDocument; etag: string | null; reload: () => Promise<void> }): JSX.Element {
  const [action, setAction] = useState<ActionDocument | null>(null);
  const { dispute } = value;
  useTitle(t("Case"), dispute.items.map((item) => item.title).join(", "), wordOf(STATUSES, dispute.status), t("Buyer Protection"));
  useTime([deadlineOf(dispute), dispute.escalation_available_at]);
  const view: View = { value, etag, reader: readerOf(dispute), reload, start: setAction };
  // With the bounds of now, where the case was read anew meanwhile.
  const present = dispute.available_actions.find((one) => one.action === action?.action && one.href === action.href);
  return (
    <div class="case">
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
      {action === null ? null : <ActionForm action={present ?? action} view={view} onClose={() => setAction(null)} />}
    </div>
  );
}
