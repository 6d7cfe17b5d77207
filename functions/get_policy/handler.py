"""GET /v1/policies/{profile}: every window and flag of a policy."""

from buyer_protection.application.actions import policies
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.get("/v1/policies/<profile>")
def get_policy(profile: str) -> edge.Reply:
    """200 for anybody who is signed in."""
    edge.command(app)
    return edge.respond(policies.get_policy(container.get().context, edge.identifier(profile)))


handler = edge.entry(app, get_policy)
