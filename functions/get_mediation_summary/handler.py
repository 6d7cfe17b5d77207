"""GET /v1/mediation/summary: how many claims are open, overdue, the caller's, nobody's (R24)."""

from buyer_protection.application.actions import desk
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_mediation_summary")
def handler(request: edge.Request) -> Answer:
    """200 with the counts."""
    built = container.get()
    return desk.get_mediation_summary(built.context, built.team, request.command)
