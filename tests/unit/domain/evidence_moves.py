"""Moves around the window for evidence that several tests make."""

from datetime import datetime, timedelta

from buyer_protection.domain import claim, evidence
from buyer_protection.domain.claim import EvidenceQuestion
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import (
    EvidenceType,
    MediaType,
    Role,
)
from buyer_protection.domain.evidence_item import Evidence, EvidenceFile
from buyer_protection.domain.timeline import Actor
from buyer_protection.domain.windows import close_window
from tests.support.builders import (
    DAY,
    MANAGER,
    OPENED,
)

FILE = EvidenceFile("f-1", "a.jpg", MediaType.JPEG, 10, "0" * 64)
T5 = OPENED + 5 * DAY
# Escalated four days after the opening, for seven days.
END = OPENED + 11 * DAY
FIVE_MINUTES = timedelta(minutes=5)


def done(case: Dispute, actor: Actor, now: datetime) -> Dispute:
    return evidence.complete_evidence(case, actor, now).after


def asked(case: Dispute, party: Role, now: datetime, days: int = 5) -> Dispute:
    question = EvidenceQuestion(party, [EvidenceType.STATEMENT], now + days * DAY, "Which plug is it?")
    return claim.request_evidence(case, MANAGER, question, now).after


def announced(case: Dispute, actor: Actor, now: datetime) -> tuple[Dispute, Evidence]:
    change = evidence.add_evidence(case, actor, EvidenceType.PHOTO, "", None, now, [FILE])
    assert change.new_evidence is not None
    return change.after, change.new_evidence


def arrives(case: Dispute, item: Evidence, now: datetime) -> Change:
    change = evidence.verify(case, item, "f-1", "v1", None, now)
    assert change is not None
    return change


def ticks(case: Dispute, now: datetime) -> Change:
    change = close_window(case, now)
    assert change is not None
    return change
