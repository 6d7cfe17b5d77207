"""Money that the shop gave back outside of disputes, by a call or over the bus: it enters the ledger once (R39)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import (
    Command,
    idempotency_record_of,
    require_system,
    stored_response,
)
from buyer_protection.application.actions.order_upserts import follow_open_case
from buyer_protection.application.changes import Decision, change_case, retry_on_conflict
from buyer_protection.application.ports.idempotency import Answer
from buyer_protection.application.ports.orders import (
    LoadedOrder,
    OrderChange,
    named_dispute,
    payment_of,
    reversal_of,
)
from buyer_protection.application.schemas.amounts import MoneyDocument, money
from buyer_protection.application.schemas.documents import answer
from buyer_protection.application.schemas.instants import At
from buyer_protection.application.schemas.requests import RefundElsewhereRequest
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundKind, RefundStatus
from buyer_protection.domain.errors import (
    ConflictError,
    FieldError,
    ImpossibleError,
    InvalidRequestError,
    NotFoundError,
)
from buyer_protection.domain.ledger import RefundElsewhere, is_above_left, with_given_back
from buyer_protection.domain.money import Money
from buyer_protection.domain.order import DisputedItem, Order
from buyer_protection.domain.order_changes import cause_of
from buyer_protection.domain.refunds import RefundAnswer, is_of_another_era, note_answer, payment_number
from buyer_protection.domain.timeline import CLOCK_SKEW, instant, whole_ms


class RefundedItemDocument(Struct, frozen=True):
    """What was given back for so many units of one line."""

    item_id: str
    quantity: int
    amount: MoneyDocument


class RefundElsewhereDocument(Struct, frozen=True):
    """A refund elsewhere as it was taken; `is_ours` where it paid a dispute's own refund, which was counted before."""

    refund_id: str
    order_id: str
    kind: RefundKind
    amount: MoneyDocument
    items: Sequence[RefundedItemDocument]
    occurred_at: At
    reverses: str | None
    is_ours: bool


class Noted(NamedTuple):
    """The answer; whether more was given back than the order or a line had left, which an operator must hear of.

    `paid`: the payment of a dispute's own refund, where it is one.
    """

    answer: Answer
    is_above_left: bool = False
    paid: RefundElsewhere | None = None


def record_refund(
    context: Context, command: Command, order_id: str, request: RefundElsewhereRequest
) -> Noted:
    """201 with the refund, 200 where it was known already; what the open dispute can grant follows in the same write.

    409 `EVENT_ID_REUSED` where the id stood for other facts. What is more than the order or a line of it has left is
    taken all the same: the money is gone.
    """
    require_system(command.caller)

    def attempt() -> Noted:
        now = context.clock.now()
        wanted = [request.refund_id]
        if request.reverses is not None:
            wanted += [request.reverses, reversal_of(request.reverses)]
        case, number = _paid_case(context, request), 1
        if case is not None:
            number = payment_number(case, request.refund_id)
            wanted.append(payment_of(case.dispute_id, number))
        loaded = context.orders.load(order_id, idempotency_id=command.idempotency_id, refund_ids=wanted)
        if loaded is None:
            raise NotFoundError
        kept = stored_response(command, loaded.idempotency)
        if kept is not None:
            return Noted(kept)
        refund = _refund(loaded, request, now)
        known = loaded.refunds.get(refund.refund_id)
        if known is not None:
            if not known.same_facts_as(refund):
                raise ConflictError("This id stood for another refund.", code="EVENT_ID_REUSED", rule="R41")
            return Noted(answer(200, _document(order_id, known)), paid=known if known.is_ours else None)
        _check_items(loaded.order, request)
        if refund.reverses is None:
            open_dispute = loaded.ledger.active_dispute_id or ""
            refund = replace(refund, payment=number, open_dispute=open_dispute)
            refund = replace(refund, is_ours=case is not None and _is_ours(case, loaded, refund))
        return _take(context, command, loaded, refund, now)

    noted = retry_on_conflict(attempt)
    if noted.paid is not None:
        _note_payment(context, noted.paid)
    return noted


def _note_payment(context: Context, paid: RefundElsewhere) -> None:
    """R44: a refund of ours that the shop paid by hand is paid, and asked for no more."""
    dispute_id = named_dispute(paid.refund_id, paid.dispute_id) or ""
    word = RefundAnswer(
        RefundStatus.SUCCEEDED, paid.amount, paid.occurred_at, paid.refund_id, payment=paid.payment
    )

    def load() -> Dispute:
        found = context.cases.load(dispute_id)
        if found is None:
            raise NotFoundError
        return found.case

    def decide(case: Dispute, now: datetime) -> Decision[None]:
        is_paid = case.refund_status is RefundStatus.SUCCEEDED
        return Decision(None, None if is_paid else note_answer(case, word, now))

    change_case(context.cases, context.clock, load, decide)


def _take(
    context: Context, command: Command, loaded: LoadedOrder, refund: RefundElsewhere, now: datetime
) -> Noted:
    order = loaded.order
    made = answer(201, _document(order.order_id, refund), location=f"/v1/orders/{order.order_id}")
    ledger, followed = loaded.ledger, None
    if not refund.is_ours:
        ledger = with_given_back(loaded.ledger, refund)
        followed = follow_open_case(context, loaded, order, ledger, cause_of(refund), now)
        followed = followed and followed.from_call(command.correlation_id)
    idempotency = idempotency_record_of(command, made)
    context.orders.change(OrderChange(loaded, order, ledger, now, followed, refund, idempotency))
    lowers = not refund.is_ours and refund.reverses is None
    is_above = lowers and is_above_left(order, loaded.ledger, refund)
    return Noted(made, is_above, refund if refund.is_ours else None)


