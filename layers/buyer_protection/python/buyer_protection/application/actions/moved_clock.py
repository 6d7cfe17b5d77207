"""Lets time pass for one case, on stages with `emulated` alone: the function exists nowhere else."""

from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import (
    Command,
    check_version,
    idempotency_record_of,
    require_system,
    stored_response,
)
from buyer_protection.application.changes import Decision, change_case
from buyer_protection.application.ports.cases import LoadedCase
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.documents import dispute_answer
from buyer_protection.application.schemas.requests import Instant, RequestModel
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Role
from buyer_protection.domain.errors import FieldError, InvalidRequestError, NotFoundError
from buyer_protection.domain.moved_clock import move_clock
from buyer_protection.domain.timeline import whole_ms

_DAY = timedelta(days=1)
_LONGEST = timedelta(days=366)


class MoveClockRequest(RequestModel, frozen=True):
    """One of the two.

    advance: how much time passes, an ISO 8601 duration such as `P3D` or `PT12H`, in days of the case's own policy.
    to: the instant, of those that the case shows, that is to be now.
    """

    advance: Annotated[timedelta, Meta(description="ISO 8601 duration in policy days")] | None = None
    to: Instant | None = None


def move_test_clock(context: Context, command: Command, dispute_id: str, request: MoveClockRequest) -> Answer:
    """200 with the dispute as the backend sees it; what is due then, its execution does by itself."""
    require_system(command.caller)

    def load() -> LoadedCase:
        loaded = context.cases.load(dispute_id, idempotency_id=command.idempotency_id)
        if loaded is None:
            raise NotFoundError(rule="R1")
        return loaded

    def decide(loaded: LoadedCase, now: datetime) -> Decision[Answer]:
        stored = stored_response(command, loaded.idempotency)
        if stored is not None:
            return Decision(stored)
        check_version(command, loaded.case)
        change = move_clock(loaded.case, _span(loaded.case, request, now), now)
        made = dispute_answer(change.after, Role.SYSTEM, now)
        return Decision(made, change.from_call(command.correlation_id), idempotency_record_of(command, made))

    return change_case(context.cases, context.clock, load, decide)


def _span(case: Dispute, request: MoveClockRequest, now: datetime) -> timedelta:
    if (request.advance is None) is (request.to is None):
        raise InvalidRequestError("Send one of advance and to.", fields=[FieldError("/advance", "REQUIRED")])
    if request.to is not None:
        name, span = "to", whole_ms(request.to) - whole_ms(now)
    else:
        name, span = "advance", case.policy.days(1) * ((request.advance or timedelta()) / _DAY)
        span = timedelta(milliseconds=span // timedelta(milliseconds=1))
    if not timedelta() < span <= _LONGEST:
        raise InvalidRequestError(
            "Time passes forwards, by a year at most.", fields=[FieldError(f"/{name}", "OUT_OF_RANGE")]
        )
    return span
