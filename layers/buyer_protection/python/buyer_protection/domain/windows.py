"""The clock's own transitions: what happens when a window ends and nobody acted (R15, R22, R24, R36).

One function for the execution, the sweeper and anybody else: the same case at the same instant gives the same step.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.claim import (
    cancel_for_want_of_evidence,
    escalate_by_clock,
    start_review,
)
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import PARTIES, EventType, OutcomeCode, Status
from buyer_protection.domain.evidence_window import uploads_until, waiting_for_uploads
from buyer_protection.domain.guard import Guard
from buyer_protection.domain.money import zero
from buyer_protection.domain.returns import close_return, return_evidence, settlement_of
from buyer_protection.domain.settlement import close, terminal_status_of
from buyer_protection.domain.timeline import CLOCK, instant
from buyer_protection.domain.window_table import can_be_judged

CONTRACT = 1
CLAIM_OPENED = "CLAIM_OPENED"
# The condition of a return that the seller said nothing of: an entry's word, beside those that a seller can say.
NOT_ACKNOWLEDGED = "NOT_ACKNOWLEDGED"
# How long the case's execution has to bring a new claim before the team, before somebody else does.
MEDIATION_GRACE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Alarm:
    """What the case's execution carries from step to step: where to wait, for which epoch, how many seconds.

    `status` is the case's status, or CLAIM_OPENED as long as the mediation function has not seen the claim.
    `correlation_id` names the call that started or woke the execution, for whoever reads its history; no log line has
    it from here, as the same input is that of the clock's own step, once the time is over.
    """

    dispute_id: str
    generation: int
    contract: int
    status: str
    epoch: int
    seconds: int
    correlation_id: str | None = None

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "Alarm":
        """The alarm a step of the machine was given, of whichever contract: what a later one adds is left aside.

        Only the identity must be there (KeyError otherwise); where the case stands, each step reads from the case.
        """
        return cls(
            event["case_id"],
            event["generation"],
            event.get("contract", CONTRACT),
            event.get("status", ""),
            event.get("epoch", 0),
            event.get("seconds", 1),
            event.get("correlation_id"),
        )

    def to_event(self) -> dict[str, Any]:
        """The input of the next step: running executions of every version know the case as `case_id`."""
        named = {"correlation_id": self.correlation_id} if self.correlation_id else {}
        return {
            "case_id": self.dispute_id,
            "generation": self.generation,
            "contract": self.contract,
            "status": self.status,
            "epoch": self.epoch,
            "seconds": self.seconds,
            **named,
        }


def alarm_status(case: Dispute) -> str:
    """The status that the state machine branches on."""
    fresh_claim = case.status is Status.CLAIM_EVIDENCE and case.mediation_opened_at is None
    return CLAIM_OPENED if fresh_claim else case.status.value


def next_reminder(case: Dispute) -> tuple[datetime, EventType] | None:
    """The instant and kind of the next reminder of an approaching date; None where none is left."""
    lead = case.policy.days(case.policy.reminder_days)
    window, deadline = case.window, case.deadline
    due: list[tuple[datetime, EventType]] = []
    if case.status is Status.NEGOTIATION:
        due.append((case.escalation_available_at, EventType.ESCALATION_AVAILABLE))
    if deadline is not None and window is not None and window.is_strict:
        due.append((deadline - lead, EventType.REMINDED))
    since = case.reminded_until or case.opened_at
    return min(((at, kind) for at, kind in due if at > since), default=None)


def wake_at(case: Dispute) -> datetime | None:
    """When the clock must look at the case again; None once it never has to."""
    reminder = next_reminder(case)
    instants = [at for at in (case.deadline, reminder[0] if reminder else None) if at is not None]
    return min(instants, default=None)


def due_at(case: Dispute) -> datetime | None:
    """When somebody must have looked at the case: as its clock says, but at a claim that the team has not seen soon.

    Its window may be a week: a claim whose execution died would lie there without its brief for as long (R23, R24).
    """
    wake = wake_at(case)
    if wake is None or case.escalated_at is None or alarm_status(case) != CLAIM_OPENED:
        return wake
    return min(wake, case.escalated_at + MEDIATION_GRACE)


def seconds_until(wake: datetime, now: datetime) -> int:
    """How long to sleep: never less than a second, never waking early."""
    return max(1, math.ceil((wake - now) / timedelta(seconds=1)))


def close_window(case: Dispute, now: datetime) -> Change | None:
    """The one step that is due now, or None: first a window that has ended, then a reminder."""
    window, deadline = case.window, case.deadline
    if deadline is not None and now >= deadline:
        return ON_END[case.status](case, now)
    reminder = next_reminder(case)
    if reminder is None or now < reminder[0]:
        return None
    at, kind = reminder
    data: dict[str, object] = {"due_at": instant(deadline) if deadline else None}
    if kind is EventType.REMINDED and window is not None:
        turn = window.turn(case, now)
        data["parties"] = [role for role in PARTIES if role in turn]
        data["window"] = window.name
    return case.record(now, CLOCK, kind, data, replace(case, reminded_until=at), Guard.NONE)


def _end_evidence(case: Dispute, now: datetime) -> Change:
    """R22: the review, or the end of a claim that nobody gave any evidence for.

    Once, before that, what was announced in time is waited for while its form is valid.
    """
    due = case.evidence_due_at or now
    until = None if case.uploads_awaited else uploads_until(case, due)
    if until is not None and now < until:
        data = {"evidence_due_at": instant(until), "previous_due_at": instant(due)}
        after = waiting_for_uploads(case, until)
        return case.record(now, CLOCK, EventType.UPLOADS_AWAITED, data, after, Guard.AFTER_DEADLINE)
    return start_review(case, now) if can_be_judged(case) else cancel_for_want_of_evidence(case, now)


def _note_missed_decision(case: Dispute, now: datetime) -> Change:
    """R24: late means an alarm and the top of the queue, never a silent default."""
    due = case.decision_due_at
    data = {"due_at": instant(due) if due else None}
    noted = replace(case, missed_noted=True)
    return case.record(now, CLOCK, EventType.DEADLINE_MISSED, data, noted, Guard.AFTER_DEADLINE)


def _return_not_shipped(case: Dispute, now: datetime) -> Change:
    """R36: no parcel came. The seller who never confirmed an address pays without a return."""
    if case.return_address_confirmed_at is None:
        return close_return(case, CLOCK, "ADDRESS_NEVER_CONFIRMED", now, Guard.AFTER_DEADLINE)
    settlement = settlement_of(case)
    outcome = Outcome(
        OutcomeCode.RETURN_NOT_SHIPPED,
        zero(case.max_refundable.currency),
        True,
        settlement.decided_by,
        settlement.reasons,
        settlement.rationale,
        settlement.evidence_ids,
    )
    data = {"cause": "NOT_SHIPPED"}
    status, late = terminal_status_of(settlement), Guard.AFTER_DEADLINE
    return close(case, now, CLOCK, EventType.RETURN_CLOSED, status, outcome, data, guard=late)


def _return_not_acknowledged(case: Dispute, now: datetime) -> Change:
    """R36: the carrier's word counts where the seller is silent; without it both are heard, and a person decides."""
    late = Guard.AFTER_DEADLINE
    if case.return_delivered_at is None:
        after, due = return_evidence(case, now)
        data = {"condition": NOT_ACKNOWLEDGED, "evidence_due_at": instant(due)}
        return case.record(now, CLOCK, EventType.RETURN_PROBLEM, data, after, late)
    return close_return(case, CLOCK, "DELIVERED", now, late)


# What the clock does at the end of each window of the table.
ON_END: dict[Status, Callable[[Dispute, datetime], Change]] = {
    Status.NEGOTIATION: escalate_by_clock,
    Status.CLAIM_EVIDENCE: _end_evidence,
    Status.UNDER_REVIEW: _note_missed_decision,
    Status.AWAITING_RETURN: _return_not_shipped,
    Status.RETURN_SHIPPED: _return_not_acknowledged,
}
