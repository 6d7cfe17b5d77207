"""POST /v1/mediation/next: the caller takes the most urgent claim that nobody has (R47)."""

from buyer_protection.application.actions import desk
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("take_next_claim")
def handler(request: edge.Request) -> Answer:
    """200 with the claim; 404 where none waits."""
    request.no_body()
    return desk.take_next_claim(container.get().context, request.command)
