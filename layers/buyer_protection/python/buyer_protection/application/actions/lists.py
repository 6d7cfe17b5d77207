"""The lists of disputes: one index answers a list, other filters drop rows from what it yields (R1, R24).

At most 200 rows are looked at for a call, whatever is found; an unreadable row is shown by its id alone.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Caller, Command, require_case_manager
from buyer_protection.application.ports.case_lists import CLAIM_STATUSES, Listed
from buyer_protection.application.ports.cases import CaseStore, Page
from buyer_protection.application.ports.errors import UNREADABLE
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.schemas.answers import listed_answer
from buyer_protection.application.schemas.documents import dispute_document
from buyer_protection.application.schemas.page_tokens import next_place, page_token
from buyer_protection.application.schemas.queries import HistoryQuery, ListQuery, QueueQuery, View
from buyer_protection.application.schemas.summaries import UnreadableDispute, dispute_summary
from buyer_protection.domain.available_actions import must_act
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import PARTIES, Role
from buyer_protection.domain.errors import FieldError, InvalidRequestError, Place

# Rows that one call looks at, and those of one batch: a filter may leave few of many.
LOOKED_AT = 200
_BATCH = 50
_ME, _NOBODY = "me", "none"

Fetch: TypeAlias = Callable[[int, Mapping[str, Any] | None], Page[Listed]]
OnUnreadable: TypeAlias = Callable[[str], None]

_BY_OPENING = frozenset({"opened_key"})
_BY_INSTANT = frozenset({"queue_due", "dispute_id"})


class _Source(NamedTuple):
    """The index that answers a list: `name` is part of what a token is bound to, `places` what it holds."""

    name: str
    places: frozenset[str]
    fetch: Fetch


class _List(NamedTuple):
    """A list that was asked for: which rows of its source it keeps, and how it shows them to whom."""

    source: _Source
    role: Role
    view: View
    page_size: int
    page_token: str | None
    is_filtered: bool
    keep: Callable[[Dispute], bool]


def ignored(_dispute_id: str) -> None:
    """Nobody is to hear of a row that cannot be read."""


def list_disputes(
    context: Context, command: Command, query: ListQuery, on_unreadable: OnUnreadable = ignored
) -> Answer:
    """200 with the caller's own cases, newest first; for the team, every case, newest first, or the claims of a status
    or an assignee, most urgent first."""
    caller, now = command.caller, context.clock.now()
    role = _list_role(command, query)
    if query.assigned_to is not None:
        require_case_manager(caller)
    party_id = _seller_of(command, query) if role is Role.SELLER else caller.caller_id
    if role is Role.SELLER and not caller.acts_for_seller(party_id):
        # Nothing is looked up for a stranger, so that not even a page token reveals whether the seller exists.
        return listed_answer([], None, role, now)
    is_partys = role in PARTIES
    source = (
        _of_party(context.cases, role, party_id, query)
        if is_partys
        else _of_all(context.cases, caller, query)
    )

    def keep(case: Dispute) -> bool:
        is_asked_for = _matches(case, role, query, now) and _is_assigned(case, caller, query.assigned_to)
        return is_asked_for and _is_of(caller, case, role)

    wanted = _List(source, role, query.view, query.page_size, query.page_token, bool(_filters(query)), keep)
    described = f"disputes {role} {party_id} {source.name} {_filters(query)}"
    return _answered(command, described, wanted, now, on_unreadable)


def get_mediation_queue(
    context: Context, command: Command, query: QueueQuery, on_unreadable: OnUnreadable = ignored
) -> Answer:
    """200 with the open claims by due date, overdue first; for the team (R24)."""
    require_case_manager(command.caller)
    caller, now = command.caller, context.clock.now()
    source = (
        _of_queue(context.cases, ListQuery())
        if query.assigned_to is None
        else _of_assignee(context.cases, caller, query.assigned_to)
    )

    def keep(case: Dispute) -> bool:
        return _is_of(caller, case, Role.CASE_MANAGER)

    wanted = _List(source, Role.CASE_MANAGER, query.view, query.page_size, query.page_token, False, keep)
    return _answered(command, f"queue {source.name}", wanted, now, on_unreadable)


def earlier_disputes(
    context: Context,
    command: Command,
    case: Dispute,
    party: Role,
    query: HistoryQuery,
    on_unreadable: OnUnreadable = ignored,
) -> Answer:
    """200 with what that party of the case had opened, or was asked for, before it, newest first; for the team."""
    caller, now = command.caller, context.clock.now()
    person_id = case.buyer_id if party is Role.BUYER else case.seller_id
    source = _of_party(context.cases, party, person_id, ListQuery(opened_until=case.opened_at))

    def keep(found: Dispute) -> bool:
        is_of_both = (found.buyer_id, found.seller_id) == (case.buyer_id, case.seller_id)
        return (is_of_both or not query.pair) and _is_of(caller, found, Role.CASE_MANAGER)

    wanted = _List(source, Role.CASE_MANAGER, "summary", query.page_size, query.page_token, query.pair, keep)
    described = f"history {case.dispute_id} {source.name} {query.pair}"
    return _answered(command, described, wanted, now, on_unreadable)


def _of_party(cases: CaseStore, role: Role, party_id: str, query: ListQuery) -> _Source:
    if query.order_id is not None:
        return _of_order(cases, query.order_id)

    def fetch(limit: int, start: Mapping[str, Any] | None) -> Page[Listed]:
        since, until = query.opened_from, query.opened_until
        return cases.page_of_party(role, party_id, limit=limit, start=start, since=since, until=until)

    return _Source(f"{role} {party_id}", _BY_OPENING, fetch)


def _of_all(cases: CaseStore, caller: Caller, query: ListQuery) -> _Source:
    """The narrowest index that holds all that is asked for: order, assignee, party, claims, everything."""
    if query.order_id is not None:
        return _of_order(cases, query.order_id)
    if query.assigned_to is not None:
        return _of_assignee(cases, caller, query.assigned_to)
    if query.buyer_id is not None:
        return _of_party(cases, Role.BUYER, query.buyer_id, query)
    if query.seller_id is not None:
        return _of_party(cases, Role.SELLER, query.seller_id, query)
    if query.status and CLAIM_STATUSES.issuperset(query.status):
        return _of_queue(cases, query)

    def fetch(limit: int, start: Mapping[str, Any] | None) -> Page[Listed]:
        return cases.page_of_all(limit=limit, start=start, since=query.opened_from, until=query.opened_until)

    return _Source("all", _BY_INSTANT, fetch)


def _of_queue(cases: CaseStore, query: ListQuery) -> _Source:
    statuses = frozenset(query.status) or CLAIM_STATUSES

    def fetch(limit: int, start: Mapping[str, Any] | None) -> Page[Listed]:
        return cases.page_of_queue(limit=limit, start=start, statuses=statuses, until=query.due_before)

    return _Source(f"claims {sorted(statuses)}", _BY_INSTANT, fetch)


def _assignee(caller: Caller, named: str) -> str | None:
    return {_ME: caller.caller_id, _NOBODY: None}.get(named, named)


def _is_assigned(case: Dispute, caller: Caller, named: str | None) -> bool:
    """Whether it is an open claim of whom the list is asked for, also where another index yields it (R47)."""
    if named is None:
        return True
    return case.status in CLAIM_STATUSES and case.assigned_to == _assignee(caller, named)


def _of_assignee(cases: CaseStore, caller: Caller, named: str) -> _Source:
    assignee = _assignee(caller, named)

    def fetch(limit: int, start: Mapping[str, Any] | None) -> Page[Listed]:
        return cases.page_of_assignee(assignee, limit=limit, start=start)

    return _Source(f"assigned to {assignee or '#'}", _BY_INSTANT, fetch)


def _of_order(cases: CaseStore, order_id: str) -> _Source:
    def fetch(_limit: int, start: Mapping[str, Any] | None) -> Page[Listed]:
        found = cases.cases_of_order(order_id)
        places = [{"dispute_id": one.dispute_id} for one in found]
        behind = places.index(dict(start)) + 1 if start in places else 0
        return Page(found[behind:], None, places[behind:])

    return _Source(f"order {order_id}", frozenset({"dispute_id"}), fetch)


def _answered(
    command: Command, described: str, wanted: _List, now: datetime, on_unreadable: OnUnreadable
) -> Answer:
    caller_id, source = command.caller.caller_id, wanted.source
    place = next_place(caller_id, described, wanted.page_token, source.places)
    items: list[object] = []
    left = LOOKED_AT
    batch = _BATCH if wanted.is_filtered else wanted.page_size
    while left > 0 and len(items) < wanted.page_size:
        page = source.fetch(min(batch, left), place)
        left -= batch
        further = page.next_key
        for number, (one, at) in enumerate(zip(page.items, page.places, strict=True), start=1):
            shown = _shown(one, wanted, now, caller_id, on_unreadable)
            items += [] if shown is None else [shown]
            if len(items) == wanted.page_size and number < len(page.items):
                further = at
                break
        place = further
        if place is None:
            break
    return listed_answer(items, page_token(caller_id, described, place), wanted.role, now)


def _shown(
    one: Listed, wanted: _List, now: datetime, reader_id: str, on_unreadable: OnUnreadable
) -> object | None:
    """The row as its reader sees it; None where it is filtered out."""
    if isinstance(one, Dispute):
        try:
            if not wanted.keep(one):
                return None
            if wanted.view == "full":
                return dispute_document(one, wanted.role, now, reader_id=reader_id)
            return dispute_summary(one, wanted.role, now)
        except UNREADABLE:
            pass
    on_unreadable(one.dispute_id)
    return UnreadableDispute(one.dispute_id)


def _is_of(caller: Caller, case: Dispute, role: Role) -> bool:
    """A case manager who is a party to a case is that party only; the shop's own systems are none."""
    return caller.is_system or caller.role_towards(case.buyer_id, case.seller_id) is role


