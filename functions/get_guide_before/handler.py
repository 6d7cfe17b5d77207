"""GET /v1/policies/{profile}/evidence-guide: which evidence would help, before a dispute exists (R10, R26)."""

from buyer_protection.application.actions import policies
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import GuideQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_guide_before")
def handler(request: edge.Request, profile: str) -> Answer:
    """200 for anybody who is signed in."""
    return policies.get_guide_before(container.get().context, profile, request.query(GuideQuery))
