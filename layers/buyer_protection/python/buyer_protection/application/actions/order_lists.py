"""A party's own orders, the last placed first (R1)."""

from datetime import datetime

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command
from buyer_protection.application.actions.lists import LOOKED_AT, OnUnreadable, ignored, seller_of
from buyer_protection.application.actions.orders import is_completed
from buyer_protection.application.ports.errors import UNREADABLE
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.orders import ListedOrder, UnreadableOrder
from buyer_protection.application.schemas.answers import listed_answer
from buyer_protection.application.schemas.order_summaries import UnreadableOrderDocument, order_summary
from buyer_protection.application.schemas.page_tokens import next_place, page_token
from buyer_protection.application.schemas.queries import OrdersQuery
from buyer_protection.domain.enums import Role
from buyer_protection.domain.errors import FieldError, InvalidRequestError, Place

_PLACE = frozenset({"placed_at", "order_id"})
_BATCH = 50


def list_orders(
    context: Context, command: Command, query: OrdersQuery, on_unreadable: OnUnreadable = ignored
) -> Answer:
    """200 with a part of the caller's own orders, or of those of whom the shop's backend names; at most 200 are looked
    at for a call."""
    caller = command.caller
    if caller.is_system:
        role, party_id = _named_party(query)
    else:
        if query.buyer_id is not None:
            raise _wrong("A person lists their own orders.", FieldError("/buyer_id", "NOT_ALLOWED"))
        role = Role(query.role.upper()) if query.role is not None else Role.BUYER
        party_id = seller_of(caller, query.seller_id) if role is Role.SELLER else caller.caller_id
    reader = Role.SYSTEM if caller.is_system else role
    if reader is Role.SELLER and not caller.acts_for_seller(party_id):
        return listed_answer([], None, reader, context.clock.now())
    described = f"orders {role} {party_id} {query.updated_since}"
    place = next_place(caller.caller_id, described, query.page_token, _PLACE)
    batch = query.page_size if query.updated_since is None else _BATCH
    items: list[object] = []
    left = LOOKED_AT
    while left > 0 and len(items) < query.page_size:
        page = context.orders.page_of_party(role, party_id, limit=min(batch, left), start=place)
        left -= batch
        place = page.next_key
        for number, (one, at) in enumerate(zip(page.items, page.places, strict=True), start=1):
            shown = _shown(context, one, query.updated_since, on_unreadable)
            items += [] if shown is None else [shown]
            if len(items) == query.page_size and number < len(page.items):
                place = at
                break
        if place is None:
            break
    return listed_answer(items, page_token(caller.caller_id, described, place), reader, context.clock.now())


def _named_party(query: OrdersQuery) -> tuple[Role, str]:
    """Whose orders the shop's backend asks for: one index answers a list, so one party is named (decision 0075)."""
    if query.role is not None:
        raise _wrong("The shop's backend has no role in an order.", FieldError("/role", "NOT_ALLOWED"))
    if query.buyer_id is not None and query.seller_id is not None:
        raise _wrong("Name a buyer or a seller.", FieldError("/seller_id", "NOT_ALLOWED"))
    if query.buyer_id is not None:
        return Role.BUYER, query.buyer_id
    if query.seller_id is not None:
        return Role.SELLER, query.seller_id
    raise _wrong("Name a buyer or a seller.", FieldError("/buyer_id", "REQUIRED"))


def _wrong(detail: str, field: FieldError) -> InvalidRequestError:
    return InvalidRequestError(detail, fields=[field], fields_in=Place.QUERY)


def _shown(
    context: Context,
    one: ListedOrder | UnreadableOrder,
    updated_since: datetime | None,
    on_unreadable: OnUnreadable,
) -> object | None:
    if isinstance(one, ListedOrder):
        try:
            updated_at = one.updated_at or one.order.placed_at
            if updated_since is not None and updated_at < updated_since:
                return None
            completed = is_completed(context, one.order, one.ledger)
            return order_summary(one.order, one.ledger, context.policy, completed, updated_at)
        except UNREADABLE:
            order_id = one.order.order_id
    else:
        order_id = one.order_id
    on_unreadable(order_id)
    return UnreadableOrderDocument(order_id)
