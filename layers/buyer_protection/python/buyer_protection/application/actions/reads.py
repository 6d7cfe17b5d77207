"""The calls that only read: disputes, their timeline, offers and evidence, the team's brief."""

from typing import Any

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command, load_case_for
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.brief import claim_brief
from buyer_protection.application.schemas.documents import (
    answer,
    dispute_document,
    offer_document,
    timeline_document,
)
from buyer_protection.application.schemas.evidence_documents import evidence_document
from buyer_protection.application.schemas.page_tokens import next_key, page_token
from buyer_protection.application.schemas.queries import PageQuery
from buyer_protection.domain.enums import Action, Stage
from buyer_protection.domain.errors import ConflictError, NotFoundError


def get_dispute(context: Context, command: Command, dispute_id: str) -> Answer:
    """200 with the dispute as the caller sees it."""
    loaded, role = load_case_for(context.cases, command, dispute_id, Action.READ)
    reader_id = command.caller.caller_id
    document = dispute_document(loaded.case, role, context.clock.now(), reader_id=reader_id)
    return answer(200, document, version=loaded.case.version)


def get_timeline(context: Context, command: Command, dispute_id: str, page: PageQuery) -> Answer:
    """200 with the entries, oldest first; the chain can be checked by anybody who reads them all."""
    _, role = load_case_for(context.cases, command, dispute_id, Action.READ)
    query = f"timeline {dispute_id}"
    start = next_key(command.caller.caller_id, query, page.page_token) or {}
    after_seq = start.get("after_seq", 0)
    found = context.cases.timeline(
        dispute_id, after_seq=after_seq if isinstance(after_seq, int) else 0, limit=page.page_size
    )
    items = [timeline_document(entry, role) for entry in found.items]
    return listed(items, page_token(command.caller.caller_id, query, found.next_key))


def list_offers(context: Context, command: Command, dispute_id: str) -> Answer:
    """200 with all proposals, oldest first: at most twenty a side."""
    load_case_for(context.cases, command, dispute_id, Action.READ)
    return listed([offer_document(dispute_id, offer) for offer in context.cases.offers(dispute_id)], None)


def list_evidence(context: Context, command: Command, dispute_id: str) -> Answer:
    """200 with all evidence of both sides, oldest first (R26)."""
    _, role = load_case_for(context.cases, command, dispute_id, Action.READ)
    standing = [
        item
        for item in context.cases.evidence(dispute_id)
        if item.withdrawn_at is None and item.is_visible_to(role)
    ]
    return listed([evidence_document(dispute_id, item) for item in standing], None)


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


def listed(items: list[Any], token: str | None) -> Answer:
    """200 with a part of a list, and the token of the next part if there is one."""
    body: dict[str, Any] = {"items": items}
    if token is not None:
        body["next_page_token"] = token
    return answer(200, body)
