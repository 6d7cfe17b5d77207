"""The team's own steps in a claim: who has it, and what it still asks for (R22, R24)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from buyer_protection.domain.claim import check_evidence_date
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.errors import ConflictError, LimitReachedError
from buyer_protection.domain.timeline import Actor, instant
from buyer_protection.domain.transitions import check
from buyer_protection.domain.vocabulary import Action, EventType, EvidenceType, Role, Status


def assign(case: Dispute, actor: Actor, assignee: str, now: datetime) -> Change:
    """R24: a case manager takes the claim, or gives it to a colleague; nobody decides on their own case."""
    check(case, actor.role, Action.ASSIGN, now)
    if assignee in {case.buyer_id, case.seller_id}:
        raise ConflictError(
            "A party to the dispute cannot have the claim.", code="ASSIGNEE_IS_PARTY", rule="R24"
        )
    data = {"assignee": assignee, "previous": case.assigned_to}
    return case.record(now, actor, EventType.ASSIGNED, data, assigned_to=assignee)


@dataclass(frozen=True, slots=True)
class EvidenceQuestion:
    """What the team asks of one party, and by when."""

    party: Role
    types: Sequence[EvidenceType]
    due_at: datetime
    question: str


def request_evidence(case: Dispute, actor: Actor, asked: EvidenceQuestion, now: datetime) -> Change:
    """The review stops for a new evidence window, twice at most; both parties are told (R22, R23, R24)."""
    check(case, actor.role, Action.REQUEST_EVIDENCE, now)
    if case.evidence_requests >= case.policy.max_evidence_requests:
        raise LimitReachedError(
            f"Evidence can be asked for at most {case.policy.max_evidence_requests} times.", rule="R24"
        )
    check_evidence_date(case, asked.due_at, now)
    return case.record(
        now,
        actor,
        EventType.EVIDENCE_REQUESTED,
        {
            "party": asked.party,
            "types": list(asked.types),
            "question": asked.question,
            "evidence_due_at": instant(asked.due_at),
        },
        status=Status.CLAIM_EVIDENCE,
        evidence_due_at=asked.due_at,
        evidence_requests=case.evidence_requests + 1,
        evidence_asked_of=asked.party,
        buyer_complete=case.buyer_complete and asked.party is not Role.BUYER,
        seller_complete=case.seller_complete and asked.party is not Role.SELLER,
    )
