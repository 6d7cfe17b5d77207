"""Consumer of the mail events' queue: what SES reports of bounces, complaints, refusals and delays.

Takes messages whose body is an EventBridge event of SES and answers with those that failed. The queue delivers these
again, five times in all, then keeps them for an operator.
"""

from typing import Any

from buyer_protection.application.mails.bounces import process_mail_event
from buyer_protection.composition import container
from buyer_protection.runtime import bus_events, mail_events
from buyer_protection.runtime.observability import count, worker
from buyer_protection.runtime.queues import process_messages


@worker("receive_mail_events")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Process each event, whatever becomes of the others."""
    return process_messages("receive_mail_events", event, _process)


def _process(body: str, ids: dict[str, object]) -> None:
    # `message_id` is SES's here.
    ids["queue_message_id"] = ids.pop("message_id")
    try:
        envelope = bus_events.envelope_of(body)
        ids |= mail_events.ids_of(envelope)
        mail_event = mail_events.read(envelope)
        outcome = process_mail_event(container.get().bounce_handler, mail_event)
    except Exception as failure:
        ids |= bus_events.codes_of(failure)
        count("mail_event", "FAILED", ids)
        raise
    count("mail_event", mail_event.kind, {**ids, "taken": outcome})
