// What the case is about: the items, their parcels, and the way back of the goods.
import type { JSX } from "preact";
import type { View } from "../context";
import { REASONS, SUB_REASONS, TRACKING } from "../enums";
import { money } from "../money";
import { briefly, instant } from "../time";
import { capital, t, wordOf } from "../words";
import { Card, Facts, Said } from "./ui";

export function Goods({ view }: { view: View }): JSX.Element {
  const { dispute } = view.value;
  const isTeam = view.reader === "CASE_MANAGER";
  const people: [string, string | undefined][] = [[t("Buyer"), dispute.buyer?.display_name], [t("Seller"), dispute.seller?.display_name]];
  if (!isTeam) people.splice(view.reader === "BUYER" ? 0 : 1, 1);
  return (
    <Card title={t("What it is about")}>
      <ul class="items">
        {dispute.items.map((item) => (
          <li key={item.item_id}>
            <span><bdi dir="auto">{item.title || item.item_id}</bdi>{item.quantity > 1 ? ` × ${item.quantity}` : ""}</span>
            {item.amount ? <bdi>{money(item.amount)}</bdi> : null}
          </li>
        ))}
      </ul>
      <Facts facts={[
        [t("Reason"), capital(wordOf(REASONS, dispute.reason)) + (dispute.sub_reason ? `: ${wordOf(SUB_REASONS, dispute.sub_reason)}` : "")],
        [t("Refund asked for"), <bdi key="asked">{money(dispute.requested_refund)}</bdi>],
        ...people.map(([name, who]): [string, JSX.Element | null] => [name, who ? <bdi dir="auto" key={name}>{who}</bdi> : null]),
        [t("Order"), isTeam ? <bdi key="order">{dispute.order_id}</bdi> : <a href={`/orders/${dispute.order_id}`} key="order"><bdi>{dispute.order_id}</bdi></a>],
        [t("Case"), <bdi key="case">{dispute.dispute_id}</bdi>],
        [t("Opened"), briefly(dispute.opened_at)],
      ]} />
      <h3>{t("What the buyer wrote")}</h3>
      <Said text={dispute.description} />
      <Parcels view={view} />
    </Card>
  );
}

function Parcels({ view }: { view: View }): JSX.Element | null {
  const { parcels } = view.value.dispute;
  if (parcels.length === 0) return null;
  return (
    <>
      <h3>{t("Parcels")}</h3>
      <ul class="plain">
        {parcels.map((parcel) => (
          <li key={parcel.shipment_id}>
            <bdi dir="auto">{parcel.carrier}</bdi> · {parcel.status === null ? t("no news from the carrier") : wordOf(TRACKING, parcel.status)}
            {parcel.delivered_at === null ? "" : ` (${briefly(parcel.delivered_at)})`}
          </li>
        ))}
      </ul>
    </>
  );
}

function noAddressWords(reader: View["reader"]): string {
  if (reader === "BUYER") return t("The seller has not confirmed an address yet. Do not send anything before.");
  return reader === "SELLER" ? t("You have not confirmed an address yet.") : t("The seller has not confirmed an address yet.");
}

/** The return: where the goods go, until when, and how they travel. */
export function Return({ view }: { view: View }): JSX.Element | null {
  const { dispute } = view.value;
  const parcel = dispute.return_parcel;
  const isReturning = dispute.status === "AWAITING_RETURN" || dispute.status === "RETURN_SHIPPED";
  if (!isReturning && parcel === null && dispute.return_addresses.length === 0) return null;
  const address = dispute.return_addresses.find((one) => one.address_id === parcel?.address_id) ?? dispute.return_addresses.at(-1);
  const lines = address?.lines ?? dispute.return_address;
  return (
    <Card title={t("Sending the goods back")}>
      {lines
        ? <address>{lines.map((line, index) => <span key={index} dir="auto">{line}</span>)}</address>
        : <p>{noAddressWords(view.reader)}</p>}
      {dispute.return_addresses.length > 1 ? (
        <p class="hint">{t("Version %(number)s of the address. Goods that were sent to an earlier one count too.", { number: dispute.return_addresses.length })}</p>
      ) : null}
      <Facts facts={[
        [t("Send by"), lines && dispute.status === "AWAITING_RETURN" && dispute.return_shipment_due_at ? instant(dispute.return_shipment_due_at) : null],
        [t("Carrier"), parcel ? <bdi dir="auto" key="carrier">{parcel.carrier}</bdi> : null],
        [t("Tracking number"), parcel ? <bdi key="number">{parcel.tracking_number}</bdi> : null],
        [t("Sent"), parcel ? briefly(parcel.shipped_at) : null],
        [t("Delivered"), parcel?.delivered_at ? briefly(parcel.delivered_at) : null],
      ]} />
    </Card>
  );
}
