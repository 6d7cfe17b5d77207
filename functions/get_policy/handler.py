"""GET /v1/policies/{profile}: every window and flag of a policy."""

from buyer_protection.application.actions import policies
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_policy")
def handler(_request: edge.Request, profile: str) -> Answer:
    """200 for anybody who is signed in."""
    return policies.get_policy(container.get().context, profile)
