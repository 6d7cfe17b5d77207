"""Who may do what, and when.

`actions.GATES` is the gate (role × status × action), enumerated whole by the tests; `may` and the checks read it with
what a case's own policy and a return under way make of it. Which changes of status there are is in `transitions`.
"""

from datetime import datetime

from buyer_protection.domain.actions import GATES, Gate
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Action, Role
from buyer_protection.domain.errors import ConflictError, ForbiddenError, WindowClosedError
from buyer_protection.domain.timeline import Actor

# A review of a return is about the return alone: the parties have agreed, or the team has ruled, on the rest (R36).
_NOT_IN_A_RETURN_REVIEW = frozenset(
    {
        Action.MAKE_OFFER,
        Action.ACCEPT_OFFER,
        Action.DECLINE_OFFER,
        Action.WITHDRAW_OFFER,
        Action.ACCEPT_REQUEST,
        Action.CANCEL,
        Action.PROPOSE,
    }
)


def _rule_for(case: Dispute, action: Action) -> Gate:
    """The row as it holds for this case: with its policy's flags, and without what a settled return has closed."""
    rule = GATES[action]
    if action is Action.ESCALATE:
        return rule._replace(roles=rule.roles | case.policy.escalating_roles)
    if case.settlement is not None and action in _NOT_IN_A_RETURN_REVIEW:
        return rule._replace(statuses=frozenset())
    return rule


def may(case: Dispute, role: Role, action: Action) -> bool:
    """Whether this role can do this as the case stands; its window aside (`window_is_over`)."""
    rule = _rule_for(case, action)
    return role in rule.roles and case.status in rule.statuses


def check_role(case: Dispute, role: Role, action: Action) -> None:
    """403 where this role may never do this, whatever the status (R14, R18, R24)."""
    rule = _rule_for(case, action)
    if role not in rule.roles:
        raise ForbiddenError(f"A {_spoken(role)} cannot do this.", rule=rule.rule)


def check_status(case: Dispute, action: Action) -> None:
    """409 `DISPUTE_CLOSED` once it has ended (R25), `WRONG_STATUS` where the status does not allow it."""
    rule = _rule_for(case, action)
    if case.status in rule.statuses:
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
    deadline = case.deadline
    return window is not None and window.is_strict and deadline is not None and now >= deadline


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


# R47: what a member of the team may do on a claim of their own only.
OF_THE_ASSIGNEE = frozenset(
    {Action.SET_EVIDENCE_WINDOW, Action.REQUEST_EVIDENCE, Action.DECIDE, Action.PROPOSE}
)


def check_assigned(case: Dispute, actor: Actor) -> None:
    """409 `NOT_ASSIGNED` where the claim is not this member of the team's own (R47)."""
    if case.assigned_to != actor.actor_id:
        raise ConflictError("Assign the claim to yourself first.", code="NOT_ASSIGNED", rule="R47")


def _spoken(role: Role) -> str:
    return role.lower().replace("_", " ")
