// The team's script: its words and its pages. Nobody else loads it; see build.mjs.
import type { JSX } from "preact";
import { areas } from "../config";
import { addWords } from "../words";
import { ClaimPage } from "./claim";
import { QueuePage } from "./queue";
import { TemplatesPage } from "./template-page";

declare const MESSAGES: string;

await addWords({ names: MESSAGES, files: areas.desk.languages });

export const ROUTES: [RegExp, (id: string) => JSX.Element][] = [
  [/^\/desk\/?$/, () => <QueuePage />],
  [/^\/desk\/templates\/?$/, () => <TemplatesPage />],
  [/^\/desk\/([\w.:-]+)\/?$/, (id) => <ClaimPage id={id} key={id} />],
];
