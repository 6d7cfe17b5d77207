// The script of an order's page: its words and the page. It is loaded where somebody opens it; see build.mjs.
import type { JSX } from "preact";
import { areas } from "../config";
import { addWords } from "../words";
import { OrderPage } from "./order";

declare const MESSAGES: string;

await addWords({ names: MESSAGES, files: areas.order.languages });

export const ROUTES: [RegExp, (id: string) => JSX.Element][] = [
  [/^\/orders\/([\w.:-]+)(?:\/open)?\/?$/, (id) => <OrderPage id={id} key={id} />],
];
