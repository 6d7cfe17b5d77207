// A dispute that ends with a return, played with openapi-fetch and the types that openapi-typescript generates. API_URL,
// ORDER_ID, BUYER_TOKEN and SELLER_TOKEN come from the environment; the order was just shipped. Run by
// tests/e2e/test_clients.py; tests/clients/dispute_with_return.py is the same in Python.
import { clientOf, given, keyed, setting } from "./common.ts";

const buyer = clientOf(setting("BUYER_TOKEN"));
const seller = clientOf(setting("SELLER_TOKEN"));
const everything = { amount_minor: 4990, currency: "USD" };

const opened = given(
  await buyer.POST("/v1/disputes", {
    params: { header: keyed() },
    body: {
      order_id: setting("ORDER_ID"),
      reason: "NOT_AS_DESCRIBED",
      description: "The lamp is red, not blue.",
      requested_refund: everything,
    },
  }),
);
const dispute_id = opened.dispute_id;
const on = () => ({ path: { dispute_id }, header: keyed() });
console.log(`status: ${opened.status}`);

const { offer_id } = given(
  await seller.POST("/v1/disputes/{dispute_id}/offers", {
    params: on(),
    body: { type: "REFUND_WITH_RETURN", refund: everything },
  }),
);
const accepted = given(
  await buyer.POST("/v1/disputes/{dispute_id}/offers/{offer_id}/accept", {
    params: { path: { dispute_id, offer_id }, header: keyed() },
  }),
);
console.log(`status: ${accepted.status}`);

const confirmed = given(
  await seller.POST("/v1/disputes/{dispute_id}/return/address", {
    params: on(),
    body: { address: { lines: ["Lamp Street 1", "Shenzhen"], country: "CN" } },
  }),
);
const address_id = confirmed.return_addresses.at(-1)?.address_id ?? null;

const shipped = given(
  await buyer.POST("/v1/disputes/{dispute_id}/return/shipment", {
    params: on(),
    body: { carrier: "Post", tracking_number: "RT123456789BR", address_id },
  }),
);
console.log(`status: ${shipped.status}`);

const ended = given(
  await seller.POST("/v1/disputes/{dispute_id}/return/acknowledge", {
    params: on(),
    body: { condition: "ITEM_RECEIVED" },
  }),
);
if (ended.outcome === null) throw new Error("it has not ended");
console.log(`status: ${ended.status}`);
console.log(`outcome: ${ended.outcome.code} ${ended.outcome.refund.amount_minor} ${ended.outcome.refund.currency}`);

const timeline = given(
  await buyer.GET("/v1/disputes/{dispute_id}/timeline", { params: { path: { dispute_id } } }),
);
console.log(`timeline: ${timeline.items.map((entry) => entry.type).join(" ")}`);
