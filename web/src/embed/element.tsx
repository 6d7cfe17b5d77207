// <buyer-protection-case api="…" dispute-id="…">: the page of a case inside a page of the shop, without a frame. The shop
// gives `getToken`, its colours as --bp-… and its language as lang. See docs/how-to/show-a-case-in-your-shop.md.
import { render } from "preact";
import { CasePage } from "../pages/case";
import { fitting, language, startLanguage } from "../words";
import { use, type TokenSource } from "./host";

// The pages' own style, which the build has made fit for a shadow tree.
declare const STYLE: string;
const SIGN_IN = "buyer-protection-sign-in";
const ORDER = "buyer-protection-order";
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

class BuyerProtectionCase extends HTMLElement {
  static readonly observedAttributes = ["api", "dispute-id", "lang"];
  #token: TokenSource | undefined;
  #tree = this.attachShadow({ mode: "open" });
  #root = document.createElement("div");

  constructor() {
    super();
    this.#tree.adoptedStyleSheets = [sheet];
    this.#tree.append(this.#root);
    this.#root.addEventListener("click", (event) => this.#follow(event));
    // What was set before this script was here hides the accessor.
    const early = Object.getOwnPropertyDescriptor(this, "getToken");
    if (early !== undefined) {
      Reflect.deleteProperty(this, "getToken");
      this.#token = early.value as TokenSource;
    }
  }

  get getToken(): TokenSource | undefined { return this.#token; }
  set getToken(source: TokenSource | undefined) {
    this.#token = source;
    void this.#draw();
  }

  connectedCallback(): void { void this.#draw(); }
  attributeChangedCallback(): void { void this.#draw(); }
  disconnectedCallback(): void { render(null, this.#root); }

  async #draw(): Promise<void> {
    const api = this.getAttribute("api");
    const id = this.getAttribute("dispute-id");
    if (!this.isConnected || !api || !id || this.#token === undefined) return;
    use(api, this.#token, () => this.dispatchEvent(new CustomEvent(SIGN_IN, { bubbles: true })));
    const wanted = this.closest("[lang]")?.getAttribute("lang") ?? "";
    const tag = fitting([wanted, ...navigator.languages]);
    if (tag !== language() || this.#root.lang === "") await startLanguage(tag, this.#root);
    if (this.isConnected) render(<CasePage id={id} key={`${id}/${tag}`} />, this.#root);
  }

  /** A link to a part of the case, which the browser does not find in a shadow tree by itself, or to the order: the shop
   * has a page of its own for that. */
  #follow(event: Event): void {
    const href = event.target instanceof Element ? event.target.closest("a")?.getAttribute("href") ?? "" : "";
    if (!/^(#|\/orders\/)/.test(href)) return;
    event.preventDefault();
    if (href.startsWith("#")) this.#tree.getElementById(href.slice(1))?.scrollIntoView();
    else this.dispatchEvent(new CustomEvent(ORDER, { bubbles: true, detail: { order_id: decodeURIComponent(href.split("/")[2] ?? "") } }));
  }
}

customElements.define("buyer-protection-case", BuyerProtectionCase);