def _list_role(command: Command, query: ListQuery) -> Role:
    """The role asked for; by default the team's for the team and the buyer's for everybody else."""
    if command.caller.is_system:
        if query.role is not None:
            raise InvalidRequestError(
                "The shop's backend has no role in a dispute.",
                fields=[FieldError("/role", "NOT_ALLOWED")],
                fields_in=Place.QUERY,
            )
        return Role.SYSTEM
    if query.role is not None:
        role = Role(query.role.upper())
        if role is Role.CASE_MANAGER:
            require_case_manager(command.caller)
        return role
    return Role.CASE_MANAGER if command.caller.is_case_manager else Role.BUYER


def _seller_of(command: Command, query: ListQuery) -> str:
    """Whose cases a seller's list shows: the seller named, the one that the caller is staff of, or the caller's own."""
    return seller_of(command.caller, query.seller_id)


def seller_of(caller: Caller, named: str | None) -> str:
    """The seller that the caller means: the one named, the one that they are staff of, or themselves; 400 where they
    are staff of several and name none."""
    staff_of = caller.seller_groups
    if named is not None:
        return named
    if len(staff_of) > 1:
        raise InvalidRequestError(
            "You act for several sellers: name one.",
            fields=[FieldError("/seller_id", "REQUIRED")],
            fields_in=Place.QUERY,
        )
    return staff_of[0] if staff_of else caller.caller_id


