"""The team's own calls in a claim: who has it, and what it still asks for (R22, R24)."""

from buyer_protection.application.acting import Call, act
from buyer_protection.application.desk import Desk
from buyer_protection.application.orders import whole_ms
from buyer_protection.application.ports import Answer
from buyer_protection.application.requests import AssignRequest, EvidenceQuestionRequest
from buyer_protection.domain import mediation
from buyer_protection.domain.vocabulary import Action, Role


def assign_claim(desk: Desk, call: Call, dispute_id: str, request: AssignRequest) -> Answer:
    """200: the claim is that case manager's."""
    return act(
        desk,
        call,
        dispute_id,
        Action.ASSIGN,
        lambda s: mediation.assign(s.case, s.actor, request.assignee, s.now),
    )


def request_evidence(desk: Desk, call: Call, dispute_id: str, request: EvidenceQuestionRequest) -> Answer:
    """200: a new evidence window is open; twice at most."""
    asked = mediation.EvidenceQuestion(
        Role(request.party), request.types, whole_ms(request.due_at), request.question
    )
    return act(
        desk,
        call,
        dispute_id,
        Action.REQUEST_EVIDENCE,
        lambda s: mediation.request_evidence(s.case, s.actor, asked, s.now),
    )
