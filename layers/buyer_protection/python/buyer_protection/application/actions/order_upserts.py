"""The shop says what an order is: by a call, or over the bus (R2, R3, R38, R39).

The order, its ledger and the dispute that is open change in one transaction.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Command, check_precondition, require_system
from buyer_protection.application.actions.orders import is_completed
from buyer_protection.application.changes import retry_on_conflict
from buyer_protection.application.mails.bounces import remove_outdated_notices
from buyer_protection.application.ports.errors import ConflictingWriteError
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.orders import LoadedOrder, OrderChange
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.order_documents import order_document
from buyer_protection.application.schemas.requests import ContactModel, OrderRequest
from buyer_protection.domain.doubts import check_possible
from buyer_protection.domain.enums import OrderCause, Role
from buyer_protection.domain.errors import (
    ConflictError,
    FieldError,
    InvalidRequestError,
    check_all,
)
from buyer_protection.domain.order import Contact, Order, OrderItem, OrderLedger, Shipment
from buyer_protection.domain.order_changes import (
    Cause,
    check_fixed,
    fixed_members,
    follow,
    ledger_after,
    without_fixed,
)
from buyer_protection.domain.timeline import CLOCK_SKEW, whole_ms
from buyer_protection.domain.tracking import Followed, Known


class Upsert(StrEnum):
    """What became of an order that came over the bus."""

    TAKEN = "TAKEN"
    # It would have changed what is fixed; everything else of it was taken (R38).
    TAKEN_BUT_FIXED = "ORDER_FIXED"
    OLDER = "OLDER"


def put_order(context: Context, command: Command, order_id: str, request: OrderRequest) -> Answer:
    """200 (201 the first time) with the order; what disputes and tracking made of it stays as it is.

    409 `ORDER_IS_NEWER` where `as_of` is older than what is kept, `ORDER_FIXED` for other parties or another currency
    than those of its dispute (R38); 412 where `If-Match` or `If-None-Match` does not allow it.
    """
    require_system(command.caller)

    def attempt() -> Answer:
        now = context.clock.now()
        said = whole_ms(request.as_of) if request.as_of else now
        new = _projection(order_id, request, said)
        _check_instants(new, now)
        read = context.orders.load_for_upsert(new)
        known = read.loaded
        # What is said to lie a little ahead is of now (R41), or the true order of the next minute would be the older.
        as_of = min(said, now)
        new = replace(new, as_of=as_of)
        check_possible(new)
        new = new.as_registered(known.order if known is not None else None, context.policy, now)
        if request.as_of is None and known is not None:
            new = _as_kept(new, known.order)
        _check_revision(command, known)
        if known is None:
            return _document(context, _first(context, new, read.holds), OrderLedger(order_id), is_new=True)
        if request.as_of is not None and known.order.as_of is not None and as_of < known.order.as_of:
            raise ConflictError("What is kept of the order is newer.", code="ORDER_IS_NEWER")
        check_fixed(known.order, known.ledger, new)
        order, ledger = _change(context, known, new, now, read.holds, command.correlation_id)
        return _document(context, order, ledger, is_new=False)

    return retry_on_conflict(attempt)


def take_order(context: Context, order_id: str, request: OrderRequest, as_of: datetime) -> Upsert:
    """The same from the event bus, where events overtake each other: an older one changes nothing, and of one that
    would change what is fixed the rest is taken, so that tracking is never lost for it (R38). One with a text that
    nobody can see is taken with a warning."""

    def attempt() -> Upsert:
        now = context.clock.now()
        # R41: an order of the future would refuse every later one; it is of now.
        new = _projection(order_id, request, min(as_of, now))
        _check_instants(new, now)
        read = context.orders.load_for_upsert(new)
        known = read.loaded
        new = new.as_registered(known.order if known is not None else None, context.policy, now)
        if known is None:
            check_possible(new, must_be_legible=False)
            _first(context, new, read.holds)
            return Upsert.TAKEN
        if known.order.as_of is not None and as_of < known.order.as_of:
            return Upsert.OLDER
        is_fixed = fixed_members(known.order, known.ledger, new)
        # Only what is taken has to be possible.
        new = without_fixed(known.order, known.ledger, new)
        check_possible(new, must_be_legible=False)
        _change(context, known, new, now, read.holds)
        return Upsert.TAKEN_BUT_FIXED if is_fixed else Upsert.TAKEN

    return retry_on_conflict(attempt)


def _check_instants(order: Order, now: datetime) -> None:
    """R41: 400 that names every instant that lies in the future and cannot."""
    said = {"/as_of": order.as_of, "/placed_at": order.placed_at}
    said |= {f"/shipments/{number}/shipped_at": it.shipped_at for number, it in enumerate(order.shipments)}
    wrong = [name for name, at in said.items() if at is not None and at > now + CLOCK_SKEW]
    if wrong:
        raise InvalidRequestError(
            "An order, its placing and its shipments cannot lie in the future.",
            rule="R41",
            fields=[FieldError(name, "IN_THE_FUTURE") for name in wrong],
        )


def _as_kept(new: Order, kept: Order) -> Order:
    """The same order once more keeps the instant for which it was said first."""
    again = replace(new, as_of=kept.as_of)
    return again if replace(again, revision=kept.revision) == kept else new


def _check_revision(command: Command, known: LoadedOrder | None) -> None:
    revision = None if known is None else known.order.revision
    kept = "not kept" if revision is None else f"at revision {revision}"
    check_precondition(command, revision, f"The order is {kept}.")


def _first(context: Context, new: Order, holds: Mapping[str, bool]) -> Order:
    order = replace(new, revision=1)
    if not context.orders.put(order, context.clock.now(), holds=holds):
        raise ConflictingWriteError
    return order


def _change(
    context: Context,
    known: LoadedOrder,
    new: Order,
    now: datetime,
    holds: Mapping[str, bool],
    correlation_id: str | None = None,
) -> tuple[Order, OrderLedger]:
    order, ledger, followed = replace(new, revision=known.order.revision), known.ledger, None
    # The same snapshot once more is no revision: the bus delivers at least once.
    if order != known.order:
        order = replace(order, revision=order.revision + 1)
        ledger = ledger_after(known.order, known.ledger, order)
        if ledger != known.ledger:
            followed = follow_open_case(context, known, order, ledger, Cause(OrderCause.ORDER), now)
            followed = followed and followed.from_call(correlation_id)
        context.orders.change(OrderChange(known, order, ledger, now, followed, holds=holds))
    if known.ledger.active_dispute_id is not None:
        # A party with another address is shown nothing about the old one any more.
        remove_outdated_notices(context.cases, known.ledger.active_dispute_id, order)
    return order, ledger


def follow_open_case(
    context: Context, known: LoadedOrder, order: Order, ledger: OrderLedger, cause: Cause, now: datetime
) -> Followed | None:
    """What becomes of the dispute that holds the order; None where none does."""
    dispute_id = known.ledger.active_dispute_id
    if dispute_id is None:
        return None
    loaded = context.cases.load(dispute_id)
    if loaded is None or loaded.case.is_closed:
        # It has ended since the ledger was read.
        raise ConflictingWriteError
    return follow(loaded.case, order, ledger, cause, now, Known(known.order, known.ledger))


def _document(context: Context, order: Order, ledger: OrderLedger, *, is_new: bool) -> Answer:
    completed = is_completed(context, order, ledger)
    document = order_document(order, ledger, context.policy, Role.SYSTEM, completed, context.clock.now())
    location = f"/v1/orders/{order.order_id}" if is_new else None
    return answer(201 if is_new else 200, document, version=order.revision, location=location)


def _projection(order_id: str, request: OrderRequest, as_of: datetime) -> Order:
    item_ids = [item.item_id for item in request.items]
    check_all(
        lambda: _check_unique("/items", item_ids, "item_id"),
        lambda: _check_unique("/shipments", [s.shipment_id for s in request.shipments], "shipment_id"),
        lambda: _check_carried(request, set(item_ids)),
    )
    address = request.delivery_address
    return Order(
        order_id=order_id,
        buyer_id=request.buyer_id,
        seller_id=request.seller_id,
        buyer=_contact(request.buyer),
        seller=_contact(request.seller),
        currency=request.currency,
        items=tuple(OrderItem(i.item_id, i.title, i.quantity, i.amount_minor) for i in request.items),
        placed_at=whole_ms(request.placed_at),
        shipments=tuple(
            Shipment(
                s.shipment_id,
                s.carrier,
                s.tracking_number,
                whole_ms(s.shipped_at),
                s.delivery_method,
                tuple(s.item_ids),
            )
            for s in request.shipments
        ),
        guaranteed_delivery_days=request.guaranteed_delivery_days,
        explicit_completion_at=whole_ms(request.completion_at) if request.completion_at else None,
        address_lines=tuple(address.lines) if address else (),
        postal_code=address.postal_code if address else "",
        country=address.country if address else "",
        shipping_amount_minor=request.shipping_amount_minor,
        as_of=as_of,
    )


def _contact(model: ContactModel) -> Contact:
    return Contact(model.email or "", model.name, model.locale, model.time_zone)


def _check_unique(pointer: str, ids: list[str], name: str) -> None:
    seen: set[str] = set()
    wrong: list[FieldError] = []
    for index, one in enumerate(ids):
        if one in seen:
            wrong.append(FieldError(f"{pointer}/{index}/{name}", "DUPLICATE"))
        seen.add(one)
    if wrong:
        raise InvalidRequestError("Each id may stand once.", fields=wrong)


def _check_carried(request: OrderRequest, item_ids: set[str]) -> None:
    wrong = [
        FieldError(f"/shipments/{index}/item_ids", "NOT_ON_ORDER")
        for index, shipment in enumerate(request.shipments)
        if not set(shipment.item_ids) <= item_ids
    ]
    if wrong:
        raise InvalidRequestError("A shipment carries items of the order only.", fields=wrong)
