"""Who may do what, and when: the two tables of the process, as data.

`ACTIONS` is the gate (role × status × action); `TRANSITIONS` is every change of status there is. Both are enumerated
whole by the tests, and `checked` holds every recorded change to the second one.
"""

from datetime import datetime
from typing import NamedTuple

from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import OPEN, Action, EventType, Role, Status
from buyer_protection.domain.errors import ConflictError, ForbiddenError, WindowClosedError

_BUYER = frozenset({Role.BUYER})
_SELLER = frozenset({Role.SELLER})
_PARTIES = frozenset({Role.BUYER, Role.SELLER})
_MANAGER = frozenset({Role.CASE_MANAGER})
_READERS = _PARTIES | _MANAGER

_BARGAINING = frozenset({Status.NEGOTIATION, Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW})
_CLAIM = frozenset({Status.CLAIM_EVIDENCE, Status.UNDER_REVIEW})
_ANY = frozenset(Status)


class ActionRule(NamedTuple):
    """A row of the gate: these roles, in these statuses, for this rule's sake."""

    roles: frozenset[Role]
    statuses: frozenset[Status]
    rule: str
    is_read: bool = False


ACTIONS: dict[Action, ActionRule] = {
    Action.READ: ActionRule(_READERS, _ANY, "R1", is_read=True),
    Action.READ_CLAIM_BRIEF: ActionRule(_MANAGER, _ANY, "R24", is_read=True),
    Action.READ_GUIDE: ActionRule(_PARTIES, _ANY, "R26", is_read=True),
    Action.MAKE_OFFER: ActionRule(_PARTIES, _BARGAINING, "R14"),
    Action.ACCEPT_OFFER: ActionRule(_PARTIES, _BARGAINING, "R14"),
    Action.DECLINE_OFFER: ActionRule(_PARTIES, _BARGAINING, "R14"),
    Action.WITHDRAW_OFFER: ActionRule(_PARTIES, _BARGAINING, "R14"),
    Action.ACCEPT_REQUEST: ActionRule(_SELLER, _BARGAINING, "R14"),
    Action.ESCALATE: ActionRule(_BUYER, frozenset({Status.NEGOTIATION}), "R18"),
    Action.CHANGE_REASON: ActionRule(_BUYER, OPEN, "R27"),
    Action.CANCEL: ActionRule(_BUYER, _BARGAINING, "R28"),
    Action.ADD_EVIDENCE: ActionRule(_PARTIES, OPEN - {Status.UNDER_REVIEW}, "R26"),
    Action.WITHDRAW_EVIDENCE: ActionRule(_PARTIES, frozenset({Status.NEGOTIATION}), "R26"),
    Action.SEND_MESSAGE: ActionRule(_READERS, OPEN, "R5"),
    Action.EVIDENCE_COMPLETE: ActionRule(_PARTIES, frozenset({Status.CLAIM_EVIDENCE}), "R22"),
    Action.SET_EVIDENCE_WINDOW: ActionRule(_MANAGER, frozenset({Status.CLAIM_EVIDENCE}), "R22"),
    Action.DECIDE: ActionRule(_MANAGER, frozenset({Status.UNDER_REVIEW}), "R24"),
    Action.ASSIGN: ActionRule(_MANAGER, _CLAIM, "R24"),
    Action.REQUEST_EVIDENCE: ActionRule(_MANAGER, frozenset({Status.UNDER_REVIEW}), "R24"),
    Action.CONFIRM_RETURN_ADDRESS: ActionRule(_SELLER, frozenset({Status.AWAITING_RETURN}), "R36"),
    Action.REGISTER_RETURN_SHIPMENT: ActionRule(_BUYER, frozenset({Status.AWAITING_RETURN}), "R36"),
    Action.ACKNOWLEDGE_RETURN: ActionRule(_SELLER, frozenset({Status.RETURN_SHIPPED}), "R36"),
}


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
    rule = ACTIONS[action]
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
    rule = ACTIONS[action]
    if case.settlement is not None and action in _NOT_IN_A_RETURN_REVIEW:
        return False
    return rule.is_read or case.status in rule.statuses


def check_status(case: Dispute, action: Action) -> None:
    """409 `DISPUTE_CLOSED` once it has ended (R25), `WRONG_STATUS` where the status does not allow it."""
    rule = ACTIONS[action]
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
    return case.status is not Status.UNDER_REVIEW and case.deadline is not None and now >= case.deadline


def check_window(case: Dispute, now: datetime) -> None:
    """409 `TOO_LATE` from the instant the status's window ends: from there on the clock's own transition wins.

    A late decision stays possible: nothing happens by itself at the end of a review (R24).
    """
    if window_is_over(case, now):
        raise WindowClosedError(
            "This window has just ended; the case moves on by itself.",
            rule=_WINDOW_RULES[case.status],
            deadline=case.deadline,
        )


_WINDOW_RULES = {
    Status.NEGOTIATION: "R15",
    Status.CLAIM_EVIDENCE: "R22",
    Status.AWAITING_RETURN: "R36",
    Status.RETURN_SHIPPED: "R36",
}


def check(case: Dispute, role: Role, action: Action, now: datetime) -> None:
    """The whole gate for a person's action: role, status, window, in this order."""
    check_role(case, role, action)
    check_status(case, action)
    check_window(case, now)


def _spoken(role: Role) -> str:
    return role.lower().replace("_", " ")
