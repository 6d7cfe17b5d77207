// Every pattern of the document is a regular expression of ECMAScript, as JSON Schema asks for.
import { readFileSync } from "node:fs";

let patterns = 0;
let wrong = 0;

function look(node, place) {
  if (node === null || typeof node !== "object") return;
  for (const [name, inner] of Object.entries(node)) {
    if (name === "pattern" && typeof inner === "string") {
      patterns += 1;
      try {
        new RegExp(inner, "u");
      } catch (error) {
        wrong += 1;
        console.error(`${place}: ${error.message}`);
      }
    } else {
      look(inner, `${place}/${name}`);
    }
  }
}

look(JSON.parse(readFileSync(process.argv[2], "utf8")), "#");
console.log(`${patterns} patterns, ${wrong} of them wrong`);
process.exitCode = wrong > 0 || patterns === 0 ? 1 : 0;
