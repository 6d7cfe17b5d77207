// The shop knows who is signed in. Its backend keeps the session, and gives the page a fresh ID token of the customer's.
const element = document.querySelector("buyer-protection-case");

/** `refused` is true where the API took the last token no more. */
element.getToken = async (refused) => {
  const answer = await fetch(`/session/token${refused ? "?renew" : ""}`, { method: "POST" });
  return answer.ok ? await answer.text() : "";
};

// The customer wants to see the order: the shop has a page for that.
element.addEventListener("buyer-protection-order", (event) => location.assign(`/orders/${encodeURIComponent(event.detail.order_id)}`));

// There is no token any more, and the customer has pressed "Sign in".
element.addEventListener("buyer-protection-sign-in", () => location.assign("/sign-in"));
