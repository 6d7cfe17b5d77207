// The page of an order: whether a dispute may be opened, item by item, and the way to open one.
import type { JSX } from "preact";
import type { EligibilityDocument, OrderDocument } from "../api/types";
import { TRACKING } from "../enums";
import { useLoad } from "../loading";
import { money } from "../money";
import { Shown } from "../parts/shown";
import { Card } from "../parts/ui";
import { codeWords } from "../problems";
import { useTitle } from "../router";
import { briefly, instant, isAhead, left, useTime } from "../time";
import { t, wordOf } from "../words";
import { Opening } from "./opening";
import { loadOrder } from "./reads";

export function OrderPage({ id }: { id: string }): JSX.Element {
  const loaded = useLoad(id, async () => await loadOrder(id));
  useTitle(t("Order"), id, t("Buyer Protection"));
  return (
    <>
      <h1>{t("Order")} <bdi>{id}</bdi></h1>
      <Shown loaded={loaded}>
        {({ order, eligibility }) => (
          <>
            <About order={order} />
            {eligibility === null ? null : <May order={order} eligibility={eligibility} reload={loaded.reload} />}
          </>
        )}
      </Shown>
    </>
  );
}

function About({ order }: { order: OrderDocument }): JSX.Element {
  return (
    <Card title={t("What was ordered")}>
      <ul class="items">
        {order.items.map((item) => (
          <li key={item.item_id}>
            <span><bdi dir="auto">{item.title}</bdi>{item.quantity > 1 ? ` × ${item.quantity}` : ""}</span>
            <bdi>{money({ amount_minor: item.amount_minor, currency: order.currency })}</bdi>
          </li>
        ))}
      </ul>
      <ul class="plain">
        {order.shipments.map((one) => (
          <li key={one.shipment_id}>
            <bdi dir="auto">{one.carrier}</bdi> <bdi>{one.tracking_number}</bdi> ·{" "}
            {one.tracking_status === null ? t("no news from the carrier") : wordOf(TRACKING, one.tracking_status)}
            {one.delivered_at === null ? "" : ` (${briefly(one.delivered_at)})`}
          </li>
        ))}
      </ul>
      {order.active_dispute_id === null ? null
        : <p><a class="button main" href={`/disputes/${order.active_dispute_id}`}>{t("Open the case")}</a></p>}
    </Card>
  );
}

function May(props: { order: OrderDocument; eligibility: EligibilityDocument; reload: () => Promise<void> }): JSX.Element | null {
  const { eligibility, order } = props;
  useTime([eligibility.opens_at, eligibility.closes_at]);
  if (order.active_dispute_id !== null) return null;
  const couldSome = eligibility.items.some((item) => item.eligible);
  if (eligibility.eligible || couldSome) return <Opening {...props} />;
  return (
    <Card title={t("Something wrong with it?")}>
      <NotNow eligibility={eligibility} />
      <EachItem order={order} eligibility={eligibility} />
    </Card>
  );
}

function NotNow({ eligibility }: { eligibility: EligibilityDocument }): JSX.Element {
  const { code, opens_at } = eligibility;
  if (opens_at !== null && isAhead(opens_at)) {
    return (
      <p>{t("You can ask for a refund from %(at)s on.", { at: instant(opens_at, true) })} <strong class="left">{t("in %(time)s", { time: left(opens_at) })}</strong></p>
    );
  }
  return <p>{t("You cannot ask for a refund here.")} {code === null ? "" : codeWords(code)}</p>;
}

/** Why each line of the order is not disputable, where there are several. */
function EachItem({ order, eligibility }: { order: OrderDocument; eligibility: EligibilityDocument }): JSX.Element | null {
  if (eligibility.items.length < 2) return null;
  return (
    <ul class="plain">
      {eligibility.items.map((item) => (
        <li key={item.item_id}>
          <bdi dir="auto">{order.items.find((one) => one.item_id === item.item_id)?.title ?? item.item_id}</bdi> ·{" "}
          {item.opens_at !== null && isAhead(item.opens_at)
            ? t("from %(at)s", { at: instant(item.opens_at, true) }) : item.code === null ? t("possible") : codeWords(item.code)}
        </li>
      ))}
    </ul>
  );
}
