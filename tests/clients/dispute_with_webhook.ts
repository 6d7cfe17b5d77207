// A dispute that the shop's backend hears of by webhook, played with openapi-fetch and the types that openapi-typescript
// generates. API_URL, BACKEND_API_URL, ORDER_ID, BUYER_TOKEN, SELLER_TOKEN and the backend's AWS credentials come from the
// environment; the order was just shipped. Run by tests/e2e/test_clients.py; tests/clients/dispute_with_webhook.py is the
// same in Python.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { backend } from "./backend.ts";
import { clientOf, given, keyed, setting } from "./common.ts";
import type { Schemas } from "./common.ts";

type Event = Schemas["OutboundEnvelope"];
// A delivery as it came, and what its body says.
type Delivery = { headers: Record<string, string>; body: string; event: Event };

const PATIENCE_MS = 90_000;
const taken: Delivery[] = [];
let secret: string | undefined;

// The body is verified as it came, byte for byte; the libraries' answer has no type of its own.
const verified = (by: string, headers: Record<string, string>, body: string) =>
  new Webhook(by).verify(body, headers) as Event;

async function received(request: IncomingMessage): Promise<number> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts).toString("utf8");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === "string") headers[name] = value;
  if (secret === undefined) return 401;
  try {
    const event = verified(secret, headers, body);
    if (!taken.some((known) => known.event.id === event.id)) taken.push({ headers, body, event });
    return 204;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return 401;
    throw error;
  }
}

async function awaited(type: Schemas["KnownEventName"], dispute_id: string): Promise<Delivery> {
  const latest = Date.now() + PATIENCE_MS;
  while (Date.now() < latest) {
    const found = taken.find(({ event }) => event.type === type && event.subject === dispute_id);
    if (found !== undefined) return found;
    await setTimeout(100);
  }
  throw new Error(`no ${type} came`);
}

// The receiver, on a free port of this machine.
const receiver = createServer((request, response) => {
  received(request).then(
    (status) => response.writeHead(status).end(),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
const { port } = receiver.address() as AddressInfo;

const shop = backend();
const buyer = clientOf(setting("BUYER_TOKEN"));
const seller = clientOf(setting("SELLER_TOKEN"));
const path = { webhook_id: `erp-${randomUUID().slice(0, 8)}` };

const webhook = given(
  await shop.PUT("/v1/webhooks/{webhook_id}", {
    params: { path },
    body: { url: `http://127.0.0.1:${port}/hooks`, types: ["DisputeOpened", "DisputeResolved"] },
  }),
);
secret = webhook.secret;
console.log(`webhook: ${webhook.active}`);

const { dispute_id } = given(
  await buyer.POST("/v1/disputes", {
    params: { header: keyed() },
    body: {
      order_id: setting("ORDER_ID"),
      reason: "NOT_AS_DESCRIBED",
      description: "The lamp is red, not blue.",
      requested_refund: { amount_minor: 2500, currency: "USD" },
    },
  }),
);
const opened = await awaited("DisputeOpened", dispute_id);
console.log(`event: ${opened.event.type}`);

const rotated = given(
  await shop.POST("/v1/webhooks/{webhook_id}/rotate", { params: { path, header: keyed() } }),
);
if (rotated.secret === undefined) throw new Error("the rotation gave no secret");
console.log(`rotated: ${rotated.secret !== secret}`);

// The receiver still has the first secret; what comes now is signed with both.
given(
  await seller.POST("/v1/disputes/{dispute_id}/accept-request", {
    params: { path: { dispute_id }, header: keyed() },
  }),
);
const resolved = await awaited("DisputeResolved", dispute_id);
console.log(`event, by either secret: ${verified(rotated.secret, resolved.headers, resolved.body).type}`);

// How an event's delivery ended by the log. The shop's other disputes stand in it too, at any time.
async function ended({ event }: Delivery): Promise<string> {
  const latest = Date.now() + PATIENCE_MS;
  while (Date.now() < latest) {
    const { items } = given(await shop.GET("/v1/webhooks/{webhook_id}/deliveries", { params: { path } }));
    const found = items.find((item) => item.event_id === event.id);
    if (found !== undefined && found.status !== "PENDING") return `${found.type} ${found.status}`;
    await setTimeout(500);
  }
  throw new Error(`the delivery of ${event.type} never ended`);
}

console.log(`deliveries: ${await ended(opened)}, ${await ended(resolved)}`);
given(await shop.DELETE("/v1/webhooks/{webhook_id}", { params: { path } }));
receiver.close();
receiver.closeAllConnections();
