"""POST /v1/policies/{profile}/preview: the calendar that a policy gives an order (R3, R7, R8, R15, R16, R22, R27)."""

from buyer_protection.application.actions import policies
from buyer_protection.application.schemas.requests import PreviewRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge

app = edge.api()


@app.post("/v1/policies/<profile>/preview")
def preview_policy(profile: str) -> edge.Reply:
    """200 for anybody who is signed in; changes nothing."""
    edge.command(app)
    request = edge.body(app, PreviewRequest)
    return edge.respond(policies.preview_policy(container.get().context, edge.identifier(profile), request))


handler = edge.entry(app, preview_policy)
