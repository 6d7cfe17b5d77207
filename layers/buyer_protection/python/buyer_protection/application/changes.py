"""What changes by people and by the clock have in common; workers need it without the answers that `acting` gives."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from buyer_protection.application.ports.errors import ConflictingWriteError, IdempotencyRecordExistsError
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import EventType
from buyer_protection.domain.errors import ContentionError
from buyer_protection.domain.permissions import find_transition

T = TypeVar("T")

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


def with_retries(attempt: Callable[[], T]) -> T:
    """Run until no other change comes first: load, decide and commit anew each time."""
    for tried in range(ATTEMPTS):
        try:
            return attempt()
        except (ConflictingWriteError, IdempotencyRecordExistsError):
            time.sleep(random.uniform(0, 0.02 * 2**tried))  # noqa: S311 - jitter, not a secret
    raise ContentionError("Others keep changing this; nothing was changed by this call.")
