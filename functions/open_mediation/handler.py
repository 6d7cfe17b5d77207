"""Task of the state machine: opens a claim on the Case Management Team's desk (R21 to R24).

Takes the alarm, returns the alarm: where the case's execution waits next, and for how long.
"""

from typing import Any

from buyer_protection.application.workers.clock import CASE_MISSING, or_missing
from buyer_protection.application.workers.mediation import open_mediation
from buyer_protection.composition import container
from buyer_protection.domain.windows import Alarm
from buyer_protection.runtime.observability import count, worker


@worker("open_mediation")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Keep the brief with the claim; twice is once."""
    context, alarm = container.get().context, Alarm.from_event(event)
    after = or_missing(lambda: open_mediation(context.cases, context.orders, context.clock, alarm), alarm)
    if after.status == CASE_MISSING:
        count("execution", CASE_MISSING, {"dispute_id": alarm.dispute_id})
    return after.to_event()
