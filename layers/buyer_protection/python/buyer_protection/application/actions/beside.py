"""The desk's own calls: notes, proposals, and the second confirmation of a ruling (R14, R45, R47)."""

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import (
    ActionInput,
    Command,
    Unseen,
    execute,
    load_case_for,
    require_member,
)
from buyer_protection.application.ports.beside import Note, RulingStep
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.team import Team
from buyer_protection.application.schemas.answers import offer_answer
from buyer_protection.application.schemas.desk_documents import colleagues
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.links import dispute_link
from buyer_protection.application.schemas.page_tokens import next_key, page_token
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.application.schemas.reading import listed
from buyer_protection.application.schemas.requests import NoteRequest, OfferRequest
from buyer_protection.application.schemas.team_documents import note_document, pending_decision_document
from buyer_protection.domain import confirmations, proposals
from buyer_protection.domain.dispute import Change
from buyer_protection.domain.enums import Action
from buyer_protection.domain.money import Money
from buyer_protection.domain.permissions import check
from buyer_protection.domain.rulings import KeptRuling
from buyer_protection.domain.texts import check_says_something


def write_note(context: Context, command: Command, dispute_id: str, request: NoteRequest) -> Answer:
    """201 with the note, which the team alone reads; nothing of the case moves (R45)."""

    def decide(s: ActionInput) -> Unseen:
        check(s.case, s.role, Action.WRITE_NOTE, s.now)
        check_says_something("/text", request.text)
        note_id = context.ids.team_row_id("nt")
        note = Note(dispute_id, note_id, s.actor.actor_id, request.text, s.now)
        location = f"{dispute_link(dispute_id)}/claim/notes"
        return Unseen(note, answer(201, note_document(note), version=s.case.version, location=location))

    return execute(context, command, dispute_id, Action.WRITE_NOTE, decide)


def list_notes(context: Context, team: Team, command: Command, dispute_id: str, page: PageQuery) -> Answer:
    """200 with the team's notes, oldest first, and what the team's members are called (R45)."""
    _, role = load_case_for(context.cases, command, dispute_id, Action.READ_NOTES)
    caller, query = command.caller.caller_id, f"notes {dispute_id}"
    start = next_key(caller, query, page.page_token) or {}
    found = context.cases.notes(dispute_id, after=str(start.get("after", "")), limit=page.page_size)
    items = [note_document(note) for note in found.items]
    token = page_token(caller, query, found.next_key)
    body = listed(items, token, role, context.clock.now())
    return answer(200, body | {"members": colleagues(team.names())})


def propose_settlement(context: Context, command: Command, dispute_id: str, request: OfferRequest) -> Answer:
    """201 with the proposal, which replaces the team's earlier one (R14)."""
    refund = Money(request.refund.amount_minor, request.refund.currency) if request.refund else None
    return execute(
        context,
        command,
        dispute_id,
        Action.PROPOSE,
        lambda s: proposals.propose(s.case, s.actor, request.type, refund, request.note, s.now),
        offer_answer,
    )


def confirm_decision(context: Context, command: Command, dispute_id: str, decision_id: str) -> Answer:
    """200 with the dispute: decided, or waiting for the return. Both members are in the team now (R47)."""

    def decide(s: ActionInput) -> Change:
        change = confirmations.confirm(s.case, s.actor, s.ruling, s.now)
        if change.ruling is not None:
            require_member(context, change.ruling.made_by)
        return change

    return execute(context, command, dispute_id, Action.CONFIRM_DECISION, decide, decision_id=decision_id)


def refuse_decision(context: Context, command: Command, dispute_id: str, decision_id: str) -> Answer:
    """200 with the ruling as it was refused: the claim is to be decided anew (R47)."""
    return execute(
        context,
        command,
        dispute_id,
        Action.REFUSE_DECISION,
        lambda s: _settled(s, confirmations.refuse(s.case, s.actor, s.ruling, s.now)),
        decision_id=decision_id,
    )


def withdraw_decision(context: Context, command: Command, dispute_id: str, decision_id: str) -> Answer:
    """200 with the ruling as its maker took it back (R47)."""
    return execute(
        context,
        command,
        dispute_id,
        Action.WITHDRAW_DECISION,
        lambda s: _settled(s, confirmations.withdraw(s.case, s.actor, s.ruling, s.now)),
        decision_id=decision_id,
    )


def _settled(s: ActionInput, kept: KeptRuling) -> Unseen:
    document = pending_decision_document(s.case, kept)
    return Unseen(RulingStep(s.case.dispute_id, kept), answer(200, document, version=s.case.version))
