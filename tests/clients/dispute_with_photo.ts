// A dispute with a photo, played with openapi-fetch and the types that openapi-typescript generates from
// docs/openapi.json. API_URL, ORDER_ID, BUYER_TOKEN and SELLER_TOKEN come from the environment; the order was just
// shipped. Run by tests/e2e/test_clients.py; tests/clients/dispute_with_photo.py is the same in Python.
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { clientOf, given, keyed, setting } from "./common.ts";
import type { Schemas } from "./common.ts";

const PATIENCE_MS = 90_000;
// 16 x 16 pixels of grey: what is no picture is refused.
const photo = new Uint8Array(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAPElEQVR4nF3BwQAAIADAwCGEEEIIIY" +
      "QQQgghhBBCCCGEEEII/XcHFoQoJCELRahCE7owhCksYQtHuMKTDy93eAFhAbv2AAAAAElFTkSuQmCC",
    "base64",
  ),
);

async function upload(form: Schemas["UploadDocument"], content: Uint8Array<ArrayBuffer>): Promise<void> {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append("file", new Blob([content]), "photo.png");
  const sent = await fetch(form.url, { method: "POST", body });
  if (!sent.ok) throw new Error(`S3 says ${sent.status}: ${await sent.text()}`);
}

const buyer = clientOf(setting("BUYER_TOKEN"));
const seller = clientOf(setting("SELLER_TOKEN"));
const order_id = setting("ORDER_ID");

async function givePhoto(dispute_id: string): Promise<Schemas["EvidenceDocument"]> {
  const file: Schemas["FileModel"] = {
    name: "lamp.png",
    media_type: "image/png",
    size: photo.length,
    sha256: createHash("sha256").update(photo).digest("hex"),
  };
  let item = given(
    await buyer.POST("/v1/disputes/{dispute_id}/evidence", {
      params: { path: { dispute_id }, header: keyed() },
      body: { type: "PHOTO", text: "The lamp is red.", files: [file] },
    }),
  );
  const form = item.files[0]?.upload;
  if (form === undefined) throw new Error("there is no form to upload with");
  await upload(form, photo);
  const latest = Date.now() + PATIENCE_MS;
  while (!item.counts) {
    if (Date.now() > latest) throw new Error("the photo was never verified");
    await setTimeout(500);
    const path = { dispute_id, evidence_id: item.evidence_id };
    item = given(await buyer.GET("/v1/disputes/{dispute_id}/evidence/{evidence_id}", { params: { path } }));
  }
  return item;
}

const can = given(
  await buyer.GET("/v1/orders/{order_id}/dispute-eligibility", { params: { path: { order_id } } }),
);
console.log(`eligible: ${can.eligible}`);

// Built anew, not sent back as it came: an answer may have members that no request takes.
const { amount_minor, currency } = can.max_refundable;

const opened = given(
  await buyer.POST("/v1/disputes", {
    params: { header: keyed() },
    body: {
      order_id,
      reason: "NOT_AS_DESCRIBED",
      description: "The lamp is red, not blue.",
      requested_refund: { amount_minor, currency },
    },
  }),
);
const dispute_id = opened.dispute_id;
console.log(`status: ${opened.status}`);

console.log(`photo: ${(await givePhoto(dispute_id)).status}`);

const half = { amount_minor: Math.floor(amount_minor / 2), currency };
const offer = given(
  await seller.POST("/v1/disputes/{dispute_id}/offers", {
    params: { path: { dispute_id }, header: keyed() },
    body: { type: "REFUND", refund: half, note: "Half of it back?" },
  }),
);
given(
  await buyer.POST("/v1/disputes/{dispute_id}/offers/{offer_id}/accept", {
    params: { path: { dispute_id, offer_id: offer.offer_id }, header: keyed() },
  }),
);

const dispute = given(await seller.GET("/v1/disputes/{dispute_id}", { params: { path: { dispute_id } } }));
if (dispute.status !== "RESOLVED") throw new Error(`not resolved: ${dispute.status}`);
console.log(`status: ${dispute.status}`);

const timeline = given(
  await buyer.GET("/v1/disputes/{dispute_id}/timeline", { params: { path: { dispute_id } } }),
);
for (const entry of timeline.items) {
  if (entry.type === "DISPUTE_OPENED") {
    // The type of an entry that may come later is any text, so the name alone does not narrow.
    const data = entry.data as Schemas["OpenedData"];
    console.log(`asked: ${data.requested_refund_minor} ${data.currency}`);
  }
}
console.log(`timeline: ${timeline.items.map((entry) => entry.type).join(" ")}`);