def _filters(query: ListQuery) -> list[tuple[str, object]]:
    """What drops rows from what the index yields, and what a page token is bound to."""
    ways = {"role", "page_size", "page_token", "view"}
    given = {name: getattr(query, name) for name in query.__struct_fields__ if name not in ways}
    return [(name, value) for name, value in given.items() if value not in (None, [])]


def _matches(case: Dispute, role: Role, query: ListQuery, now: datetime) -> bool:
    several = ((case.status, query.status), (case.stage, query.stage), (case.reason, query.reason))
    if any(asked and value not in asked for value, asked in several):
        return False
    one = (
        (case.order_id, query.order_id),
        (case.buyer_id, query.buyer_id),
        (case.seller_id, query.seller_id),
    )
    if any(asked is not None and value != asked for value, asked in one):
        return False
    if query.due_before is not None and ((due := _due(case)) is None or due >= query.due_before):
        return False
    if query.updated_since is not None and (case.updated_at or case.opened_at) < query.updated_since:
        return False
    if query.opened_from is not None and case.opened_at < query.opened_from:
        return False
    if query.opened_until is not None and case.opened_at >= query.opened_until:
        return False
    return query.action_required is None or (role in must_act(case, now)) is query.action_required


def _due(case: Dispute) -> datetime | None:
    """The end of the present window, as a list shows it: that of a late decision too."""
    return case.window.due(case) if case.window is not None else None
