"""Who may do what, and when.

`actions.GATES` is the gate (role × status × action); `TRANSITIONS` is every change of status there is. Both are
enumerated whole by the tests, and `check_legal` holds every change to the second one.
"""

from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.actions import GATES
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Action, EventType, Role, Status
from buyer_protection.domain.errors import ConflictError, ForbiddenError, WindowClosedError

_BUYER = frozenset({Role.BUYER})
_SELLER = frozenset({Role.SELLER})
_PARTIES = frozenset({Role.BUYER, Role.SELLER})
_MANAGER = frozenset({Role.CASE_MANAGER})


class Transition(NamedTuple):
    """A row of the process: this event takes a case from one status to another."""

    source: Status | None
    target: Status
    event: EventType
    by: frozenset[Role]
    rule: str


_CLOCK = frozenset({Role.SYSTEM})

TRANSITIONS: tuple[Transition, ...] = (
    Transition(None, Status.NEGOTIATION, EventType.DISPUTE_OPENED, _BUYER, "R1"),
    Transition(Status.NEGOTIATION, Status.RESOLVED, EventType.OFFER_ACCEPTED, _PARTIES, "R14"),
    Transition(Status.NEGOTIATION, Status.AWAITING_RETURN, EventType.OFFER_ACCEPTED, _PARTIES, "R36"),
    Transition(Status.NEGOTIATION, Status.CLAIM_EVIDENCE, EventType.ESCALATED, _BUYER | _CLOCK, "R15"),
    Transition(Status.CLAIM_EVIDENCE, Status.CANCELLED, EventType.CANCELLED, _BUYER | _CLOCK, "R22"),
    Transition(Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW, EventType.REVIEW_STARTED, _CLOCK, "R22"),
    Transition(Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW, EventType.EVIDENCE_COMPLETED, _PARTIES, "R22"),
    Transition(Status.UNDER_REVIEW, Status.DECIDED, EventType.DECIDED, _MANAGER, "R24"),
    Transition(Status.UNDER_REVIEW, Status.AWAITING_RETURN, EventType.DECIDED, _MANAGER, "R36"),
    Transition(Status.CLAIM_EVIDENCE, Status.RESOLVED, EventType.OFFER_ACCEPTED, _PARTIES, "R14"),
    Transition(Status.UNDER_REVIEW, Status.RESOLVED, EventType.OFFER_ACCEPTED, _PARTIES, "R14"),
    Transition(Status.NEGOTIATION, Status.CANCELLED, EventType.CANCELLED, _BUYER, "R28"),
    Transition(Status.UNDER_REVIEW, Status.CANCELLED, EventType.CANCELLED, _BUYER, "R28"),
    Transition(Status.UNDER_REVIEW, Status.CLAIM_EVIDENCE, EventType.EVIDENCE_REQUESTED, _MANAGER, "R24"),
    Transition(Status.AWAITING_RETURN, Status.RETURN_SHIPPED, EventType.RETURN_SHIPPED, _BUYER, "R36"),
    Transition(Status.RETURN_SHIPPED, Status.UNDER_REVIEW, EventType.RETURN_PROBLEM, _SELLER, "R36"),
    Transition(Status.AWAITING_RETURN, Status.RESOLVED, EventType.RETURN_CLOSED, _CLOCK, "R36"),
    Transition(Status.AWAITING_RETURN, Status.DECIDED, EventType.RETURN_CLOSED, _CLOCK, "R36"),
    Transition(Status.RETURN_SHIPPED, Status.RESOLVED, EventType.RETURN_CLOSED, _SELLER | _CLOCK, "R36"),
    Transition(Status.RETURN_SHIPPED, Status.DECIDED, EventType.RETURN_CLOSED, _SELLER | _CLOCK, "R36"),
    Transition(Status.RETURN_SHIPPED, Status.UNDER_REVIEW, EventType.REVIEW_STARTED, _CLOCK, "R36"),
)

_LEGAL = {(t.source, t.target, t.event): t for t in TRANSITIONS}


def find_transition(source: Status | None, target: Status, event: EventType) -> Transition | None:
    """The row for this change of status, or None where there is none."""
    return _LEGAL.get((source, target, event))


def check_role(case: Dispute, role: Role, action: Action) -> None:
    """403 where this role may never do this, whatever the status (R14, R18, R24)."""
    rule = GATES[action]
    if action is Action.ESCALATE and role is Role.SELLER and case.policy.seller_may_escalate:
        return
    if role not in rule.roles:
        raise ForbiddenError(f"A {_spoken(role)} cannot do this.", rule=rule.rule)


# A review of a return is about the return alone: the parties have agreed, or the team has ruled, on the rest (R36).
_NOT_IN_A_RETURN_REVIEW = frozenset(
    {
        Action.MAKE_OFFER,
        Action.ACCEPT_OFFER,
        Action.DECLINE_OFFER,
        Action.WITHDRAW_OFFER,
        Action.ACCEPT_REQUEST,
        Action.CANCEL,
    }
)


def status_allows(case: Dispute, action: Action) -> bool:
    """Whether the case stands where this can be done, by anybody."""
    rule = GATES[action]
    if case.settlement is not None and action in _NOT_IN_A_RETURN_REVIEW:
        return False
    return rule.is_read or case.status in rule.statuses


def check_status(case: Dispute, action: Action) -> None:
    """409 `DISPUTE_CLOSED` once it has ended (R25), `WRONG_STATUS` where the status does not allow it."""
    rule = GATES[action]
    if status_allows(case, action):
        return
    if case.is_closed:
        raise ConflictError(
            "This dispute is closed; its outcome is final.", code="DISPUTE_CLOSED", rule="R25"
        )
    if action is Action.ADD_EVIDENCE and case.decision_due_at is not None:
        reviewed_since = case.decision_due_at - case.policy.days(case.policy.decision_days)
        raise WindowClosedError(
            "The evidence window has ended; the claim is under review.", rule="R22", deadline=reviewed_since
        )
    raise ConflictError(f"This cannot be done while the dispute is {case.status}.", rule=rule.rule)


def window_is_over(case: Dispute, now: datetime) -> bool:
    """Whether the status's window has ended, so that the next step is the clock's."""
    window = case.window
    return window is not None and window.is_strict and case.deadline is not None and now >= case.deadline


def check_window(case: Dispute, now: datetime) -> None:
    """409 `TOO_LATE` from the instant the status's window ends: from there on the clock's own transition wins.

    A late decision stays possible: nothing happens by itself at the end of a review (R24).
    """
    window = case.window
    if window is not None and window_is_over(case, now):
        raise WindowClosedError(
            "This window has just ended; the case moves on by itself.",
            rule=window.rule,
            deadline=case.deadline,
        )


def check(case: Dispute, role: Role, action: Action, now: datetime) -> None:
    """The whole gate for a person's action: role, status, window, in this order."""
    check_role(case, role, action)
    check_status(case, action)
    check_window(case, now)


def _spoken(role: Role) -> str:
    return role.lower().replace("_", " ")
