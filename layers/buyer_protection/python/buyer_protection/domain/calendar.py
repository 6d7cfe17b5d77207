"""The whole calendar that a policy gives an order: for a page, before anything has happened."""

from dataclasses import dataclass
from datetime import datetime

from buyer_protection.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Calendar:
    """Every instant that follows from an order's dates. None where its cause is not known yet."""

    dispute_opens_at: datetime
    completion_at: datetime
    opens_before_completion: bool
    escalation_available_at: datetime | None
    negotiation_due_at: datetime | None
    evidence_due_at_latest: datetime | None
    decision_due_at_latest: datetime | None
    reason_change_due_at: datetime | None


def calendar(
    policy: Policy,
    shipped_at: datetime,
    guaranteed_delivery_days: int,
    opened_at: datetime | None,
    delivered_at: datetime | None,
) -> Calendar:
    """R3, R6 to R8, R15, R16, R22, R24, R27. "Latest": when only the clock acts, and the team sets no other date."""
    opens_at = shipped_at + policy.opens_after(guaranteed_delivery_days)
    completion_at = shipped_at + policy.days(guaranteed_delivery_days)
    negotiation_due = opened_at + policy.days(policy.negotiation_days) if opened_at else None
    evidence_due = negotiation_due + policy.days(policy.evidence_days) if negotiation_due else None
    return Calendar(
        dispute_opens_at=opens_at,
        completion_at=completion_at,
        opens_before_completion=opens_at < completion_at,
        escalation_available_at=opened_at + policy.days(policy.escalate_after_days) if opened_at else None,
        negotiation_due_at=negotiation_due,
        evidence_due_at_latest=evidence_due,
        decision_due_at_latest=evidence_due + policy.days(policy.decision_days) if evidence_due else None,
        reason_change_due_at=delivered_at + policy.days(policy.reason_change_days) if delivered_at else None,
    )
