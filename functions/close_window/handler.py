"""Task of the state machine: the clock's own transition, if one is due (R15, R22, R24, R36).

Takes the alarm, returns the alarm: where the case's execution waits next, and for how long.
"""

from typing import Any

from buyer_protection.application.workers.clock import CASE_MISSING, close_window, or_missing
from buyer_protection.composition import container
from buyer_protection.domain.windows import Alarm
from buyer_protection.runtime.observability import count, worker


@worker("close_window")
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Close what is due."""
    built, alarm = container.get(), Alarm.from_event(event)
    context = built.context
    after = or_missing(lambda: close_window(context.cases, context.clock, alarm, built.clock_switch), alarm)
    if after.status == CASE_MISSING:
        count("execution", CASE_MISSING, {"dispute_id": alarm.dispute_id})
    return after.to_event()