def _paid_case(context: Context, request: RefundElsewhereRequest) -> Dispute | None:
    """The dispute whose refund is named, by `rf-…` or by itself."""
    dispute_id = named_dispute(request.refund_id, request.dispute_id)
    found = context.cases.load(dispute_id) if dispute_id is not None else None
    return None if found is None else found.case


def _is_ours(case: Dispute, loaded: LoadedOrder, refund: RefundElsewhere) -> bool:
    """Whether it is the refund that this dispute of the order ended with: of exactly that amount, and the first that
    says so, or the first since the last payment came back. Anything else is money given back besides."""
    if case.order_id != loaded.order.order_id or is_of_another_era(case, refund.refund_id):
        return False
    before = loaded.refunds.get(payment_of(case.dispute_id, refund.payment))
    if before is not None and before.refund_id != refund.refund_id:
        return False
    return case.outcome is not None and case.outcome.refund == refund.amount


def _refund(loaded: LoadedOrder, request: RefundElsewhereRequest, now: datetime) -> RefundElsewhere:
    order = loaded.order
    if request.occurred_at > now + CLOCK_SKEW:
        raise InvalidRequestError(
            "A refund cannot lie in the future.",
            rule="R41",
            fields=[FieldError("/occurred_at", "IN_THE_FUTURE")],
        )
    amount = Money(request.amount.amount_minor, request.amount.currency).same_currency_as(
        order.paid(), rule="R39"
    )
    if amount.is_zero():
        raise ImpossibleError("A refund is of something.", rule="R39")
    _check_names_one(request)
    refund = RefundElsewhere(
        request.refund_id,
        request.kind,
        amount,
        whole_ms(request.occurred_at),
        *_by_line(request, amount),
        reverses=request.reverses,
        dispute_id=request.dispute_id,
    )
    return refund if request.reverses is None else _reversal(loaded, refund, request.reverses)


def _check_names_one(request: RefundElsewhereRequest) -> None:
    """R41: 400 where the id is that of one dispute's refund, and `dispute_id` names another dispute."""
    by_id = named_dispute(request.refund_id, None)
    if request.dispute_id is not None and by_id not in (None, request.dispute_id):
        raise InvalidRequestError(
            "The refund's id is that of another dispute.",
            rule="R41",
            fields=[FieldError("/dispute_id", "NOT_ALLOWED")],
        )


def _check_items(order: Order, request: RefundElsewhereRequest) -> None:
    """400 for what is not on the order. What was cancelled may have left it already: the money is gone all the same."""
    if request.kind is not RefundKind.CANCELLATION:
        order.named_items([DisputedItem(item.item_id, item.quantity) for item in request.items])


def _by_line(request: RefundElsewhereRequest, amount: Money) -> tuple[dict[str, int], dict[str, int]]:
    """Minor units and units, by line."""
    for item in request.items:
        Money(item.amount.amount_minor, item.amount.currency).same_currency_as(amount, rule="R39")
    amounts: dict[str, int] = {}
    for number, item in enumerate(request.items):
        if item.item_id in amounts:
            raise InvalidRequestError(
                "Each line may be named once.",
                rule="R41",
                fields=[FieldError(f"/items/{number}/item_id", "DUPLICATE")],
            )
        amounts[item.item_id] = item.amount.amount_minor
    if sum(amounts.values()) > amount.amount_minor:
        raise ImpossibleError("The items' amounts are more than the refund.", rule="R39")
    return amounts, {item.item_id: item.quantity for item in request.items}


def _reversal(loaded: LoadedOrder, refund: RefundElsewhere, reversed_id: str) -> RefundElsewhere:
    """The refund that takes that one back: as a whole, and once."""
    original = loaded.refunds.get(reversed_id)
    if original is None or original.reverses is not None or original.is_ours:
        raise ConflictError("There is no such refund to take back.", code="NOTHING_TO_REVERSE", rule="R39")
    if original.amount != refund.amount:
        raise ImpossibleError("A refund is taken back as a whole.", rule="R39")
    before = loaded.refunds.get(reversal_of(reversed_id))
    if before is not None and before.refund_id != refund.refund_id:
        raise ConflictError("It was taken back before.", code="NOTHING_TO_REVERSE", rule="R39")
    return replace(refund, items=original.items, units=original.units, open_dispute=original.open_dispute)


def _document(order_id: str, refund: RefundElsewhere) -> RefundElsewhereDocument:
    currency = refund.amount.currency
    return RefundElsewhereDocument(
        refund_id=refund.refund_id,
        order_id=order_id,
        kind=refund.kind,
        amount=money(refund.amount),
        items=[
            RefundedItemDocument(item_id, refund.units.get(item_id, 0), MoneyDocument(minor, currency))
            for item_id, minor in refund.items.items()
        ],
        occurred_at=instant(refund.occurred_at),
        reverses=refund.reverses,
        is_ours=refund.is_ours,
    )
