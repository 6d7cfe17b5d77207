// The operators' script: its words and its pages. Nobody else loads it; see build.mjs.
import type { JSX } from "preact";
import { areas } from "../config";
import { addWords } from "../words";
import { OperatedCasePage } from "./case";
import { RunbookPage } from "./runbook";
import { OperationsPage } from "./summary";

declare const MESSAGES: string;

await addWords({ names: MESSAGES, files: areas.operations.languages });

export const ROUTES: [RegExp, (id: string) => JSX.Element][] = [
  [/^\/operations\/?$/, () => <OperationsPage />],
  [/^\/operations\/cases\/([\w.:-]+)\/?$/, (id) => <OperatedCasePage id={id} key={id} />],
  [/^\/operations\/runbook(?:\/([\w-]+))?\/?$/, (name) => <RunbookPage name={name} />],
];
