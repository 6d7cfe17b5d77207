"""The calls that follow the parcel: changing the reason, cancelling (R27, R28)."""

from datetime import datetime

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command, execute
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.documents import answer, dispute_document
from buyer_protection.application.schemas.requests import CancelRequest, ChangeReasonRequest
from buyer_protection.domain import parcels
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import Action, Role


def change_reason(
    context: Context, command: Command, dispute_id: str, request: ChangeReasonRequest
) -> Answer:
    """200: what was not received turns out to be not as described (R27)."""
    return execute(
        context,
        command,
        dispute_id,
        Action.CHANGE_REASON,
        lambda s: parcels.change_reason(
            s.case, s.actor, request.reason, request.sub_reason, request.description, s.now
        ),
    )


def cancel_dispute(context: Context, command: Command, dispute_id: str, request: CancelRequest) -> Answer:
    """200 with `can_reopen_until`: the order has its clock back (R13, R28)."""

    def cancelled(change: Change, role: Role, now: datetime) -> Answer:
        until = parcels.can_reopen_until(change.after, now)
        document = dispute_document(change.after, role, now, can_reopen_until=until)
        return answer(200, document, version=change.after.version)

    return execute(
        context,
        command,
        dispute_id,
        Action.CANCEL,
        lambda s: parcels.cancel(
            s.case, s.actor, acknowledge_consequences=request.acknowledge_consequences, now=s.now
        ),
        cancelled,
    )
