"""The calls that only read: disputes, their timeline, offers and evidence, the team's brief."""

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command, load_case_for
from buyer_protection.application.actions.parts import asked_part, token_onwards
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.answers import listed_answer
from buyer_protection.application.schemas.brief import claim_brief
from buyer_protection.application.schemas.documents import (
    answer,
    dispute_document,
    offer_document,
    timeline_document,
)
from buyer_protection.application.schemas.evidence_documents import evidence_document
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.domain.enums import Action, Stage
from buyer_protection.domain.errors import ConflictError, NotFoundError
from buyer_protection.domain.evidence import is_withdrawable


def get_dispute(context: Context, command: Command, dispute_id: str) -> Answer:
    """200 with the dispute as the caller sees it."""
    loaded, role = load_case_for(context.cases, command, dispute_id, Action.READ)
    reader_id = command.caller.caller_id
    document = dispute_document(loaded.case, role, context.clock.now(), reader_id=reader_id)
    return answer(200, document, version=loaded.case.version)


def get_timeline(context: Context, command: Command, dispute_id: str, page: PageQuery) -> Answer:
    """200 with the entries, oldest first; the chain can be checked by anybody who reads them all."""
    _, role = load_case_for(context.cases, command, dispute_id, Action.READ)
    now = context.clock.now()
    caller, query = command.caller.caller_id, timeline_query(dispute_id)
    part = asked_part(caller, query, page.page_token, "after_seq", page.page_size)
    found = context.cases.timeline(dispute_id, after_seq=part.after, limit=part.limit)
    items = [timeline_document(entry, role) for entry in found.items]
    return listed_answer(items, token_onwards(caller, query, part, found.next_key), role, now)


def timeline_query(dispute_id: str) -> str:
    """What binds a page token to the timeline."""
    return f"timeline {dispute_id}"


def list_offers(context: Context, command: Command, dispute_id: str) -> Answer:
    """200 with all proposals, oldest first: at most twenty a side."""
    _, role = load_case_for(context.cases, command, dispute_id, Action.READ)
    items = [offer_document(dispute_id, offer) for offer in context.cases.offers(dispute_id)]
    return listed_answer(items, None, role, context.clock.now())


def list_evidence(context: Context, command: Command, dispute_id: str) -> Answer:
    """200 with all evidence of both sides, oldest first (R26)."""
    loaded, role = load_case_for(context.cases, command, dispute_id, Action.READ)
    now = context.clock.now()
    items = [
        evidence_document(dispute_id, item, withdrawable=is_withdrawable(loaded.case, item, role, now))
        for item in context.cases.evidence(dispute_id)
        if item.withdrawn_at is None and item.is_visible_to(role)
    ]
    return listed_answer(items, None, role, now)


def get_claim_brief(context: Context, command: Command, dispute_id: str) -> Answer:
    """200 with the dossier of a claim, for the team; 409 before it was escalated (R24)."""
    load_case_for(context.cases, command, dispute_id, Action.READ_CLAIM_BRIEF)
    dossier = context.cases.dossier(dispute_id)
    if dossier is None:
        raise NotFoundError(rule="R1")
    if dossier.case.escalated_at is None and dossier.case.stage is not Stage.CLAIM:
        raise ConflictError("This dispute is not a claim.", rule="R24")
    brief = claim_brief(
        dossier, context.orders.load(dossier.case.order_id), context.clock, command.caller.caller_id
    )
    return answer(200, brief, version=dossier.case.version)
