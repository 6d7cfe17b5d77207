"""The calls that only read: disputes, their timeline, offers and evidence, the team's queue and brief."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command, load_case_for, require_case_manager
from buyer_protection.application.actions.parts import asked_part, token_onwards
from buyer_protection.application.ports.cases import Page
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.brief import claim_brief
from buyer_protection.application.schemas.documents import (
    answer,
    dispute_document,
    offer_document,
    timeline_document,
)
from buyer_protection.application.schemas.evidence_documents import evidence_document
from buyer_protection.application.schemas.page_tokens import foreign_token, next_key, page_token
from buyer_protection.application.schemas.queries import ListQuery, PageQuery, QueueQuery
from buyer_protection.application.schemas.reading import listed
from buyer_protection.domain.available_actions import must_act
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import Action, Role, Stage
from buyer_protection.domain.errors import ConflictError, FieldError, InvalidRequestError, NotFoundError
from buyer_protection.domain.evidence import is_withdrawable

# How many index pages one call reads before it returns what it has: a filter may leave few items of many.
_PAGES_PER_CALL = 5


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
    return _listed(items, token_onwards(caller, query, part, found.next_key), role, now)


def timeline_query(dispute_id: str) -> str:
    """What binds a page token to the timeline."""
    return f"timeline {dispute_id}"


def list_offers(context: Context, command: Command, dispute_id: str) -> Answer:
    """200 with all proposals, oldest first: at most twenty a side."""
    _, role = load_case_for(context.cases, command, dispute_id, Action.READ)
    items = [offer_document(dispute_id, offer) for offer in context.cases.offers(dispute_id)]
    return _listed(items, None, role, context.clock.now())


def list_evidence(context: Context, command: Command, dispute_id: str) -> Answer:
    """200 with all evidence of both sides, oldest first (R26)."""
    loaded, role = load_case_for(context.cases, command, dispute_id, Action.READ)
    now = context.clock.now()
    items = [
        evidence_document(dispute_id, item, withdrawable=is_withdrawable(loaded.case, item, role, now))
        for item in context.cases.evidence(dispute_id)
        if item.withdrawn_at is None and item.is_visible_to(role)
    ]
    return _listed(items, None, role, now)


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


def list_disputes(context: Context, command: Command, query: ListQuery) -> Answer:
    """200 with the caller's own cases, newest first; for the team, the claims (most urgent first)."""
    caller = command.caller
    role = _list_role(command, query)
    party_id = _seller_of(command, query) if role is Role.SELLER else caller.caller_id
    if role is Role.SELLER and not caller.acts_for_seller(party_id):
        # Nothing is looked up for a stranger, so that not even a page token reveals whether the seller exists.
        return _listed([], None, role, context.clock.now())
    filters = (query.status, query.stage, query.order_id, query.due_before, query.action_required)
    now = context.clock.now()
    described = f"disputes {role} {party_id} {query.seller_id} {filters}"

    def fetch(start: Mapping[str, Any] | None) -> Page[Dispute]:
        if role is Role.CASE_MANAGER:
            return context.cases.page_of_queue(limit=query.page_size, start=start)
        return context.cases.page_of_party(role, party_id, limit=query.page_size, start=start)

    def keep(case: Dispute) -> bool:
        return _matches(case, role, query, now) and caller.role_towards(case.buyer_id, case.seller_id) is role

    return _filtered(context, command, described, query, role, fetch, keep)


def get_mediation_queue(context: Context, command: Command, query: QueueQuery) -> Answer:
    """200 with the claims by due date, overdue first; for the team (R24)."""
    require_case_manager(command.caller)
    assignee = command.caller.caller_id if query.assigned_to == "me" else query.assigned_to

    def fetch(start: Mapping[str, Any] | None) -> Page[Dispute]:
        return context.cases.page_of_queue(limit=query.page_size, start=start)

    def keep(case: Dispute) -> bool:
        # A case manager who is a party to a claim is that party only.
        wanted = assignee is None or case.assigned_to == assignee
        return wanted and command.caller.role_towards(case.buyer_id, case.seller_id) is Role.CASE_MANAGER

    return _filtered(context, command, f"queue {assignee}", query, Role.CASE_MANAGER, fetch, keep)


def _filtered(
    context: Context,
    command: Command,
    described: str,
    query: PageQuery,
    role: Role,
    fetch: Callable[[Mapping[str, Any] | None], Page[Dispute]],
    keep: Callable[[Dispute], bool],
) -> Answer:
    caller = command.caller.caller_id
    start = next_key(caller, described, query.page_token)
    now, items = context.clock.now(), []
    for _ in range(_PAGES_PER_CALL):
        try:
            page = fetch(start)
        except (KeyError, ValueError) as unusable:
            # A token that somebody made up: it opens nothing, as the partition comes from the caller.
            raise foreign_token() from unusable
        items += [dispute_document(case, role, now, reader_id=caller) for case in page.items if keep(case)]
        start = page.next_key
        if start is None or items:
            break
    return _listed(items, page_token(command.caller.caller_id, described, start), role, now)


def _list_role(command: Command, query: ListQuery) -> Role:
    """The role asked for; by default the team's for the team and the buyer's for everybody else."""
    if query.role is not None:
        role = Role(query.role.upper())
        if role is Role.CASE_MANAGER:
            require_case_manager(command.caller)
        return role
    return Role.CASE_MANAGER if command.caller.is_case_manager else Role.BUYER


def _seller_of(command: Command, query: ListQuery) -> str:
    """Whose cases a seller's list shows: the seller named, the one that the caller is staff of, or the caller's own."""
    staff_of = command.caller.seller_groups
    if query.seller_id is not None:
        return query.seller_id
    if len(staff_of) > 1:
        raise InvalidRequestError(
            "You act for several sellers: name one.", fields=[FieldError("/seller_id", "REQUIRED")]
        )
    return staff_of[0] if staff_of else command.caller.caller_id


def _matches(case: Dispute, role: Role, query: ListQuery, now: datetime) -> bool:
    if query.status is not None and case.status is not query.status:
        return False
    if query.stage is not None and case.stage is not query.stage:
        return False
    if query.order_id is not None and case.order_id != query.order_id:
        return False
    if query.seller_id is not None and case.seller_id != query.seller_id:
        return False
    if query.due_before is not None and (case.deadline is None or case.deadline >= query.due_before):
        return False
    return query.action_required is None or (role in must_act(case, now)) is query.action_required


def _listed(items: list[Any], token: str | None, reader: Role, now: datetime) -> Answer:
    return answer(200, listed(items, token, reader, now))
