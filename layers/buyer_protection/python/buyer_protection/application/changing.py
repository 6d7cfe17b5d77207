"""What changes by people and by the clock have in common; workers need it without the answers that `acting` gives."""

from buyer_protection.domain.dispute import Change
from buyer_protection.domain.transitions import find_transition
from buyer_protection.domain.vocabulary import EventType

ATTEMPTS = 6


def check_legal(change: Change) -> None:
    """Hold every change to the table of transitions; a breach is our own error, never the caller's."""
    source = None if change.is_opening else change.before.status
    if source == change.after.status:
        return
    row = find_transition(source, change.after.status, change.entry.type)
    by_flag = change.entry.type is EventType.ESCALATED and change.before.policy.seller_may_escalate
    if row is None or (change.entry.actor.role not in row.by and not by_flag):
        raise AssertionError(f"no transition {source} -> {change.after.status} by {change.entry.actor.role}")
