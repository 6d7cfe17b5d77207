"""The claim's calls: escalate, give evidence, set the window, decide (R15 to R26)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import (
    ActionInput,
    Command,
    Unseen,
    already_so,
    check_version,
    execute,
    idempotency_record_of,
    load_case_for,
    require_member,
    stored_response,
)
from buyer_protection.application.changes import retry_on_conflict
from buyer_protection.application.ports.beside import RulingStep
from buyer_protection.application.ports.cases import Assignment
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.documents import answer, dispute_answer
from buyer_protection.application.schemas.requests import (
    AssignRequest,
    DecisionRequest,
    EscalateRequest,
    EvidenceQuestionRequest,
    EvidenceWindowRequest,
)
from buyer_protection.application.schemas.team_documents import pending_decision_document
from buyer_protection.domain import claim, confirmations, rulings
from buyer_protection.domain.agreement import Outcome
from buyer_protection.domain.dispute import Change, Dispute
from buyer_protection.domain.enums import Action, Role
from buyer_protection.domain.errors import ConflictError
from buyer_protection.domain.money import Money
from buyer_protection.domain.timeline import Actor, whole_ms

# No amount at stake needs a second confirmation (R47).
NO_LIMITS: Mapping[str, int] = MappingProxyType({})


def escalate_dispute(context: Context, command: Command, dispute_id: str, request: EscalateRequest) -> Answer:
    """200: the dispute is a claim, with its evidence window open (R16 to R20, R22)."""
    return execute(
        context,
        command,
        dispute_id,
        Action.ESCALATE,
        lambda s: claim.escalate(
            s.case,
            s.actor,
            confirm_no_agreement=request.confirm_no_agreement,
            claim_reason=request.claim_reason,
            text=request.text,
            now=s.now,
        ),
    )


def set_evidence_window(
    context: Context, command: Command, dispute_id: str, request: EvidenceWindowRequest
) -> Answer:
    """200: another date for the evidence, by the team (R22)."""
    due_at = whole_ms(request.due_at)
    return execute(
        context,
        command,
        dispute_id,
        Action.SET_EVIDENCE_WINDOW,
        lambda s: claim.set_evidence_window(s.case, s.actor, due_at, s.now),
    )


def decide_claim(
    context: Context,
    command: Command,
    dispute_id: str,
    request: DecisionRequest,
    confirm_above: Mapping[str, int] = NO_LIMITS,
) -> Answer:
    """200: the final decision, or a return to wait for (R24, R25, R36); 403 for who has left the team (R47).

    202 where more is at stake than `confirm_above` says (minor units by currency): the ruling waits for its
    confirmation, and the case stays as it is.
    """
    ruling = ruling_of(request)

    def decide(s: ActionInput) -> Change | Unseen:
        outcome = ruled(s, ruling)
        if not confirmations.needs_confirmation(s.case, confirm_above):
            return claim.take_effect(s.case, s.actor, outcome, s.now)
        kept = confirmations.wait(s.case, s.actor, outcome, context.ids.team_row_id("dc"), s.now)
        document = pending_decision_document(confirmations.waiting(s.case, kept), kept)
        answered = answer(202, document, version=s.case.version)
        return Unseen(RulingStep(dispute_id, kept, s.case.version), answered)

    return execute(
        context,
        command,
        dispute_id,
        Action.DECIDE,
        decide,
        evidence_ids=request.evidence_ids,
    )


def ruled(s: ActionInput, ruling: rulings.Ruling) -> Outcome:
    """What that ruling would end the case with; refused where it may not be made (R24, R47)."""
    shared = frozenset(evidence_id for evidence_id, item in s.evidence.items() if item.counts)
    return claim.ruled(s.case, s.actor, ruling, shared, s.now)


def ruling_of(request: DecisionRequest) -> rulings.Ruling:
    """The ruling that the request gives."""
    return rulings.Ruling(
        outcome=request.outcome,
        refund=Money(request.refund.amount_minor, request.refund.currency) if request.refund else None,
        return_required=request.return_required,
        reasons=request.reasons,
        rationale=request.rationale,
        evidence_ids=request.evidence_ids,
    )


def assign_claim(context: Context, command: Command, dispute_id: str, request: AssignRequest) -> Answer:
    """200: the claim is that case manager's; 409 for an assignee who is not in the team now (R47).

    No change of the case: nothing of it moves for the parties (R45).
    """

    def decide(case: Dispute, actor: Actor, now: datetime) -> Dispute:
        after = claim.assign(case, actor, request.assignee, now)
        if request.assignee != actor.actor_id and not context.is_member(request.assignee):
            raise ConflictError(
                "Only a present member of the Case Management Team can have the claim.",
                code="ASSIGNEE_NOT_IN_TEAM",
                rule="R47",
            )
        return after

    return _reassign(context, command, dispute_id, Action.ASSIGN, decide)


def unassign_claim(context: Context, command: Command, dispute_id: str) -> Answer:
    """200: the claim is nobody's; so too where it was already, which moves nothing (R47)."""
    return _reassign(context, command, dispute_id, Action.UNASSIGN, claim.unassign)


def _reassign(
    context: Context,
    command: Command,
    dispute_id: str,
    action: Action,
    decide: Callable[[Dispute, Actor, datetime], Dispute],
) -> Answer:
    def attempt() -> Answer:
        loaded, role = load_case_for(context.cases, command, dispute_id, action)
        if (stored := stored_response(command, loaded.idempotency)) is not None:
            return stored
        check_version(command, loaded.case)
        now, actor = context.clock.now(), Actor(role, command.caller.caller_id)
        require_member(context, actor.actor_id)
        after = decide(loaded.case, actor, now)
        given = dispute_answer(after, role, now, actor.actor_id)
        if action is Action.UNASSIGN and loaded.case.assigned_to is None:
            already = already_so(command, dispute_id, given)
            if already.beside is not None:
                context.cases.keep_beside(already.beside, now=now, idempotency=already.idempotency)
            return given
        keep_holder(context, command, loaded.case, after, given, now)
        return given

    return retry_on_conflict(attempt)


def keep_holder(
    context: Context, command: Command, case: Dispute, after: Dispute, given: Answer, now: datetime
) -> None:
    """Commit who has the claim, with the command's answer. Raises ConflictingWriteError where others came first."""
    context.cases.keep_assignment(
        Assignment(case.dispute_id, command.caller.caller_id, after.assigned_to, case.assigned_to),
        now=now,
        idempotency=idempotency_record_of(command, given),
    )


def request_evidence(
    context: Context, command: Command, dispute_id: str, request: EvidenceQuestionRequest
) -> Answer:
    """200: a new evidence window is open; twice at most, and twice more about a return (R42)."""
    asked = claim.EvidenceQuestion(
        Role(request.party), request.types, whole_ms(request.due_at), request.question
    )
    return execute(
        context,
        command,
        dispute_id,
        Action.REQUEST_EVIDENCE,
        lambda s: claim.request_evidence(s.case, s.actor, asked, s.now),
    )
