// The offers of both sides, side by side, in money and words.
import type { JSX } from "preact";
import type { OfferDocument, Role } from "../api/types";
import { nameOf, openAction, type View } from "../context";
import { ACTIONS, OFFER_STATUSES } from "../enums";
import { money } from "../money";
import { actionsOf, isClosed, isEnding, offerWords } from "../situation";
import { briefly } from "../time";
import { capital, t, wordOf } from "../words";
import { Button, Card, Said } from "./ui";

export function Offers({ view }: { view: View }): JSX.Element {
  const { offers, dispute } = view.value;
  const nameFor = (role: Role, name: string): [Role, string] => [role, view.reader === role ? t("You") : name];
  const sides = [nameFor("BUYER", t("The buyer")), nameFor("SELLER", t("The seller"))];
  if (offers.some((one) => one.made_by === "CASE_MANAGER")) sides.push(["CASE_MANAGER", t("The team")]);
  return (
    <Card title={t("Offers")}>
      <div class="columns">
        {sides.map(([role, name]) => (
          <Side key={role} name={name} person={role === view.reader ? "" : nameOf(dispute, role)} offers={offers.filter((one) => one.made_by === role)} view={view} />
        ))}
      </div>
      {isClosed(dispute) ? null : <p class="hint">{t("At most %(amount)s can be refunded.", { amount: money(dispute.max_refundable) })}</p>}
    </Card>
  );
}

function Side(props: { name: string; person: string; offers: OfferDocument[]; view: View }): JSX.Element {
  const newest = props.offers.at(-1);
  const earlier = props.offers.slice(0, -1).reverse();
  return (
    <div class="side">
      <h3>{props.name}{props.person === "" ? null : <>{" "}<small><bdi dir="auto">{props.person}</bdi></small></>}</h3>
      {newest === undefined ? <p class="hint">{t("No offer.")}</p> : <Offer offer={newest} view={props.view} />}
      {earlier.length === 0 ? null : (
        <details>
          <summary>{t("Earlier offers")}</summary>
          <ul class="plain">{earlier.map((one) => <li key={one.offer_id}><Line offer={one} /></li>)}</ul>
        </details>
      )}
    </div>
  );
}

function Line({ offer }: { offer: OfferDocument }): JSX.Element {
  return <>{capital(offerWords(offer.type, offer.refund))} <small>({wordOf(OFFER_STATUSES, offer.status)} · {briefly(offer.made_at)})</small></>;
}

function Offer({ offer, view }: { offer: OfferDocument; view: View }): JSX.Element {
  const { open } = actionsOf(view.value.dispute);
  const about = `/offers/${offer.offer_id}/`;
  const buttons = (["ACCEPT_OFFER", "DECLINE_OFFER", "WITHDRAW_OFFER"] as const)
    .map((action) => openAction(open, action, about)).filter((one) => one !== undefined);
  return (
    <div class={offer.status === "OPEN" ? "offer standing" : "offer"}>
      <p class="amount"><bdi>{offer.type === "NO_REFUND" ? "–" : money(offer.refund)}</bdi></p>
      <p><Line offer={offer} /></p>
      {offer.note === "" ? null : <Said text={offer.note} />}
      {isTaken(offer, buttons, view) ? <p class="hint">{t("You have accepted it. It holds as soon as the other side accepts it too.")}</p> : null}
      <div class="buttons">
        {buttons.map((one) => <Button key={one.action} onClick={() => view.start(one)}>{wordOf(ACTIONS, one.action)}</Button>)}
      </div>
    </div>
  );
}

/** The team's proposal that stands and that this reader cannot accept any more has been accepted. */
function isTaken(offer: OfferDocument, buttons: unknown[], { value: { dispute }, reader }: View): boolean {
  const isStanding = reader !== "CASE_MANAGER" && offer.made_by === "CASE_MANAGER" && offer.status === "OPEN";
  return isStanding && buttons.length === 0 && !isClosed(dispute) && !isEnding(dispute);
}
