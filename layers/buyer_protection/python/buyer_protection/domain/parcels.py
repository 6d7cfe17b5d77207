"""What the buyer does once goods arrive: changing the reason, cancelling (R27, R28)."""

from dataclasses import replace
from datetime import datetime

from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    SUB_REASONS,
    Action,
    EventType,
    OutcomeCode,
    Reason,
    Role,
    Status,
    SubReason,
)
from buyer_protection.domain.errors import (
    ConflictError,
    FieldError,
    InvalidRequestError,
    LimitReachedError,
    check_all,
)
from buyer_protection.domain.evidence_window import heard_out, opened, rescheduled, with_more_items
from buyer_protection.domain.money import zero
from buyer_protection.domain.opening import check_sub_reason
from buyer_protection.domain.permissions import check
from buyer_protection.domain.settlement import close
from buyer_protection.domain.texts import check_says_something
from buyer_protection.domain.timeline import Actor, instant

# How often the sub-reason can be corrected.
MAX_CORRECTIONS = 3


def has_corrections_left(case: Dispute) -> bool:
    """Whether the sub-reason may be corrected once more."""
    return case.reason_corrections < MAX_CORRECTIONS


def corrections_of(case: Dispute) -> tuple[SubReason, ...]:
    """What the sub-reason can be corrected to, within the reason."""
    if not has_corrections_left(case):
        return ()
    return tuple(it for it in SubReason if it in SUB_REASONS[case.reason] and it is not case.sub_reason)


def may_state_reason(case: Dispute) -> bool:
    """R27, R50: whether there is a reason to change, or a sub-reason to correct; its date aside."""
    return case.reason is Reason.NOT_RECEIVED or has_corrections_left(case)


def change_reason(
    case: Dispute,
    actor: Actor,
    reason: Reason,
    sub_reason: SubReason | None,
    description: str | None,
    now: datetime,
) -> Change:
    """R27: NOT_RECEIVED becomes NOT_AS_DESCRIBED within five days of when the last parcel was registered as
    delivered; never the other way.

    In the same time the sub-reason can be corrected within either reason, `MAX_CORRECTIONS` times in all: each is a
    mail to the seller (R46). 409 `LIMIT_REACHED` from then on.
    """
    check(case, actor.role, Action.CHANGE_REASON, now)
    check_all(
        lambda: None if description is None else check_says_something("/description", description),
        lambda: check_sub_reason(reason, sub_reason),
    )
    if _is_correction(case, reason, sub_reason, now):
        return _corrected(case, actor, sub_reason, description, now)
    received_at = case.delivered_at or now
    data: dict[str, object] = {
        "reason": reason,
        "sub_reason": sub_reason,
        "previous_reason": case.reason,
        "received_at": instant(received_at),
    }
    after = replace(
        case,
        reason=reason,
        sub_reason=sub_reason,
        description=case.description if description is None else description,
        buyer_received_at=None if case.delivered_at else now,
    )
    after = _to_be_answered(after, now)
    is_other = (after.status, after.evidence_due_at) != (case.status, case.evidence_due_at)
    if is_other and after.evidence_due_at is not None:
        data["evidence_due_at"] = instant(after.evidence_due_at)
    return case.record(now, actor, EventType.REASON_CHANGED, data, after)


def _is_correction(case: Dispute, reason: Reason, sub_reason: SubReason | None, now: datetime) -> bool:
    """Whether the sub-reason alone is corrected; 409 where neither it nor the reason can be changed (R27)."""
    is_correction = reason is case.reason and sub_reason not in (None, case.sub_reason)
    is_change = case.reason is Reason.NOT_RECEIVED and reason is Reason.NOT_AS_DESCRIBED
    if not (is_change or is_correction):
        raise ConflictError(
            "Only NOT_RECEIVED can become NOT_AS_DESCRIBED; within a reason, the sub-reason can be corrected.",
            code="REASON_CHANGE_CLOSED",
            rule="R27",
        )
    due = case.reason_closes_at
    if due is not None and now >= due:
        raise ConflictError(
            "The reason can no longer be changed.", code="REASON_CHANGE_CLOSED", rule="R27", deadline=due
        )
    if is_correction and not has_corrections_left(case):
        raise LimitReachedError(
            f"The sub-reason can be corrected at most {MAX_CORRECTIONS} times.",
            rule="R27",
        )
    return is_correction


def _corrected(
    case: Dispute, actor: Actor, sub_reason: SubReason | None, description: str | None, now: datetime
) -> Change:
    """The reason said more precisely: it opens no window, as it can be done more than once."""
    data = {
        "reason": case.reason,
        "sub_reason": sub_reason,
        "previous_reason": case.reason,
        "previous_sub_reason": case.sub_reason,
    }
    if description is not None:
        # Nobody is asked to answer a correction, so it brings no new words.
        raise InvalidRequestError(
            "A corrected sub-reason keeps the description.",
            rule="R27",
            fields=[FieldError("/description", "FIXED")],
        )
    after = replace(case, sub_reason=sub_reason, reason_corrections=case.reason_corrections + 1)
    return case.record(now, actor, EventType.REASON_CHANGED, data, after)


def _to_be_answered(case: Dispute, now: datetime) -> Dispute:
    """R43: a changed reason during a review or a window for evidence gives the seller a policy day."""
    if case.status is Status.UNDER_REVIEW:
        return opened(case, now + case.policy.days(1), Role.SELLER)
    if case.status is not Status.CLAIM_EVIDENCE:
        return case
    return rescheduled(heard_out(with_more_items(case), Role.SELLER, now), now)


def cancel(case: Dispute, actor: Actor, *, acknowledge_consequences: bool, now: datetime) -> Change:
    """R28: the buyer ends the dispute; the order gets its clock back (R13)."""
    check(case, actor.role, Action.CANCEL, now)
    if not acknowledge_consequences:
        raise InvalidRequestError(
            "Cancelling stops the dispute and lets the order complete: acknowledge it.",
            rule="R28",
            fields=[FieldError("/acknowledge_consequences", "MUST_BE_TRUE")],
        )
    outcome = Outcome(OutcomeCode.CANCELLED_BY_BUYER, zero(case.max_refundable.currency), False, Role.BUYER)
    return close(case, now, actor, EventType.CANCELLED, Status.CANCELLED, outcome)


def can_reopen_until(case: Dispute, now: datetime) -> datetime | None:
    """R28: until when a new dispute about the order could be opened; None where none can.

    What the order said at the opening: where the shop has changed it since, eligibility knows better.
    """
    until = case.reopen_until
    return until if case.status is Status.CANCELLED and until is not None and now < until else None
