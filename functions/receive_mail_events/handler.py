"""Consumer of the mail events' queue: what SES reports of bounces, complaints, refusals and delays.

Takes messages whose body is an EventBridge event of SES and answers with those that failed. The queue delivers these
again, five times in all, then keeps them for an operator.
"""

from typing import Any

from buyer_protection.application.mails.bounces import process_mail_event
from buyer_protection.composition import container
from buyer_protection.runtime import bus_events, mail_events
from buyer_protection.runtime.observability import count, log_failure, worker


@worker("receive_mail_events")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Process each event, whatever becomes of the others."""
    return {
        "batchItemFailures": [
            {"itemIdentifier": message["messageId"]} for message in event["Records"] if not _process(message)
        ]
    }


def _process(message: dict[str, Any]) -> bool:
    ids: dict[str, object] = {"queue_message_id": message["messageId"]}
    try:
        envelope = bus_events.envelope_of(message["body"])
        ids |= mail_events.ids_of(envelope)
        mail_event = mail_events.read(envelope)
        outcome = process_mail_event(container.get().bounce_handler, mail_event)
    except Exception as failure:  # noqa: BLE001 - one event keeps no other back; the queue tries it again
        log_failure("receive_mail_events", failure, {**ids, **bus_events.codes_of(failure)})
        count("mail_event", "FAILED", ids)
        return False
    count("mail_event", mail_event.kind, {**ids, "taken": outcome})
    return True
