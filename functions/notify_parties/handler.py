"""Task of the state machine and consumer of the notification queue: delivers a case's unsent mails (R23).

As a task it takes the alarm and returns the alarm. From the queue it takes messages whose body is
`{"case_id": …, "correlation_id"?: …}` and answers with those that failed, which the queue delivers again.
"""

from typing import Any

import msgspec

from buyer_protection.application.mails.delivery import deliver_mails
from buyer_protection.application.workers.clock import next_alarm
from buyer_protection.composition import container
from buyer_protection.domain.windows import Alarm
from buyer_protection.runtime.incoming import is_id
from buyer_protection.runtime.observability import worker


@worker("notify_parties")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Deliver the mails of one case (task) or of several (queue)."""
    if "Records" in event:
        # A task of the state machine reads no queue, and pays nothing for it at its cold start.
        from buyer_protection.runtime.queues import process_messages

        return process_messages("notify_parties", event, _deliver)
    alarm = Alarm.from_event(event)
    deliver_mails(container.get().mail_delivery, alarm.dispute_id)
    context = container.get().context
    loaded = context.cases.load(alarm.dispute_id)
    return (next_alarm(loaded.case, alarm.generation, context.clock.now()) if loaded else alarm).to_event()


def _deliver(body: str, ids: dict[str, object]) -> None:
    asked = msgspec.json.decode(body)
    ids["dispute_id"] = asked["case_id"]
    if is_id(asked.get("correlation_id")):
        ids["correlation_id"] = asked["correlation_id"]
    deliver_mails(container.get().mail_delivery, asked["case_id"])
