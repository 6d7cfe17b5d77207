// Starts the pages: the language first, so that nothing is drawn twice.
import { render } from "preact";
import { App } from "./app";
import { startLanguage } from "./words";

export * from "./kit";

const root = document.getElementById("app");
if (root !== null) {
  await startLanguage();
  root.replaceChildren();
  render(<App />, root);
}
