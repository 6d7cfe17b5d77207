// docs/asyncapi.json as AsyncAPI's own parser reads it: not an error, not a warning, not a hint but those named here.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

// 3.1.0 adds bindings of a protocol that we do not use, and not every tool reads it yet.
const TAKEN = new Set(["asyncapi-latest-version"]);
const LEVELS = ["error", "warning", "information", "hint"];

const source = process.argv[2];
const { document, diagnostics } = await new Parser().parse(readFileSync(source, "utf8"), { source });
const wrong = diagnostics.filter(({ code }) => !TAKEN.has(code));
for (const { severity, code, message, path } of wrong) {
  console.error(`#/${path.join("/")}: ${LEVELS[severity]} ${code}: ${message}`);
}
const messages = document?.allMessages().length ?? 0;
console.log(`${messages} messages, ${wrong.length} diagnostics`);
process.exitCode = wrong.length > 0 || messages === 0 ? 1 : 0;
