"""What the shop's own systems report over the bus: the same use cases as the API's, once per event.

Every event may come twice and out of order. What cannot be accepted raises a `DisputeError` with its code.
"""

from datetime import datetime
from enum import StrEnum

from buyer_protection.application.actions.context import Context
from buyer_protection.application.actions.execute import Caller, Command
from buyer_protection.application.actions.order_upserts import Upsert, take_order
from buyer_protection.application.actions.orders import record_tracking_event
from buyer_protection.application.actions.refunds_elsewhere import record_refund
from buyer_protection.application.changes import Decision, change_case
from buyer_protection.application.schemas.events import (
    Inbound,
    OrderRefunded,
    OrderUpserted,
    RefundFailed,
    RefundSucceeded,
    TrackingUpdated,
)
from buyer_protection.domain.dispute import Dispute
from buyer_protection.domain.enums import RefundStatus
from buyer_protection.domain.errors import NotFoundError
from buyer_protection.domain.money import Money
from buyer_protection.domain.refunds import RefundAnswer, check_era, dispute_id_of, note_answer
from buyer_protection.domain.timeline import whole_ms

_SHOP = Command(Caller("event-bus", is_system=True))


class Outcome(StrEnum):
    """What became of an event."""

    RECORDED = "RECORDED"
    KNOWN = "KNOWN"
    # An order of which all but its fixed members was taken (R38).
    ORDER_FIXED = "ORDER_FIXED"
    # A refund elsewhere of more than the order or a line had left: taken, and an operator must look at it (R39).
    ABOVE_WHAT_IS_LEFT = "ABOVE_WHAT_IS_LEFT"


_OUTCOMES = {
    Upsert.TAKEN: Outcome.RECORDED,
    Upsert.TAKEN_BUT_FIXED: Outcome.ORDER_FIXED,
    Upsert.OLDER: Outcome.KNOWN,
}


def receive_event(context: Context, event: Inbound, sent_at: datetime) -> Outcome:
    """Process one event; `sent_at` is its instant where it does not carry one itself."""
    as_of = whole_ms(event.at or sent_at)
    match event:
        case OrderUpserted():
            return _OUTCOMES[take_order(context, event.order_id, event.order, as_of)]
        case TrackingUpdated():
            answer = record_tracking_event(context, _SHOP, event.order_id, event.request())
            return Outcome.RECORDED if answer.status == 201 else Outcome.KNOWN
        case OrderRefunded():
            noted = record_refund(context, _SHOP, event.order_id, event.request())
            if noted.is_above_left:
                return Outcome.ABOVE_WHAT_IS_LEFT
            return Outcome.RECORDED if noted.answer.status == 201 else Outcome.KNOWN
        case RefundSucceeded():
            return _note_refund(context, event, RefundStatus.SUCCEEDED, event.reference)
        case RefundFailed():
            return _note_refund(context, event, RefundStatus.FAILED, event.reason)


def _note_refund(
    context: Context, event: RefundSucceeded | RefundFailed, status: RefundStatus, note: str | None
) -> Outcome:
    amount = Money(event.amount_minor, event.currency)
    # R41: what is said to come is of now; it is never lost for it, and no later answer is older than it.
    occurred_at = min(whole_ms(event.occurred_at), context.clock.now())
    answer = RefundAnswer(status, amount, occurred_at, note or "", event.attempt)

    def load() -> Dispute:
        loaded = context.cases.load(dispute_id_of(event.refund_id))
        if loaded is None:
            raise NotFoundError
        return loaded.case

    def decide(case: Dispute, now: datetime) -> Decision[Outcome]:
        check_era(case, event.refund_id)
        change = note_answer(case, answer, now)
        if change is None:
            return Decision(Outcome.KNOWN)
        return Decision(Outcome.RECORDED, change)

    return change_case(context.cases, context.clock, load, decide)
