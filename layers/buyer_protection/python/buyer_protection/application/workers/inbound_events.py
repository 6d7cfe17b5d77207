"""What the shop's own systems tell over the bus: the same use cases as the API's, once per event.

Every event may come twice and out of order. What cannot be taken raises a `DisputeError` with its code.
"""

from datetime import datetime
from enum import StrEnum

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.actions.orders import record_tracking_event, take_order, whole_ms
from buyer_protection.application.changes import with_retries
from buyer_protection.application.schemas.events import (
    Inbound,
    OrderUpserted,
    RefundFailed,
    RefundSucceeded,
    TrackingUpdated,
)
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.money import Money
from buyer_protection.domain.refunds import RefundAnswer, dispute_id_of, note_answer

_SHOP = Command(Caller("event-bus", is_system=True))


class Taken(StrEnum):
    """What became of an event."""

    RECORDED = "RECORDED"
    KNOWN = "KNOWN"


def receive_event(context: Context, event: Inbound, sent_at: datetime) -> Taken:
    """Take one event; `sent_at` is when it was told, where it does not say so itself."""
    told_at = whole_ms(event.at or sent_at)
    match event:
        case OrderUpserted():
            newer = take_order(context, event.order_id, event.order, told_at)
            return Taken.RECORDED if newer else Taken.KNOWN
        case TrackingUpdated():
            told = record_tracking_event(context, _SHOP, event.order_id, event.request())
            return Taken.RECORDED if told.status == 201 else Taken.KNOWN
        case RefundSucceeded():
            return _note_refund(context, event, RefundStatus.SUCCEEDED, event.reference)
        case RefundFailed():
            return _note_refund(context, event, RefundStatus.FAILED, event.reason)


def _note_refund(
    context: Context, event: RefundSucceeded | RefundFailed, status: RefundStatus, note: str | None
) -> Taken:
    amount = Money(event.amount_minor, event.currency)
    answer = RefundAnswer(status, amount, whole_ms(event.occurred_at), note or "")

    def attempt() -> Taken:
        loaded = context.cases.load(dispute_id_of(event.refund_id))
        if loaded is None:
            raise NotFoundError
        now = context.clock.now()
        change = note_answer(loaded.case, answer, now)
        if change is None:
            return Taken.KNOWN
        context.cases.commit(change, now=now, by_clock=True)
        return Taken.RECORDED

    return with_retries(attempt)
