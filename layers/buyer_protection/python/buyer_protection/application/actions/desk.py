"""The team's own work: how many claims there are, who has them, and the next one to take (R24, R47)."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from buyer_protection.application.actions.claim import keep_holder
from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import (
    Command,
    require_case_manager,
    require_member,
    stored_response,
)
from buyer_protection.application.changes import retry_on_conflict
from buyer_protection.application.ports.case_lists import CLAIM_STATUSES
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.team import Team
from buyer_protection.application.schemas.desk_documents import (
    MediationSummary,
    MemberDocument,
    TeamDocument,
    colleagues,
)
from buyer_protection.application.schemas.documents import answer, dispute_answer
from buyer_protection.domain import claim
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role
from buyer_protection.domain.errors import ConflictError, NotFoundError
from buyer_protection.domain.timeline import Actor, instant

_DAY = timedelta(days=1)
# Claims that one call tries to take: each refusal is another manager's success.
_TRIES = 50


def get_mediation_summary(context: Context, team: Team, command: Command) -> Answer:
    """200 with the counts, of the index alone, and what the team's members are called."""
    require_case_manager(command.caller)
    now = context.clock.now()
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
    by_status: Counter[str] = Counter()
    overdue = today = 0
    for one in context.cases.claims_due():
        by_status[one.status] += 1
        overdue += one.due_at <= now
        today += now < one.due_at < tomorrow
    counts = MediationSummary(
        as_of=instant(now),
        open=by_status.total(),
        overdue=overdue,
        due_today=today,
        mine=context.cases.claims_of(command.caller.caller_id),
        unassigned=context.cases.claims_of(None),
        by_status={status: by_status[status] for status in sorted(CLAIM_STATUSES)},
        members=colleagues(team.names()),
    )
    return answer(200, counts)


def get_mediation_team(context: Context, team: Team, command: Command) -> Answer:
    """200 with everybody who is in the team now, and how many open claims each has."""
    require_case_manager(command.caller)
    members = [
        MemberDocument(one.member_id, context.cases.claims_of(one.member_id), one.name)
        for one in team.members()
    ]
    return answer(200, TeamDocument(instant(context.clock.now()), members))


def take_next_claim(context: Context, command: Command) -> Answer:
    """200 with the most urgent claim that nobody had, which is the caller's now; 404 `NO_CLAIM_WAITING`.

    No claim is given to two: each is taken under the condition that nobody has it (R47).
    """
    require_case_manager(command.caller)
    require_member(context, command.caller.caller_id)
    return retry_on_conflict(lambda: _take_next(context, command))


def _take_next(context: Context, command: Command) -> Answer:
    if command.idempotency_id is not None:
        kept = context.cases.idempotency_record(command.idempotency_id)
        if (stored := stored_response(command, kept)) is not None:
            return stored
    for case in _unassigned(context, command):
        now = context.clock.now()
        actor = Actor(Role.CASE_MANAGER, command.caller.caller_id)
        try:
            after = claim.assign(case, actor, actor.actor_id, now)
            given = dispute_answer(after, actor.role, now, actor.actor_id)
            keep_holder(context, command, case, after, given, now)
        except (ConflictError, ConflictingWriteError):
            # Another has taken it, or its window has just ended.
            continue
        return given
    raise NotFoundError("No claim waits for somebody to take it.", code="NO_CLAIM_WAITING", rule="R47")


def _unassigned(context: Context, command: Command) -> Iterator[Dispute]:
    """Nobody's claims, most urgent first; not those that the caller has a part in."""
    for one in context.cases.claims_to_take(context.clock.now(), at_most=_TRIES):
        if (
            isinstance(one, Dispute)
            and command.caller.role_towards(one.buyer_id, one.seller_id) is Role.CASE_MANAGER
        ):
            yield one
