"""A party's earlier disputes, for the member of the team who has a claim of theirs (R47). Each look is noted (R45)."""

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command, load_case_for, require_case_manager
from buyer_protection.application.actions.lists import OnUnreadable, earlier_disputes, ignored
from buyer_protection.application.changes import retry_on_conflict
from buyer_protection.application.ports.beside import Look
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.queries import HistoryQuery
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Action, Role
from buyer_protection.domain.errors import ForbiddenError, NotFoundError


def get_person_history(
    context: Context,
    command: Command,
    person_id: str,
    query: HistoryQuery,
    on_unreadable: OnUnreadable = ignored,
) -> Answer:
    """200 with the disputes that this party of the case had before it, newest first.

    403 `NOT_ASSIGNED` for who does not have the claim (R47), 404 for who is no party of the case. Nothing is answered
    before the look is noted beside the case.
    """
    require_case_manager(command.caller)

    def attempt() -> Answer:
        loaded, _ = load_case_for(context.cases, command, query.dispute_id, Action.READ_CLAIM_BRIEF)
        case, reader_id = loaded.case, command.caller.caller_id
        if case.assigned_to != reader_id:
            raise ForbiddenError("Assign the claim to yourself first.", code="NOT_ASSIGNED", rule="R47")
        party = _party(case, person_id)
        answer = earlier_disputes(context, command, case, party, query, on_unreadable)
        now = context.clock.now()
        look = Look(case.dispute_id, context.ids.team_row_id("lk"), reader_id, person_id, now)
        context.cases.keep_beside(look, now=now)
        return answer

    return retry_on_conflict(attempt)


def _party(case: Dispute, person_id: str) -> Role:
    if person_id == case.buyer_id:
        return Role.BUYER
    if person_id == case.seller_id:
        return Role.SELLER
    raise NotFoundError(rule="R1")
