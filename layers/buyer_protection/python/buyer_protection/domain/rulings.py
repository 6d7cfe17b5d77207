"""A ruling as the team gives it, and one that waits until a second member confirms it (R24, R47)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.enums import DecisionOutcome, DecisionReason, EventType
from buyer_protection.domain.money import Money


class Ruling(NamedTuple):
    """R24: the team's decision as given. `refund` may be left out where the outcome says it all."""

    outcome: DecisionOutcome
    refund: Money | None
    return_required: bool
    reasons: Sequence[DecisionReason]
    rationale: str
    evidence_ids: Sequence[str]


class RulingStatus(StrEnum):
    """Where a ruling stands that needs a confirmation. Only a WAITING one can be confirmed."""

    WAITING = "WAITING"
    CONFIRMED = "CONFIRMED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    # The case has changed since: never stored, as the change that does it does not know the ruling's row.
    VOID = "VOID"


@dataclass(frozen=True, slots=True)
class WaitingRuling:
    """What the case knows of the ruling that waits: which it is, and who of the team has made it."""

    decision_id: str
    made_by: str


@dataclass(frozen=True, slots=True)
class KeptRuling:
    """R47: a ruling that needs a confirmation, as the team keeps it: what it would do, and what became of it.

    `at_stake` is what the buyer asked for. `settled_by` and `settled_at`: who confirmed, refused or withdrew it.
    """

    decision_id: str
    made_by: str
    made_at: datetime
    outcome: Outcome
    at_stake: Money
    status: RulingStatus = RulingStatus.WAITING
    settled_by: str | None = None
    settled_at: datetime | None = None


# What changes nothing that a ruling stands on: talk, the clock's own notes, carriers' and payments' reports. Whatever
# else happens to a case voids the ruling that waits (R47).
LEAVES_A_RULING = frozenset(
    {
        EventType.MESSAGE_SENT,
        EventType.MESSAGES_READ,
        EventType.DEADLINE_MISSED,
        EventType.REMINDED,
        EventType.DELIVERED,
        EventType.DELIVERY_CORRECTED,
    }
)
