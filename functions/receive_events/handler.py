"""Consumer of the inbound queue: orders, tracking and payment answers that the shop's systems put on the bus.

Takes messages whose body is an EventBridge event (`docs/events/`) and answers with those that failed. The queue
delivers these again, five times in all, then keeps them for an operator.
"""

from typing import Any

from buyer_protection.application.schemas.events import INBOUND
from buyer_protection.application.workers.inbound_events import Outcome, receive_event
from buyer_protection.composition import container
from buyer_protection.runtime import bus_events
from buyer_protection.runtime.observability import count, worker
from buyer_protection.runtime.queues import process_messages

# What is said of money and we cannot process is an operator's, each time.
_ABOUT_MONEY = frozenset({"OrderRefunded", "RefundSucceeded", "RefundFailed"})


@worker("receive_events")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Process each event, whatever becomes of the others."""
    return process_messages("receive_events", event, _process)


def _process(body: str, ids: dict[str, object]) -> None:
    name = "unreadable"
    try:
        envelope = bus_events.envelope_of(body)
        ids |= bus_events.ids_of(envelope)
        kind = str(envelope.get("detail-type"))
        name = kind if kind in INBOUND else name
        read = bus_events.read(envelope)
        outcome = receive_event(container.get().context, read.event, read.sent_at)
    except Exception as failure:
        codes = bus_events.codes_of(failure)
        ids |= codes
        count(name, str(codes.get("code", "FAILED")), ids)
        if "code" in codes and name in _ABOUT_MONEY:
            count("refund", "ANSWER_REFUSED", ids)
        raise
    if outcome is Outcome.ABOVE_WHAT_IS_LEFT:
        count("refund", outcome, ids)
    count(name, outcome if outcome is not Outcome.RECORDED else "ACCEPTED", ids)
