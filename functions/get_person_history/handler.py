"""GET /v1/people/{person_id}/history: earlier disputes of a party, for who has a claim of theirs (R47)."""

from buyer_protection.application.actions import history
from buyer_protection.application.actions.execute import require_case_manager
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import HistoryQuery
from buyer_protection.composition import container
from buyer_protection.runtime import edge, observability


@edge.action("get_person_history")
def handler(request: edge.Request, person_id: str) -> Answer:
    """200 with a part of the list; the look is noted."""
    # Who is not of the team reads that first, whatever the query says.
    require_case_manager(request.command.caller)
    query, context = request.query(HistoryQuery), container.get().context
    return history.get_person_history(context, request.command, person_id, query, observability.unreadable)
