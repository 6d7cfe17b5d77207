"""Task of the state machine and consumer of the notification queue: delivers a case's unsent mails (R23).

As a task it takes the alarm and returns the alarm. From the queue it takes messages whose body is
`{"case_id": …}` and answers with those that failed, which the queue delivers again.
"""

from typing import Any

import msgspec

from buyer_protection.application.mails.delivery import deliver_mails
from buyer_protection.application.workers.clock import next_alarm
from buyer_protection.composition import container
from buyer_protection.domain.windows import Alarm
from buyer_protection.runtime.observability import log_failure, worker


@worker("notify_parties")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Deliver the mails of one case (task) or of several (queue)."""
    if "Records" in event:
        return {
            "batchItemFailures": [failed for message in event["Records"] for failed in _from_queue(message)]
        }
    alarm = Alarm.from_event(event)
    deliver_mails(container.get().mail_delivery, alarm.dispute_id)
    context = container.get().context
    loaded = context.cases.load(alarm.dispute_id)
    return (next_alarm(loaded.case, alarm.generation, context.clock.now()) if loaded else alarm).to_event()


def _from_queue(message: dict[str, Any]) -> list[dict[str, str]]:
    dispute_id = msgspec.json.decode(message["body"])["case_id"]
    try:
        deliver_mails(container.get().mail_delivery, dispute_id)
    except Exception as failure:  # noqa: BLE001 - one case's mails keep no other's back; the queue tries again
        log_failure("notify_parties", failure, {"dispute_id": dispute_id})
        return [{"itemIdentifier": message["messageId"]}]
    return []
