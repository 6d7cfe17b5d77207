// Starts the pages: the language first, so that nothing is drawn twice. What the scripts of the areas take from this one,
// build.mjs finds in their imports and exports here.
import { render } from "preact";
import { App } from "./app";
import { startLanguage } from "./words";

const root = document.getElementById("app");
if (root !== null) {
  await startLanguage();
  root.replaceChildren();
  render(<App />, root);
}
