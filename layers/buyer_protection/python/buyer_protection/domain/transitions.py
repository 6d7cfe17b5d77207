"""Every change of a case's status there is, as data: enumerated whole by the tests.

Every `Change` is held to it by `check_transition` when it is made, whoever makes it; nothing else can be committed.
"""

from typing import NamedTuple

from buyer_protection.domain.enums import EventType, Role, Status
from buyer_protection.domain.policy import Policy


class Transition(NamedTuple):
    """A row of the process: this event takes a case from one status to another."""

    source: Status | None
    target: Status
    event: EventType
    by: frozenset[Role]
    rule: str


_BUYER = frozenset({Role.BUYER})
_SELLER = frozenset({Role.SELLER})
_PARTIES = _BUYER | _SELLER
_MANAGER = frozenset({Role.CASE_MANAGER})
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
    # Of the team's proposals alone: in a claim the parties' own offers ask for no return.
    Transition(Status.CLAIM_EVIDENCE, Status.AWAITING_RETURN, EventType.OFFER_ACCEPTED, _PARTIES, "R36"),
    Transition(Status.UNDER_REVIEW, Status.AWAITING_RETURN, EventType.OFFER_ACCEPTED, _PARTIES, "R36"),
    Transition(Status.NEGOTIATION, Status.CANCELLED, EventType.CANCELLED, _BUYER | _CLOCK, "R28"),
    Transition(Status.UNDER_REVIEW, Status.CANCELLED, EventType.CANCELLED, _BUYER | _CLOCK, "R28"),
    Transition(Status.AWAITING_RETURN, Status.CANCELLED, EventType.CANCELLED, _CLOCK, "R51"),
    Transition(Status.RETURN_SHIPPED, Status.CANCELLED, EventType.CANCELLED, _CLOCK, "R51"),
    Transition(Status.UNDER_REVIEW, Status.CLAIM_EVIDENCE, EventType.EVIDENCE_REQUESTED, _MANAGER, "R24"),
    Transition(Status.UNDER_REVIEW, Status.CLAIM_EVIDENCE, EventType.REASON_CHANGED, _BUYER, "R43"),
    Transition(Status.AWAITING_RETURN, Status.RETURN_SHIPPED, EventType.RETURN_SHIPPED, _BUYER, "R36"),
    Transition(
        Status.RETURN_SHIPPED, Status.CLAIM_EVIDENCE, EventType.RETURN_PROBLEM, _SELLER | _CLOCK, "R42"
    ),
    Transition(Status.AWAITING_RETURN, Status.RESOLVED, EventType.RETURN_CLOSED, _CLOCK, "R36"),
    Transition(Status.AWAITING_RETURN, Status.DECIDED, EventType.RETURN_CLOSED, _CLOCK, "R36"),
    Transition(Status.RETURN_SHIPPED, Status.RESOLVED, EventType.RETURN_CLOSED, _SELLER | _CLOCK, "R36"),
    Transition(Status.RETURN_SHIPPED, Status.DECIDED, EventType.RETURN_CLOSED, _SELLER | _CLOCK, "R36"),
)

_LEGAL = {(t.source, t.target, t.event): t for t in TRANSITIONS}


def find_transition(source: Status | None, target: Status, event: EventType) -> Transition | None:
    """The row for this change of status, or None where there is none."""
    return _LEGAL.get((source, target, event))


def check_transition(
    source: Status | None, target: Status, event: EventType, by: Role, policy: Policy
) -> None:
    """AssertionError where the status changes and no row says so: a breach is our own error, never the caller's.

    `source` is None for an opening. Who escalates is also the policy's to say (R18).
    """
    if source == target:
        return
    row = find_transition(source, target, event)
    named = row.by if row else frozenset()
    if event is EventType.ESCALATED:
        named |= policy.escalating_roles
    if row is None or by not in named:
        raise AssertionError(f"no transition {source} -> {target} with {event} by {by}")
