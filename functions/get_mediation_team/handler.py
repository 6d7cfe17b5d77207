"""GET /v1/mediation/team: who is in the team now, with the open claims of each (R47)."""

from buyer_protection.application.actions import desk
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.composition import container
from buyer_protection.runtime import edge


@edge.action("get_mediation_team")
def handler(request: edge.Request) -> Answer:
    """200 with the members."""
    built = container.get()
    return desk.get_mediation_team(built.context, built.team, request.command)
