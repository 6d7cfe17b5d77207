"""POST /v1/policies/{profile}/preview: the calendar that a policy gives an order (R3, R7, R8, R15, R16, R22, R27)."""

from buyer_protection.application.actions import policies
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.requests import PreviewRequest
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("preview_policy")
def handler(request: edge.Request, profile: str) -> Answer:
    """200 for anybody who is signed in; changes nothing."""
    body = request.body(PreviewRequest)
    return policies.preview_policy(container.get().context, profile, body)
